#!/bin/bash
# What people type from habit, from other tools or by mistake does what is meant,
# or is answered with what to type: the table habits.txt, line by line.
. "${0%/*}/../lib.sh"

# In habits.txt the line typed stands behind "$". Below it are the exit status and
# one of: what goes to stderr, without "heapsnap: " in front; "= LINE", when it
# does the same as that line; "~ REGEX", found in what goes to stdout. Of
# @WORDS@, one leaker has the name @NAME@ and the number @PID@, two @TWINS@.
cp "$ROOT/tests/data/searchd-before.heap" "$TMP/a.heap"
cp "$ROOT/tests/data/searchd-after.heap" "$TMP/b.heap"
cp "$(type -P true)" "$TMP/program"
name=one-$$ twins=two-$$
mkdir "$TMP/bin"
cp "$VICTIMS/leaker" "$TMP/bin/$name"
cp "$VICTIMS/leaker" "$TMP/bin/$twins"
VICTIMS=$TMP/bin
MALLOC_CONF=prof:true start_victim "$name"
one=$V_PID
start_victim "$twins"
first=$V_PID
start_victim "$twins"
second=$V_PID
# An option is not the name of who has it.
mkfifo "$TMP/none"
tail -1 "$TMP/none" &
started $!
cd "$TMP" || exit 1

# typed LINE: run as a shell would.
typed() {
	local -a words
	eval "words=(${1#heapsnap})"
	run heapsnap "${words[@]}"
}

check() {
	local line=$1 want_status=$2 want=$3 same
	case $want in
	'= '*)
		typed "${want#= }"
		same=$status$'\n'$out$'\n'$err
		typed "$line"
		is "$status"$'\n'"$out"$'\n'"$err" "$same" "$line"
		[ "$status" = "$want_status" ] || fail "$line: exits with $status"
		;;
	'~ '*)
		typed "$line"
		like "$status $out" "^$want_status .*${want#\~ }" "$line"
		;;
	*)
		typed "$line"
		is "$status"$'\n'"${err//heapsnap: /}" \
			"$want_status"$'\n'"$want" "$line"
		;;
	esac
}

n=0 line='' want=''
while IFS= read -r text; do
	case $text in
	'#'* | '') ;;
	"\$ "*)
		[ -z "$line" ] || check "$line" "$want_status" "$want"
		line=${text#\$ } want_status='' want=''
		n=$((n + 1))
		;;
	*)
		if [ -z "$want_status" ]; then
			want_status=$text
		else
			want+=${want:+$'\n'}$text
		fi
		;;
	esac
done < <(sed "s/@NAME@/$name/g; s/@PID@/$one/g; s/@TWINS@/$twins/g
	s/@FIRST@/$((first < second ? first : second))/g
	s/@SECOND@/$((first < second ? second : first))/g" \
	"$ROOT/tests/e2e/report/habits.txt")
check "$line" "$want_status" "$want"
between "$n" 80 1000 'there are 80 lines'

run heapsnap "$twins" -n 1
is "$status" 2 'a name that two have'
line="heapsnap: +($first|$second)  $TMP/bin/$twins --life .*"
like "$err" "^$line
$line
heapsnap: 2 processes are named '$twins'
heapsnap: hint: give the number of the one that is meant, or of several: -p PID\$" \
	'is answered with those to choose from'

# Of two with a name one is meant: the other does not use jemalloc.
cp "$(type -P sleep)" "$TMP/bin/other"
(exec -a "$name" "$TMP/bin/other" "$LIFE") &
started $!
poll_until grep -qx other "/proc/$!/comm"
run heapsnap check "$name" -f json
like "$out" "\"pid\": *$one\\b" 'the one with jemalloc is taken'
done_testing
