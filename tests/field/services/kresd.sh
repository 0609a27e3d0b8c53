# shellcheck shell=bash disable=SC2034
PACKAGES='knot-resolver dnsperf'
HOW='prof_active:false (the profiler aborts in LuaJIT); dnsperf'
start() {
	dns_queries 1000
	cat >"$DIR/kresd.conf" <<END
net.listen('127.0.0.1', $PORT, { kind = 'dns' })
cache.size = 10 * MB
modules = { 'hints > iterate' }
for i = 0, 999 do hints.set('host' .. i .. '.example. 127.0.0.2') end
END
	PROFILE=prof:true,prof_active:false serve_own kresd -n -c "$DIR/kresd.conf" "$DIR"
	wait_for listens "$PORT"
}
load() {
	generate_dns
}
errors() {
	dns_errors
}
