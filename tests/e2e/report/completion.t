#!/bin/bash
# `heapsnap completion': bash, zsh and fish read it, and offer the commands, the
# options of each command as its --help has them, and the values of options.
# Plain: the shells are tested, by a text that is the same in every build.
. "${0%/*}/../lib.sh"

for shell in bash zsh fish; do
	heapsnap completion $shell >"$TMP/completion.$shell"
	is "$?" 0 "$shell: there is a script"
	ok "$shell: the shell reads it" $shell -n "$TMP/completion.$shell"
done
run heapsnap completion ksh
is "$status" 2 'another shell is refused'
is "$err" "heapsnap: completion needs a shell: bash, zsh or fish
heapsnap: hint: try 'heapsnap completion --help'" 'with those there are'
run heapsnap completion
is "$status" 2 'so is none'

# offered WORD...: what bash offers for the last word.
offered() {
	bash -c '
		source "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_heapsnap heapsnap "${!#}" "${@: -2:1}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$TMP/completion.bash" "$@"
}
commands="snap $(heapsnap --help |
	sed -n 's/^  heapsnap \([a-z]*\) .*/\1/p' | paste -sd' ')"
like "$commands" '^snap run stats inspect list ' '--help lists the commands'
long_options() {
	heapsnap "$1" --help | grep -E '^ +-' | sed -E 's/  +[a-z].*//' |
		grep -oE -- '--[a-z-]+' | sort
}
for command in $commands; do
	is "$(offered heapsnap "$command" -- | sort)" "$(long_options "$command")" \
		"bash: the options of $command"
done
is "$(offered heapsnap --pi)" --pid 'bash: without a command it is snap'
is "$(offered heapsnap rep)" report 'bash: commands'
is "$(offered heapsnap diff -f js)" json 'bash: formats'
is "$(offered heapsnap diff --sort = obj)" objects 'bash: --name=value'
is "$(offered heapsnap -p $$)" $$ 'bash: processes'
cd "$TMP" || exit 1
touch leaked.heap
mkdir snapshots
is "$(offered heapsnap report leak)" leaked.heap 'bash: files'
is "$(offered heapsnap completion z)" zsh 'bash: shells'

# Names of processes: of those with jemalloc, as they are. One can call itself what
# would be a command if a shell expanded it.
mkdir bin
ln -s "$(realpath "$HEAPSNAP")" bin/heapsnap
PATH=$TMP/bin:$PATH
served=served-$$
# shellcheck disable=SC2016
evil='ev$(>ran)'
cp "$VICTIMS/leaker" "bin/$served"
cp "$VICTIMS/leaker" "bin/$evil"
VICTIMS=$TMP/bin start_victim "$served"
number=$V_PID
VICTIMS=$TMP/bin start_victim "$evil"
named=$(offered heapsnap -p '')
like $'\n'"$named"$'\n' $'\n'"$number"$'\n'"$served"$'\n' \
	'bash: numbers and names of processes'
is "$(offered heapsnap check -p served-)" "$served" 'bash: by its name'
is "$(offered heapsnap -p ev)" 'ev\$\(\>ran\)' \
	'bash: one with a name that is code'
# in_bash LINE: what it becomes on a terminal, by a tab.
in_bash() {
	timeout 60 python3 "$ROOT/tests/e2e/report/bash_complete.py" \
		"$TMP/completion.bash" "$1"
}
is "$(in_bash 'heapsnap -p served-')" "heapsnap -p $served " \
	'bash, on a terminal: the name is completed'
# shellcheck disable=SC2016
is "$(in_bash 'heapsnap -p ev')" 'heapsnap -p ev\$\(\>ran\) ' \
	'bash, on a terminal: as one has to type it'
is "$(in_bash 'heapsnap report leak')" 'heapsnap report leaked.heap ' \
	'bash, on a terminal: files'

export HOME=$TMP
# shellcheck disable=SC2016
in_fish() {
	fish -c 'source $argv[1]; complete -C $argv[2]' \
		"$TMP/completion.fish" "$1" | cut -f 1
}
for command in $commands; do
	is "$(in_fish "heapsnap $command --" | sort)" \
		"$(long_options "$command")" "fish: the options of $command"
done
is "$(in_fish 'heapsnap ' | sort | paste -sd' ')" \
	"$(tr ' ' '\n' <<<"$commands" | sort | paste -sd' ')" 'fish: commands'
is "$(in_fish 'heapsnap rep')" report 'fish: the one that is meant'
is "$(in_fish 'heapsnap diff -f js')" json 'fish: formats'
is "$(in_fish 'heapsnap diff --sort=obj')" --sort=objects 'fish: --name=value'
is "$(in_fish 'heapsnap report leak')" leaked.heap 'fish: files'
is "$(in_fish 'heapsnap diff -o leak')" leaked.heap 'fish: the file of an option'
named=$'\n'$(in_fish 'heapsnap -p ')$'\n'
like "$named" $'\n'"$number"$'\n' 'fish: numbers of processes'
like "$named" $'\n'"$served"$'\n' 'fish: and names'
is "$(in_fish 'heapsnap check -p served-')" "$served" 'fish: by its name'
is "$(in_fish 'heapsnap -p ev')" "$evil" 'fish: one with a name that is code'
is "$(in_fish "heapsnap -p $$" | grep -x $$)" $$ 'fish: processes'
is "$(in_fish 'heapsnap snap --save snap')" snapshots/ 'fish: folders'
is "$(in_fish 'heapsnap completion z')" zsh 'fish: shells'
is "$(in_fish 'heapsnap list --act')" '' 'fish: no options of other commands'

# shellcheck disable=SC2016
is "$(zsh -fc 'autoload -Uz compinit && compinit -D && source $1 &&
	print $_comps[heapsnap]' - "$TMP/completion.zsh" 2>&1)" _heapsnap \
	'zsh: it is what completes heapsnap'

in_zsh() {
	timeout 60 python3 "$ROOT/tests/e2e/report/zsh_complete.py" \
		"$TMP/completion.zsh" "$1"
}
listed=$(in_zsh 'heapsnap ')
for command in $commands; do
	like "$listed" $'\n'"$command +-- [a-z]" "zsh: $command is offered"
	is "$(in_zsh "heapsnap $command --" | grep -oE '^--[a-z-]+' | sort)" \
		"$(long_options "$command")" "zsh: the options of $command"
done
like "$(in_zsh 'heapsnap diff --f')" \
	$'\n--focus +-- only stacks with a frame that matches' \
	'zsh: with what they are for'
like "$(in_zsh 'heapsnap diff -f ')" $'\ncsv +dot +folded +html ' 'zsh: formats'
like "$(in_zsh 'heapsnap report leak')" $'\nleaked.heap' 'zsh: files'
like "$(in_zsh 'heapsnap snap --save sn')" $'\nsnapshots/' 'zsh: folders'
like "$(in_zsh 'heapsnap completion ')" $'\nbash +fish +zsh' 'zsh: shells'
like "$(in_zsh 'heapsnap check -p served-')" "(^|[[:space:]])$served +-- process $number" \
	'zsh: names of processes'
like "$(in_zsh 'heapsnap -p e')" 'ev\$\(>ran\) +-- process' \
	'zsh: one with a name that is code'
is "$(find "$TMP" / -maxdepth 1 -name ran)" '' 'no shell has run it'
done_testing
