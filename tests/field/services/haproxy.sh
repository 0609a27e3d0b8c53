# shellcheck shell=bash disable=SC2034
PACKAGES='haproxy wrk'
HOW="Debian's configuration: a chroot, 2 threads; wrk"
start() {
	mkdir -p /var/lib/haproxy
	{
		sed 's|/run/haproxy/admin.sock|'"$DIR"'/admin.sock|; /daemon/d
			s/^global/&\n\tnbthread 2/' /etc/haproxy/haproxy.cfg
		cat <<END
frontend f
	bind 127.0.0.1:$PORT
	http-request return status 200 content-type text/plain string "hello"
END
	} >"$DIR/haproxy.cfg"
	serve haproxy -db -f "$DIR/haproxy.cfg"
	wait_for listens "$PORT"
}
load() {
	generate_http "http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
