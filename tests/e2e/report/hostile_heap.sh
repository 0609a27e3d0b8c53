#!/bin/bash
# A profile whose names are of the worst kind: markup, quotes, formulas,
# separators, terminal escapes, bytes that are no UTF-8, and 10,000 letters.
long=$(printf 'n%.0s' {1..10000})
# shellcheck disable=SC2016
names=('<script>alert(1)</script>' '";</title><b>&amp;' '=1+1' 'a;b\x20c--d'
	'\x1b[2J\x1b]0;owned\x07' 'line\x0abreak' '\xff\xfe' "$long" '${x}`id`'
	'</style>]]>--&gt;')
{
	printf 'heap_v2/1\n  t*: 0: 0 [0: 0]\n'
	for i in "${!names[@]}"; do
		printf '@ 0x%x 0x9001\n  t*: %d: %d [0: 0]\n' \
			$((0x1000 + i * 16)) $((i + 1)) $(((i + 1) * 1000))
		printf '  t0: %d: %d [0: 0]\n' $((i + 1)) $(((i + 1) * 1000))
	done
	printf '\nMAPPED_LIBRARIES:\n'
	printf '00001000-0000a000 r-xp 00000000 fe:00 7 /srv/<i>"app\n'
	printf '# heapsnap 1\n# heapsnap command <b>"evil\n'
	for i in "${!names[@]}"; do
		name=$(printf '%s' "${names[i]}" | sed 's/ /\\x20/g')
		printf '# heapsnap name 0x%x %s <img>"'\''.c %d 0\n' \
			$((0x1000 + i * 16)) "$name" $((i + 1))
	done
	printf '# heapsnap name 0x9000 main main.c 1 0\n# heapsnap end\n'
}
