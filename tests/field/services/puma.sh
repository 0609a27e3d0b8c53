# shellcheck shell=bash disable=SC2034
PACKAGES='puma wrk'
HOW='Ruby, 4 threads, wrk'
start() {
	cat >"$DIR/config.ru" <<'END'
run lambda { |env|
  rows = (1..200).map { |i| "row #{i} #{env['PATH_INFO']}" }
  [200, { 'Content-Type' => 'text/plain' }, [rows.join("\n")]]
}
END
	serve puma -e production -t 4:4 -b "tcp://127.0.0.1:$PORT" "$DIR/config.ru"
	wait_for listens "$PORT"
}
load() {
	generate_http "http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
