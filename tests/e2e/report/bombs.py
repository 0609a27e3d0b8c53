"""Small files that unpack to much.

    bombs.py KIND      a dump, to stdout: stacks, mappings, addresses, names,
                       blanks; deep, many: such as real programs have; flat
                       MIB: so much of short stacks of a frame each, all
                       different
    bombs.py debug     zeros, 1 GiB, as a ".zdebug_" section has them
"""
import random
import struct
import sys
import zlib

HEADER = "heap_v2/1\n  t*: 1: 16 [0: 0]\n  t0: 1: 16 [0: 0]\n"
COUNTS = "  t*: 1: 16 [0: 0]\n  t0: 1: 16 [0: 0]\n"
STACK = "@ 0x1000\n" + COUNTS


def stacks():
    yield HEADER
    for i in range(3 << 20):
        yield "@ 0x%x\n%s" % (i + 1, COUNTS)


def mappings():
    yield HEADER + STACK + "\nMAPPED_LIBRARIES:\n"
    for i in range(1, (1 << 20) + 2):
        yield "%x-%x r-xp 0 00:00 0 /%x\n" % (i << 12, (i + 1) << 12, i)


def addresses():
    yield HEADER
    for i in range(0, 5 << 20, 4096):
        yield "@"
        yield "".join(" 0x%x" % (i + k + 1) for k in range(4096))
        yield "\n" + COUNTS


def names():
    yield HEADER + STACK + "\n# heapsnap 1\n"
    line = "# heapsnap name 0x1000 f - 1 1\n" * 1024
    for _ in range(3 << 10):
        yield line


def blanks():
    yield HEADER
    line = (" " * 1023 + "\n") * 1024
    for _ in range(513):
        yield line


def deep():
    """Recursion: each stack 1,000 deep, few functions."""
    rng = random.Random(1)
    yield HEADER
    for i in range(1000):
        frames = [0x1000 + 16 * (i >> k & 1) for k in range(10)]
        frames += [0x2000 + 16 * rng.randrange(2)] * 990
        yield "@ %s\n" % " ".join("0x%x" % frame for frame in frames)
        yield COUNTS


def many():
    """The lines that a free allowance has, and some more."""
    rng = random.Random(1)
    yield HEADER
    for i in range((2 << 20) // 3 + 20000):
        n = rng.randrange(1, 1000)
        size = n * (16 << rng.randrange(8))
        yield "@ 0x%x 0x%x 0x%x\n  t*: %d: %d [0: 0]\n  t0: %d: %d [0: 0]\n" % (
            0x1000 + i % 97, 0x2000 + i // 97 % 97, 0x3000 + i // 9409,
            n, size, n, size)


def flat():
    yield HEADER
    size = i = 0
    while size < int(sys.argv[2]) << 20:
        i += 1
        stack = "@ 0x%x\n t*: 1: 16 [0: 0]\n" % (0x400000 + 16 * i)
        size += len(stack)
        yield stack


def debug():
    size = 1 << 30
    zeros = bytes(1 << 24)
    packer = zlib.compressobj(1)
    first = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    write = sys.stdout.buffer.write
    write(b"ZLIB" + struct.pack(">Q", size) + first)
    for _ in range(size // len(zeros) - 1):
        write(block)
    # An empty last block, and the checksum of so many zeros: adler32 is
    # (bytes mod 65521) << 16 | 1.
    write(b"\3\0" + struct.pack(">I", size % 65521 << 16 | 1))


if sys.argv[1] == "debug":
    debug()
else:
    for text in globals()[sys.argv[1]]():
        sys.stdout.write(text)
