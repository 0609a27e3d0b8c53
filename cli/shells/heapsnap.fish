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
complete -c heapsnap -e
complete -c heapsnap -n '__heapsnap_first' -f
complete -c heapsnap -n '__heapsnap_is completion' -f -a '@SHELLS@'
@SUMMARIES@
@OPTIONS@
