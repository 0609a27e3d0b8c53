#!/bin/bash
# --help promises what a command takes, and nothing else: each option that it lists is
# taken, with each value that it names; each other option of heapsnap's is refused.
# Plain: four hundred runs, which are of the same table in every build
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
cp "$ROOT/tests/data/searchd-before.heap" a.heap
cp "$ROOT/tests/data/searchd-after.heap" b.heap
cp "$ROOT/tests/data/requests-1.heap" other.heap
echo 'leak:nothing' >rules
mkdir folder
MALLOC_CONF=prof:true start_victim leaker
read -r base library < <(
	awk '/libjemalloc/ { print $1, $6; exit }' "/proc/$V_PID/maps")
mallctl=$(nm -D "$library" | awk '$3 == "mallctl" { print $1 }')
mallctl=$(printf 0x%x $((0x${base%%-*} + 0x$mallctl)))
# Nobody answers there, or is asked: these files have their names.
export DEBUGINFOD_URLS=http://127.0.0.1:9

# A line of each command that does something, and soon.
declare -A line_of_command=(
	[snap]="-p $V_PID --dry-run" [check]="-p $V_PID" [stats]="-p $V_PID"
	[inspect]="-p $V_PID"
	[list]='' [report]=a.heap [diff]='a.heap b.heap' [merge]='a.heap other.heap'
	[run]='-- true' [completion]=bash
)

# options COMMAND: of each, a line: its name, what is behind it, and what is said of
# it, with tabs in between. Of some there is only the name.
options() {
	heapsnap "$1" --help | python3 -c '
import re, sys
text = re.sub(r"\n {29}", "  ", sys.stdin.read())
for line in text.splitlines():
    names, _, said = line.strip().partition("  ")
    for name in re.split(r",\s*", names) if line.startswith("  ") else ():
        if name.startswith("--"):
            option, _, value = name.partition(" ")
            print(option, value or "-", said.strip() or "-", sep="\t")'
}

# values OPTION ARGUMENT: what to try it with, a line each.
declare -A said_of
values() {
	case $1\ $2 in
	--by* | --format* | --color* | --demangle*)
		# "text, tree, html or pprof (text)"
		sed -E 's/\([^)]*\)//g; s/,| or /\n/g' <<<"${said_of[$1]}" |
			sed 's/ //g; /^$/d'
		;;
	--columns*) echo thread,module ;;
	--count*) echo 2 ;;
	--mallctl-address*) echo "$mallctl" ;;
	--sample*) echo 512K ;;
	--when*) echo rss:1 ;;
	--jemalloc*) echo "$library" ;;
	--suppressions*) echo rules ;;
	--output* | --report*) echo out.json ;;
	*\ PID*) echo "$V_PID" ;;
	*\ N) echo 1 ;;
	*\ TIME) echo 5s ;;
	*\ SIZE*) echo 1M ;;
	*\ DIR) echo folder ;;
	*\ REGEX*) echo x ;;
	*\ COMMAND) echo true ;;
	*\ FILE*) echo a.heap ;;
	*'|'*) tr '|' '\n' <<<"$2" ;;
	*) echo "no value is known for $*" ;;
	esac
}

# together COMMAND OPTION VALUE: what it is for.
together() {
	case $* in
	*--columns*) echo '-f tree' ;;
	*--exec*) echo '--when rss:1' ;;
	*--fail-on*) echo '--fail-above 1G' ;;
	*'--format pprof') echo '-o out.pb.gz' ;;
	'snap --format jeprof') echo '-n 1' ;;
	esac
}

# try COMMAND WORD...: the exit status 2 is that of a usage error, and of a file that
# does not hold what an option asks for: that one was taken.
tries=0 refused=
try() {
	local -a with line
	read -ra with < <(together "$@")
	read -ra line <<<"${line_of_command[$1]}"
	[ "$2" != --pid ] || line=("${line[@]:2}")
	run heapsnap "$@" "${with[@]}" "${line[@]}"
	tries=$((tries + 1))
	[[ $status != 2 || $err == *' does not tell '* ]] ||
		refused+="$*: $err"$'\n'
}

# report has a line for each of its options, snap only names.
commands="report $(heapsnap --help | sed -n 's/^  heapsnap \([a-z]*\) .*/\1/p' |
	grep -vx report | paste -sd' ') snap"
declare -A argument_of options_of
for command in $commands; do
	while IFS=$'\t' read -r option argument said; do
		options_of[$command]+=" $option"
		argument_of[$option]=$argument
		[ "$said" = - ] || : "${said_of[$option]:=$said}"
	done < <(options "$command")
done
between "${#argument_of[@]}" 50 100 'the options are found'

for command in $commands; do
	tries=0 refused=
	while IFS=$'\t' read -r option argument said; do
		[ "$said" = - ] || said_of[$option]=$said
		if [ "$argument" = - ]; then
			try "$command" "$option"
			continue
		fi
		while read -r value; do
			try "$command" "$option" "$value"
		done < <(values "$option" "$argument")
	done < <(options "$command")
	is "$refused" '' "$command takes what its --help has, $tries lines"

	taken=
	for option in "${!argument_of[@]}"; do
		[[ ${options_of[$command]}\  != *" $option "* ]] || continue
		run heapsnap "$command" "$option"
		[ "$status ${err%%$'\n'*}" = \
			"2 heapsnap: $option is not an option of '$command'" ] ||
			taken+="$option: $status $err"$'\n'
	done
	is "$taken" '' "$command refuses every other option"
done
stop_victim
done_testing
