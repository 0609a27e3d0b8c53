# shellcheck shell=bash disable=SC2034
PACKAGES='apache2 wrk'
HOW='mpm_event, a worker process of 25 threads; wrk'
start() {
	mkdir "$DIR/www"
	seq 2000 >"$DIR/www/index.html"
	cat >"$DIR/apache.conf" <<END
ServerRoot $DIR
ServerName localhost
PidFile $DIR/pid
Mutex file:$DIR
Listen 127.0.0.1:$PORT
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule deflate_module /usr/lib/apache2/modules/mod_deflate.so
LoadModule filter_module /usr/lib/apache2/modules/mod_filter.so
StartServers 1
ServerLimit 1
MaxRequestWorkers 25
User www-data
Group www-data
ErrorLog $DIR/error.log
DocumentRoot $DIR/www
DirectoryIndex index.html
SetOutputFilter DEFLATE
END
	serve apache2 -D FOREGROUND -f "$DIR/apache.conf"
	wait_for listens "$PORT"
	use_child "$PID"
}
load() {
	generate_http -H 'Accept-Encoding: gzip' \
		"http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
