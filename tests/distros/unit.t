#!/bin/bash
# The unit that heapsnap-snap(1) shows, as it stands there, for redis as Debian's unit
# runs it, with a limit: it goes on when the login ends in which it was started, `heapsnap
# list' shows it, a stop is no failure, the next redis is waited for, and when that comes
# near its limit the report and the snapshots are where the page says. On a machine that
# boot has started, of which units, files and users' sessions are changed.
. "${0%/*}/../e2e/lib.sh"

[ -e /heapsnap-boot ] || skip_all 'this machine is not of tests/distros/boot'

DEADLINE=240
page=$ROOT/man/heapsnap-snap.1
service=$(sed -n 's/^\.Ql systemctl start \(.*\) ,$/\1/p' "$page")
file=$(sed -n 's/^\.Pa \(.*\.service\)$/\1/p' "$page")
is "$file" "/etc/systemd/system/$service.service" 'the page has a unit'
sed -n '/^\[Unit\]/,/^\.Ed/{ /^\.Ed/d; s/\\e/\\/; p }' "$page" >"$file"
cp "$HEAPSNAP" /usr/bin/heapsnap
kept=/var/lib/heapsnap

# Those who log out leave nothing behind: not even root, who is excluded otherwise.
mkdir -p /run/systemd/logind.conf.d /run/systemd/system/redis-server.service.d
cat >/run/systemd/logind.conf.d/test.conf <<-'END'
	[Login]
	KillUserProcesses=yes
	KillExcludeUsers=nobody
END
cat >/run/systemd/system/redis-server.service.d/test.conf <<-'END'
	[Service]
	Environment=MALLOC_CONF=prof:true,lg_prof_sample:16
	MemoryMax=400M
END
systemctl daemon-reload
systemctl restart systemd-logind

# property NAME UNIT: one that systemd has of it.
property() {
	systemctl show --property "$1" --value "$2"
}

# watches: redis ($redis_pid) is waited for by the unit's process ($watcher), says list.
watches() {
	redis_pid=$(property MainPID redis-server)
	watcher=$(property MainPID "$service")
	run heapsnap list
	grep -qE "^ *$redis_pid .*  $watcher  *redis-server " <<<"$out"
}

# is_watched NAME
is_watched() {
	poll_until watches
	result $? "$1" "$out" "$err" "$(systemctl status "$service" redis-server)"
}

ok 'redis starts' systemctl start redis-server ||
	diag "$(systemctl status redis-server)"
redis-cli config set save '' >"$TMP/answer"

# --- a login starts it, and ends --------------------------------------------------

# shellcheck disable=SC2016 # for the shell of the login
run systemd-run --quiet --pipe --wait --collect --property=PAMName=login \
	--property=User=root bash -c '
	echo "session $XDG_SESSION_ID"
	cat /proc/self/cgroup
	nohup sleep 3000 >/dev/null 2>&1 &
	echo "left $!"
	systemctl start "$1"' bash "$service"
is "$status" 0 'a login starts it' || diag "$err"
like "$out" 'session [0-9a-z]+' 'which is one'
like "$out" '/session-[0-9a-z]+\.scope' 'with a group of its own'
left=$(sed -n 's/^left //p' <<<"$out")
ok 'what is left in it is killed' poll_until ended "$left" ||
	diag "$(loginctl)" "$(systemctl status systemd-logind)"
is_watched 'the unit goes on, and list shows it'
like "$(cat "/proc/$watcher/cgroup")" "^0::/system\\.slice/$service\\.service\$" \
	'in a group of its own'

# --- a stop, and a restart of redis -----------------------------------------------

ok 'it is stopped' systemctl stop "$service"
is "$(property Result "$service") $(property ActiveState "$service")" \
	'success inactive' 'which is no failure'
is "$(find "$kept" -type f)" '' 'nothing is kept'
ok 'it is started again' systemctl start "$service"
is_watched 'and waits'
first=$watcher
ok 'redis is restarted' systemctl restart redis-server
redis-cli config set save '' >"$TMP/answer"
is_watched 'and waited for'
is "$watcher" "$first" 'by the same process'

# --- redis leaks ------------------------------------------------------------------

value=$(head -c 50000 /dev/zero | tr '\0' x)
n=0
# leak: a MiB more, until the unit has its answer.
leak() {
	local i
	for ((i = 0; i < 20; i++)); do
		echo "SET leak:$((n + i)) $value"
	done | redis-cli --pipe >"$TMP/answer" 2>&1
	n=$((n + 20))
	[ "$(property ActiveState "$service")" != active ]
}
redis-cli debug populate 5000 stock 60000 >"$TMP/answer"
DEADLINE=600
poll_until leak
result $? 'it has an answer' "$n values" "$(systemctl status "$service")"
is "$(property Result "$service") $(property ExecMainStatus "$service")" \
	'success 0' 'and ends well' || diag "$(systemctl status "$service")"
leaked=$((n * 50000))
is "$(property MainPID redis-server) $(property NRestarts redis-server)" \
	"$redis_pid 0" 'redis goes on'
is "$(redis-cli ping)" PONG 'and answers'

# grown FUNCTION: bytes, by the stacks that it is in.
grown() {
	jq --arg name "$1" '[.stacks[] | select(any(.frames[]; .function == $name)) |
		.bytes] | add // 0 | round' <<<"$out"
}
files=("$kept"/*.heap)
is ${#files[@]} 2 'the first snapshot and the last are kept'
grep -q processInputBuffer "$kept/leak.html"
result $? 'the report has the stack'
run heapsnap diff "${files[@]}" -f json
is "$status" 0 'the snapshots can be compared' || diag "$err"
# Both in the size classes of jemalloc: 64 and 56 KiB.
between "$(grown debugCommand)" $((5000 * 59 * 1024)) $((5000 * 69 * 1024)) \
	'and have what grew'
between "$(grown setCommand)" 50000 $((leaked * 16 / 10)) \
	'also what was the last' || diag "$leaked"
done_testing
