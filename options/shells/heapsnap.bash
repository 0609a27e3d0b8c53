# heapsnap completion bash
# Numbers and names of processes that use jemalloc; behind a digit, of all. A process
# has the name that it gives itself, and nothing in it may be expanded: it is offered
# as one would have to type it.
_heapsnap_processes()
{
	local cur=$1 pid name
	if [[ $cur == [0-9]* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(cd /proc && echo [0-9]*)" -- "$cur")
		return
	fi
	while read -r pid _; do
		{ read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
		printf -v name %q "$name"
		if [[ -z $cur ]]; then COMPREPLY+=("$pid"); fi
		if [[ $name == "$cur"* ]]; then COMPREPLY+=("$name"); fi
	done < <("${COMP_WORDS[0]}" list -q 2>/dev/null | tail -n +2)
}

_heapsnap()
{
	local cur=$2 prev=$3 command=snap word words= kind=
	if [[ $cur == = ]]; then cur=; fi
	if [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		@ALTERNATIVES@)
			command=$word
			break
			;;
		esac
	done
	COMPREPLY=()
	case "$command $prev" in
@ARGUMENTS@
	*)
		if [[ $cur == -* ]]; then
			case $command in
@OPTIONS@
			esac
		elif [[ $COMP_CWORD == 1 ]]; then
			words='@COMMANDS@'
		elif [[ $command == completion ]]; then
			words='@SHELLS@'
		else
			kind=-f
		fi
		;;
	esac
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen $kind -W "$words" -- "$cur")
}
complete -F _heapsnap heapsnap
