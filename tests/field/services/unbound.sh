# shellcheck shell=bash disable=SC2034
PACKAGES='unbound dnsperf'
HOW='in a chroot, 2 threads, dnsperf'
start() {
	dns_queries 1000
	mkdir "$DIR/root"
	{
		cat <<END
server:
	interface: 127.0.0.1@$PORT
	chroot: "$DIR/root"
	directory: "$DIR/root"
	username: unbound
	pidfile: ""
	num-threads: 2
	do-daemonize: no
	use-syslog: no
	auto-trust-anchor-file: ""
	local-zone: "example." static
END
		awk '{ printf "\tlocal-data: \"%s A 127.0.0.2\"\n", $1 }' \
			"$DIR/queries"
		printf 'remote-control:\n\tcontrol-enable: no\n'
	} >"$DIR/root/unbound.conf"
	serve unbound -d -c "$DIR/root/unbound.conf"
	wait_for listens "$PORT"
}
load() {
	generate_dns
}
errors() {
	dns_errors
}
