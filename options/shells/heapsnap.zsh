#compdef heapsnap
# heapsnap completion zsh
_heapsnap_operand()
{
	local -a commands=(
@SUMMARIES@
	)
	if (( CURRENT == 2 )); then
		_describe command commands
	elif [[ $words[2] == completion ]]; then
		compadd @SHELLS@
	else
		_files
	fi
}

# Numbers and names of processes that use jemalloc; behind a digit, of all.
_heapsnap_processes()
{
	local -a processes
	local pid name rest
	if [[ $PREFIX == [0-9]* ]]; then
		_pids
		return
	fi
	$words[1] list -q 2>/dev/null | tail -n +2 | while read -r pid rest; do
		{ read -r name </proc/$pid/comm } 2>/dev/null || continue
		name=${name//:/\\:}
		processes+=("$pid:$name" "$name:process $pid")
	done
	_describe process processes
}

_heapsnap()
{
	local command=snap word
	for word in ${words[2,CURRENT-1]}; do
		case $word in
		(@ALTERNATIVES@)
			command=$word
			break
			;;
		esac
	done
	case $command in
@OPTIONS@
	esac
}

if [[ $funcstack[1] == _heapsnap ]]; then
	_heapsnap "$@"
else
	compdef _heapsnap heapsnap
fi
