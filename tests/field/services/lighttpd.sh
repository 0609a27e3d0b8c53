# shellcheck shell=bash disable=SC2034
PACKAGES='lighttpd wrk'
HOW='static pages; wrk'
start() {
	mkdir "$DIR/www"
	seq 2000 >"$DIR/www/index.html"
	cat >"$DIR/lighttpd.conf" <<END
server.document-root = "$DIR/www"
server.bind = "127.0.0.1"
server.port = $PORT
server.username = "www-data"
server.groupname = "www-data"
index-file.names = ("index.html")
END
	serve lighttpd -D -f "$DIR/lighttpd.conf"
	wait_for listens "$PORT"
}
load() {
	generate_http "http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
