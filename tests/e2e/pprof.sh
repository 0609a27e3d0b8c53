# shellcheck shell=bash
# What `go tool pprof' says of a profile, to be compared with heapsnap's JSON. To be
# sourced, behind lib.sh.

# Tools write their own files here, not in somebody's home.
export HOME=$TMP PPROF_TMPDIR=$TMP
pprof() {
	go tool pprof "$@" 2>pprof.err
}

# What is allocated in each function itself, as "BYTES NAME" and sorted: by
# pprof, and by the JSON.
pprof_flat() {
	pprof -top -nodefraction=0 -nodecount=10000 -unit=b "$@" |
		sed '1,/^ *flat /d' | awk '$1 != "0" {
			bytes = $1 + 0
			$1 = $2 = $3 = $4 = $5 = ""
			sub(/^ +/, ""); sub(/ \(inline\)$/, "")
			printf "%.0f %s\n", bytes, $0 }' | LC_ALL=C sort
}
json_flat() {
	jq -r '[.stacks[] | { bytes, f: (.frames[0] | .function //
			((.module | split("/")[-1]) + "+" + .offset)) }] |
		group_by(.f) | map("\([.[].bytes] | add) \(.[0].f)")[]' "$1" |
		LC_ALL=C sort
}
