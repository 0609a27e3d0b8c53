#!/usr/bin/env python3
"""Snapshots of a process, one after the other, and how that went.

    tests/storm/snapshots.py HEAPSNAP PID COUNT [OPTION...]

Takes COUNT snapshots by runs of `heapsnap -p PID -n N`: one session each, from
the search for jemalloc to the end of the thread that was made. Only what is
done with them afterwards is left away. On stdout, words: made, refused (found no
quiet moment: exit status 5), failed, milliseconds each, and of the stops of the
process in microseconds the median, the 99th percentile and the longest; on
stderr each different message of a run that failed, and how often. Root lets
heapsnap take precedence over a process that takes all of the CPUs.
"""
import collections
import os
import re
import subprocess
import sys
import time

AT_ONCE = 25
UNSAFE = 5
PATIENCE = 600
STOP = re.compile(r'the longest stop was (\d+) us')
NUMBER = re.compile(r'\d+')


def run(heapsnap, pid, count, options):
    """Exit status, stops of the snapshots that were made, the last message."""
    command = [heapsnap, '-p', pid, '-n', str(count), '-i', '1ms', '--no-save',
               '--top', '1', '-v', '-o', '/dev/null', '-f', 'json', *options]
    if os.geteuid() == 0:
        command = ['nice', '-n', '-20', *command]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as late:
        return None, [], f'no end after {late.timeout} s'
    said = done.stderr.decode(errors='replace')
    lines = [line for line in said.splitlines() if not STOP.search(line)]
    return (done.returncode, [int(us) for us in STOP.findall(said)],
            ' | '.join(lines))


def main():
    heapsnap, pid, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
    stops, refused, failed = [], 0, 0
    messages = collections.Counter()
    start = time.monotonic()
    while len(stops) + refused + failed < wanted:
        left = wanted - len(stops) - refused - failed
        status, made, said = run(heapsnap, pid, min(left, AT_ONCE),
                                 sys.argv[4:])
        stops += made
        if status == 0:
            continue
        refused += status == UNSAFE
        failed += status != UNSAFE
        messages[f'{status}: ' + NUMBER.sub('N', said)] += 1
        if not os.path.exists(f'/proc/{pid}/exe'):
            break
    each = (time.monotonic() - start) / wanted
    stops.sort()
    n = len(stops)
    print(f'made={n} refused={refused} failed={failed} each_ms={each*1e3:.0f}',
          f'median_us={stops[n // 2] if n else 0}',
          f'p99_us={stops[n * 99 // 100] if n else 0}',
          f'max_us={stops[-1] if n else 0}')
    for message, times in messages.most_common():
        print(f'{times} times, exit status {message}', file=sys.stderr)


main()
