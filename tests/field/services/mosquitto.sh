# shellcheck shell=bash disable=SC2034
PACKAGES='mosquitto mosquitto-clients'
HOW='8 subscribers, a publisher'
start() {
	printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$PORT" \
		>"$DIR/mosquitto.conf"
	serve mosquitto -c "$DIR/mosquitto.conf"
	wait_for listens "$PORT"
}
load() {
	local i
	for ((i = 0; i < 8; i++)); do
		beside mosquitto_sub -p "$PORT" -t 'a/#' -q 1
	done
	# shellcheck disable=SC2016 # for that shell
	generate bash -c 'seq 100000000 | mosquitto_pub -p "$0" -t a/b -q 1 -l' \
		"$PORT"
}
errors() {
	grep -ciE 'error|refused|lost' "$DIR/load.out"
}
