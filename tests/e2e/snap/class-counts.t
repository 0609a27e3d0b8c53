#!/bin/bash
# A snapshot has the exact counters of jemalloc's size classes: what the process
# allocates more is in them to the object, with what was sampled, in its class of
# 16 KiB. A profile that takes long to write gets two snapshots, not six.
. "${0%/*}/../lib.sh"

mkdir "$TMP/kept"
# regions FILE SIZE
regions() {
	local n
	n=$(sed -n "s/^# heapsnap class $2 //p" "$1")
	echo "${n:-0}"
}
# sampled FILE: objects that jemalloc recorded, from its own total.
sampled() {
	sed -n 's/^  t\*: \([0-9]*\): .*/\1/p' "$1" | head -1
}

# Without thread caches, nothing is counted that nobody has.
MALLOC_CONF=prof:true,lg_prof_sample:16,tcache:false,prof_unbias:false \
	start_victim leaker
undisturbed_before "$V_PID"
heapsnap -p "$V_PID" -n 1 --save "$TMP/kept"
tell leak 5000 3000 # of 3072 bytes
tell leak 70 100000 # of 112 KiB
heapsnap -p "$V_PID" -n 1 --save "$TMP/kept"
mapfile -t files < <(find "$TMP/kept" -name '*.heap' | sort)
is "${#files[@]}" 2 'two snapshots'
a=${files[0]} b=${files[1]}
is $(($(regions "$b" 114688) - $(regions "$a" 114688))) 70 'a large class, exactly'
small=$(($(regions "$b" 3072) - $(regions "$a" 3072)))
runs=$(($(regions "$b" 16384) - $(regions "$a" 16384)))
between $small 4000 5000 'a small class, without what was sampled'
is $((small + runs)) 5000 'which is in that of 16 KiB'
heapsnap report "$b" >/dev/null
result $? 'the file is read'
assert_undisturbed "$V_PID"
stop_victim

# What is not of a process's jemalloc is not there.
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim recurser --paths 40000
rm -rf "$TMP/kept"
mkdir "$TMP/kept"
run heapsnap -p "$V_PID" -i 2s --save "$TMP/kept" --save-all -f json
is "$status" 0 'a large profile' || diag "$err"
us=$(jq .before.capture.dump_us <<<"$out")
most=$((2000000 / (us * 20) + 1))
[ $most -ge 2 ] || most=2
[ $most -le 6 ] || most=6
between "$(find "$TMP/kept" -name '*.heap' | wc -l)" 2 $most \
	"it took $us us, so at most $most are taken"
is "$(jq .snapshots <<<"$out")" "$(find "$TMP/kept" -name '*.heap' | wc -l)" \
	'and the report says how many'
stop_victim
done_testing
