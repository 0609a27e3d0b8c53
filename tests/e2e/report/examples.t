#!/bin/bash
# The examples of the manual pages and of README.md: each is run, and prints
# what the page says (examples.py says how a page marks what varies).
# HS_EXAMPLES=update writes into the pages what is printed now.
#
# First: it takes minutes.
# Plain: the words of pages are compared; what each option does other tests tell.
. "${0%/*}/../lib.sh"

service=${DEMO:-$ROOT/build/demo/session-service}
data=$ROOT/tests/data

# As pages name them: a service's snapshots, ten seconds apart, and a process
# of the same service.
files=$TMP/files
mkdir "$files" "$TMP/bin" "$TMP/home"
cp "$data"/session-1.heap "$files/before.heap"
cp "$data"/session-2.heap "$files/after.heap"
cp "$data"/session-1.heap "$files/monday.heap"
cp "$data"/session-3.heap "$files/tuesday.heap"
for i in 1 2 3; do
	cp "$data/session-$i.heap" "$files/$i.heap"
done
cp "$data"/session-1.heap "$files/worker1.heap"
# As another process of the service would have it.
sed 's/^# heapsnap pid 3932$/# heapsnap pid 3933/' "$data"/session-2.heap \
	>"$files/worker2.heap"

# Found as users find it, with nobody's settings.
ln -s "$HEAPSNAP" "$TMP/bin/heapsnap"
export PATH=$TMP/bin:$PATH HOME=$TMP/home LC_ALL=C.UTF-8
unset NO_COLOR COLUMNS

# serve [NAME=VALUE...]: the service of `make demo', as process $!.
serve() {
	local said=$TMP/said.${#STARTED[@]}
	: >"$said"
	env "$@" "$service" >"$said" </dev/null &
	started $!
	poll_until grep -q serving "$said" || {
		fail "$service serves"
		done_testing
	}
	echo >"$TMP/heartbeat-of.$!"
	undisturbed_before $!
}
serve MALLOC_CONF=prof:true,lg_prof_sample:17
SERVICE=$!
serve MALLOC_CONF=
PLAIN=$!
export SERVICE PLAIN

cd "$ROOT" || exit 1
python3 tests/e2e/report/examples.py ${HS_EXAMPLES:+--update} "$TMP" \
	README.md man/*.[1-8] >"$TMP/examples" 2>"$TMP/examples.err"
is "$(tail -n 1 "$TMP/examples")" 'done' 'all pages were read' ||
	diag "$(cat "$TMP/examples.err")"
while IFS= read -r line; do
	case $line in
	'ok '*) pass "${line#ok }" ;;
	'not ok '*) fail "${line#not ok }" ;;
	'# '*) diag "${line#\# }" ;;
	esac
done <"$TMP/examples"
# Leaks, by its own doing.
export UNDISTURBED_SLACK=1000
assert_undisturbed "$SERVICE" 'the service is undisturbed'
assert_undisturbed "$PLAIN" 'and the one without profiling'
done_testing
