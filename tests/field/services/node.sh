# shellcheck shell=bash disable=SC2034
PACKAGES='nodejs wrk'
HOW='http, buffers and zlib; wrk'
start() {
	cat >"$DIR/server.js" <<'END'
const zlib = require('zlib');
require('http').createServer((q, r) => {
  zlib.gzip(Buffer.alloc(20000, q.url), (e, b) => r.end(b));
}).listen(process.argv[2], '127.0.0.1');
END
	serve "$(readlink -f "$(command -v node)")" "$DIR/server.js" "$PORT"
	wait_for listens "$PORT"
}
load() {
	generate_http "http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
