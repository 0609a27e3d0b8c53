#!/bin/bash
# Every shell script is clean for shellcheck, and a test can be executed.
. "${0%/*}/lib.sh"

needs shellcheck

mapfile -t scripts < <(files '*.t' '*.sh' run)
# SC2317: functions are called by name, as arguments of ok and poll_until.
# SC2319: it is the condition's status that `[ ... ]; result $?' is about.
check_scripts() {
	printf '%s\0' "${scripts[@]}" | xargs -0 -P "$(nproc)" -n 4 \
		shellcheck -x -P SCRIPTDIR -e SC2317,SC2319 -s bash
}
ok 'every script is clean' check_scripts
nothing 'every script but those that others read can be run' "$(
	for script in "${scripts[@]}"; do
		[[ $script == *.sh || -x $script ]] || echo "$script"
	done)"
done_testing
