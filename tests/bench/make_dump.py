"""make_dump.py N: a heap_v2 dump of N stacks 20 deep, from few functions as real
ones are."""
import sys

count = int(sys.argv[1])
out = sys.stdout
total = "%d: %d [0: 0]" % (2 * count, 128 * count)
out.write("heap_v2/524288\n  t*: %s\n  t0: %s\n" % (total, total))
state = 1
for number in range(count):
    frames = [0x55AA00001000, 0x55AA00001100]
    rest = number
    for depth in range(18):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        choice = rest % 8 if depth < 7 else (state >> 33) % 4
        rest //= 8
        frames.append(0x55AA00002000 + depth * 0x100 + choice * 16)
    out.write("@ %s\n" % " ".join("0x%x" % frame for frame in frames))
    out.write("  t*: 2: 128 [0: 0]\n  t0: 2: 128 [0: 0]\n")
out.write("\nMAPPED_LIBRARIES:\n")
out.write("55aa00001000-55aa00100000 r-xp 00001000 fe:00 11    /srv/app/none\n")
