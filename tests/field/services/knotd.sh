# shellcheck shell=bash disable=SC2034,SC2016
PACKAGES='knot dnsperf'
HOW='a zone of 20,000 names, dnsperf'
start() {
	dns_queries 20000
	{
		echo '$ORIGIN example.'
		echo '@ 60 IN SOA ns.example. admin.example. 1 60 60 60 60'
		echo '@ 60 IN NS ns.example.'
		echo 'ns 60 IN A 127.0.0.1'
		awk -F. '{ print $1, "60 IN A 127.0.0.2" }' "$DIR/queries"
	} >"$DIR/example.zone"
	cat >"$DIR/knot.conf" <<END
server:
    rundir: "$DIR"
    listen: 127.0.0.1@$PORT
database:
    storage: "$DIR"
zone:
  - domain: example
    storage: "$DIR"
    file: "example.zone"
END
	serve knotd -c "$DIR/knot.conf"
	wait_for listens "$PORT"
}
load() {
	generate_dns
}
errors() {
	dns_errors
}
