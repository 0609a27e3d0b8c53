# shellcheck shell=bash disable=SC2034
PACKAGES='nginx wrk'
HOW='a worker, gzip, wrk'
start() {
	mkdir "$DIR/www"
	seq 5000 >"$DIR/www/index.html"
	cat >"$DIR/nginx.conf" <<END
worker_processes 1;
daemon off;
pid $DIR/pid;
error_log $DIR/error.log;
events { worker_connections 100; }
http {
	access_log off; gzip on; gzip_types text/html; root $DIR/www;
	client_body_temp_path $DIR/body; proxy_temp_path $DIR/proxy;
	fastcgi_temp_path $DIR/fastcgi; uwsgi_temp_path $DIR/uwsgi;
	scgi_temp_path $DIR/scgi;
	server { listen 127.0.0.1:$PORT; }
}
END
	serve nginx -c "$DIR/nginx.conf"
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
