# shellcheck shell=bash disable=SC2034,SC2016
PACKAGES='bind9 dnsperf'
HOW='a zone of 20,000 names, dnsperf'
start() {
	dns_queries 20000
	{
		echo '$TTL 60'
		echo '@ IN SOA ns.example. admin.example. 1 60 60 60 60'
		echo '@ IN NS ns.example.'
		echo 'ns IN A 127.0.0.1'
		awk -F. '{ print $1, "IN A 127.0.0.2" }' "$DIR/queries"
	} >"$DIR/zone"
	cat >"$DIR/named.conf" <<END
options { directory "$DIR"; listen-on port $PORT { 127.0.0.1; };
	listen-on-v6 { none; }; pid-file none; session-keyfile none;
	recursion no; };
controls { };
zone "example" { type master; file "$DIR/zone"; };
END
	serve_own named -g -u bind -c "$DIR/named.conf"
	wait_for listens "$PORT"
}
load() {
	generate_dns
}
errors() {
	dns_errors
}
