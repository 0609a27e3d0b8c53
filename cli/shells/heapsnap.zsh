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
