# shellcheck shell=bash disable=SC2034
PACKAGES='varnish wrk python3'
HOW='as packaged (-j unix, malloc,256m), wrk'
start() {
	mkdir "$DIR/www"
	head -c 20000 /dev/zero >"$DIR/www/index.html"
	beside python3 -m http.server -d "$DIR/www" -b 127.0.0.1 "$PORT2"
	wait_for listens "$PORT2"
	cat >"$DIR/default.vcl" <<END
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "$PORT2"; }
END
	serve_own varnishd -j unix,user=vcache -F -a "127.0.0.1:$PORT" \
		-f "$DIR/default.vcl" -n "$DIR/work" -s malloc,256m
	wait_for listens "$PORT"
	use_child "$PID"
}
load() {
	generate_http "http://127.0.0.1:$PORT/index.html"
}
errors() {
	http_errors
}
