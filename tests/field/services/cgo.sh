# shellcheck shell=bash disable=SC2034
PACKAGES='golang-go wrk'
HOW='Go with cgo: malloc in C for each request; wrk'
start() {
	cat >"$DIR/main.go" <<'END'
package main

// #include <stdlib.h>
// #include <string.h>
// static void *make(int n) { return memset(malloc(n), 1, n); }
import "C"

import (
	"fmt"
	"net/http"
	"os"
	"sync"
	"unsafe"
)

func main() {
	var lock sync.Mutex
	kept := make([]unsafe.Pointer, 10000)
	next := 0
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p := C.make(4096)
		lock.Lock()
		C.free(kept[next])
		kept[next] = p
		next = (next + 1) % len(kept)
		lock.Unlock()
		fmt.Fprintf(w, "%d\n", next)
	})
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
END
	(cd "$DIR" && HOME=$DIR GOFLAGS=-mod=mod GO111MODULE=off \
		go build -o server main.go) || return
	serve "$DIR/server" "$PORT"
	wait_for listens "$PORT"
}
load() {
	generate_http "http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
