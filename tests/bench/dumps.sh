# shellcheck shell=bash
# A large dump for the benchmarks that read one. Sourced.

# take_dumps HEAPSNAP VICTIMS PATHS: a.heap and b.heap, taken live one after the
# other of tests/victims/recurser.c: an object at each of so many paths, every
# allocation recorded. In the current folder; the victim's pid is $recurser
# until it has ended.
recurser=
take_dumps() {
	local line i
	mkfifo in out
	MALLOC_CONF=prof:true,lg_prof_sample:0 "$2/recurser" \
		--paths "$3" <in >out &
	recurser=$!
	exec 8>in 9<out
	read -r -t 60 -u 9 line
	[ "$line" = "ready $recurser" ]
	for i in a b; do
		"$1" -q -p "$recurser" -n 1 --timeout 60s -o $i.heap
	done
	echo quit >&8
	wait "$recurser"
	recurser=
	exec 8>&- 9<&-
	rm in out
}
