# heapsnap completion fish
function __heapsnap_is
	set -l command snap
	for word in (commandline -opc)[2..-1]
		if contains -- $word @COMMANDS@
			set command $word
			break
		end
	end
	contains -- $command $argv
end
function __heapsnap_first
	test (count (commandline -opc)) = 1
end
# Numbers and names of processes that use jemalloc; behind a digit, of all.
function __heapsnap_processes
	if string match -qr '^[0-9]' -- (commandline -ct)
		__fish_complete_pids
		return
	end
	heapsnap list -q 2>/dev/null | tail -n +2 | while read -l pid rest
		read -l name 2>/dev/null </proc/$pid/comm
		and printf '%s\t%s\n%s\t%s\n' $pid $name $name $pid
	end
end
complete -c heapsnap -e
complete -c heapsnap -n '__heapsnap_first' -f
complete -c heapsnap -n '__heapsnap_is completion' -f -a '@SHELLS@'
@SUMMARIES@
@OPTIONS@
