# shellcheck shell=bash disable=SC2034
PACKAGES='python3 wrk'
HOW='http.server with threads, PYTHONMALLOC=malloc; wrk'
start() {
	cat >"$DIR/server.py" <<'END'
import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        page = json.dumps([{"row": i, "of": self.path}
                           for i in range(200)]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])),
                                Handler).serve_forever()
END
	PYTHONMALLOC=malloc serve python3 "$DIR/server.py" "$PORT"
	wait_for listens "$PORT"
}
load() {
	generate_http "http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
