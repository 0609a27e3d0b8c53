#!/bin/bash
# --addresses: by what the report says of each call another program finds the
# same functions, files and lines, and the bytes in the file are those; stacks
# that only look the same stay apart. --fold: how much of a stack's leaf is left
# out.
. "${0%/*}/../lib.sh"

cat >"$TMP/part.cc" <<-'END'
	#include <cstdlib>
	#include <map>
	inline void *inner(size_t n) { return malloc(n); }
	__attribute__((noinline)) void *outer(size_t n) { void *p = inner(n); asm("" ::: "memory"); return p; }
	std::map<int, long> *fill() { auto *m = new std::map<int, long>; (*m)[1] = 2; return m; }
END
cat >"$TMP/prog.cc" <<-'END'
	#include <jemalloc/jemalloc.h>
	#include <cstddef>
	#include <map>
	void *outer(size_t n);
	std::map<int, long> *fill();
	void *volatile kept[3];
	int main(int, char **argv)
	{
		kept[0] = outer(1000), kept[1] = outer(3000);
		kept[2] = fill();
		return mallctl("prof.dump", 0, 0, &argv[1], sizeof(char *));
	}
END
cd "$TMP" || exit 1
# There addresses are not offsets; in a library they are.
g++ -O2 -g -fno-optimize-sibling-calls -fPIC -shared part.cc -o libpart.so &&
	g++ -O2 -g -no-pie prog.cc -o prog -L. -lpart -Wl,-rpath,"$TMP" -ljemalloc &&
	MALLOC_CONF=prof:true,lg_prof_sample:0 ./prog prog.heap
is $? 0 'a program that dumps its profile'

run heapsnap report prog.heap --focus 'outer|fill' --fold none -f json --addresses
is "$status" 0 'stacks with addresses' || diag "$err"
printf '%s' "$out" >prog.json

# The frames of a call share its address: of each in our own files, innermost
# first, "FUNCTION FILE:LINE".
jq -r '.stacks[].frames | map(select(.module // "" | test("/(prog|libpart.so)$")))
	| group_by(.address)[] | [.[0].module, .[0].offset,
	(map("\(.linkage_name) \(.file):\(.line // "?")") | join("|"))] | @tsv' \
	prog.json | sort -u >calls
ok 'there are calls in both files, some inlined' \
	test "$(cut -f 1 calls | sort -u | wc -l)" = 2 -a \
	"$(grep -c '|' calls)" -gt 0
while IFS=$'\t' read -r module offset _; do
	printf '%s\t%s\t%s\n' "$module" "$offset" \
		"$(addr2line -f -i -e "$module" "$offset" |
			sed 's/ (discriminator [0-9]*)//; s/??:0$/null:?/; s/??:?$/null:?/' |
			paste -d ' ' - - | paste -sd '|')"
done <calls >asked
is "$(cat asked)" "$(cat calls)" 'addr2line says the same of each'

# place MODULE OFFSET: the file offset of an address, by the program headers.
place() {
	local type offset address size
	readelf -lW "$1" | while read -r type offset address _ size _; do
		[ "$type" = LOAD ] && (($2 >= address && $2 < address + size)) &&
			printf '0x%x\n' $(($2 - address + offset))
	done
}
while IFS=$'\t' read -r module offset file_offset; do
	is "$file_offset" "$(place "$module" "$offset")" \
		"$offset of ${module##*/} is there in the file"
done < <(jq -r '.stacks[].frames[] | select(.module // "" | test("/prog$"))
	| [.module, .offset, .file_offset] | @tsv' prog.json | sort -u)

run heapsnap report prog.heap --focus 'outer|fill' --fold none --addresses --top 0
is "$(grep -o '  0x[0-9a-f]*  /.*addr2line: 0x[0-9a-f]*$' <<<"$out" | sort -u)" \
	"$(jq -r '.stacks[].frames | map(select(.module))[] |
		"  \(.address)  \(.module)+\(.file_offset)  addr2line: \(.offset)"' \
		prog.json | sort -u)" 'the text says the same'
is "$(grep -A2 '^    inner(' <<<"$out" | grep -c addr2line)" 0 \
	'what is inlined has the line of its caller'

run heapsnap report prog.heap --focus 'outer|fill' -f csv --addresses
is "$(head -1 <<<"$out")" \
	bytes,objects,bytes_se,function,file,line,module,stack,file_offset,offset,addresses \
	'a table has them, too'
is "$(awk -F '"' '/"inner"/ { print $NF }' <<<"$out" | sort)" \
	"$(jq -r '.stacks[] | select(.frames | any(.function == "outer")) |
		.frames | map(select(.module // "" | test("jemalloc") | not)) |
		",\(.[0].file_offset),\(.[0].offset),\(map(.address) | reverse | join(";"))"' \
		prog.json | sort)" 'the same ones'

run heapsnap report prog.heap --focus outer
like "$out" '#1  4.0 KiB  2 objects' 'two calls on one line look the same'
is "$(grep -c '^#' <<<"$out")" 1 'and are one stack'
run heapsnap report prog.heap --focus outer --addresses
is "$(grep -c '^#' <<<"$out")" 2 'with addresses they are two'

run heapsnap report prog.heap --addresses --by function
is "$status${err%%$'\n'*}" \
	"2heapsnap: --addresses are those of stacks: leave out --by" \
	'not for groups'
run heapsnap diff prog.heap prog.heap --addresses -f folded
is "$status${err%%$'\n'*}" \
	"2heapsnap: --addresses are shown as text, json or csv, not as folded" \
	'not for formats without them'

# leaf FOLD: the innermost frame of the node of the map.
leaf() {
	heapsnap report prog.heap --focus fill -f json --fold "$1" |
		jq -r '.stacks[] | select(any(.frames[]; .function ==
			"std::map::operator[]")) | .frames[0].function //
			"nameless"'
}
is "$(leaf allocator)" std::__new_allocator::allocate \
	'only the allocator is left out'
is "$(leaf std)" 'std::map::operator[]' \
	'--fold std: what the program called of the library is left'
is "$(leaf none)" nameless '--fold none: nothing is'
done_testing
