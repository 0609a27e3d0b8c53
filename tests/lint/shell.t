#!/bin/bash
# Every shell script is clean for shellcheck, and a test can be executed.
. "${0%/*}/lib.sh"

needs shellcheck

# SC2317: functions are called by name, as arguments of ok and poll_until.
for script in $(files '*.t' '*.sh' run); do
	ok "$script is clean" \
		shellcheck -x -P SCRIPTDIR -e SC2317 -s bash "$script"
	[[ $script == *.sh ]] || ok "$script can be run" test -x "$script"
done
done_testing
