# heapsnap completion bash
# Numbers and names of processes that use jemalloc; behind a digit, of all.
_heapsnap_processes()
{
	local pid name
	if [[ $1 == [0-9]* ]]; then
		cd /proc && echo [0-9]*
		return
	fi
	while read -r pid _ _ _ _ _ name _; do
		echo "$pid $name"
	done < <("${COMP_WORDS[0]}" list -q --bytes 2>/dev/null | tail -n +2)
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
