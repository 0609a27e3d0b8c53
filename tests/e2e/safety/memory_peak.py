"""The most memory that a process holds at one time, watched until SIGTERM.

    memory_peak.py PID

Prints "ready", then at the end "kib N memfd_kib N looks N": N KiB of anonymous
and shared memory and of memfds that are not mapped (these are in no number of
/proc/PID/status), the largest such memfd alone, and how often it looked.
"""
import os
import signal
import sys
import time

ended = False


def end(*_):
    global ended
    ended = True


def resident(pid):
    kib = 0
    with open("/proc/%s/status" % pid) as status:
        for line in status:
            if line.startswith(("RssAnon:", "RssShmem:")):
                kib += int(line.split()[1])
    return kib


def memfds(pid):
    folder = "/proc/%s/fd/" % pid
    kib = 0
    for fd in os.listdir(folder):
        try:
            if os.readlink(folder + fd).startswith("/memfd:"):
                kib += os.stat(folder + fd).st_blocks // 2
        except FileNotFoundError:
            pass
    return kib


def main(pid):
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    most = 0
    most_memfd = 0
    looks = 0
    while not ended:
        memfd = memfds(pid)
        most = max(most, resident(pid) + memfd)
        most_memfd = max(most_memfd, memfd)
        looks += 1
        time.sleep(0.001)
    print("kib %d memfd_kib %d looks %d" % (most, most_memfd, looks))


main(*sys.argv[1:])
