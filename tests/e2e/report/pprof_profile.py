"""Writes a profile of pprof as it is told, right or wrong.

    pprof_profile.py [KEY=VALUE...] >FILE     changes to a profile of two samples

Written by the description of the format, without a library, so that it can have
what no library writes.
"""
import sys


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def numbers(*pairs):
    return b"".join(number(field, value) for field, value in pairs)


def packed(field, values):
    return message(field, b"".join(varint(value) for value in values))


def ints(text):
    return [int(word, 0) for word in text.split(",") if word]


strings = [""]


def string(text):
    if text not in strings:
        strings.append(text)
    return strings.index(text)


# What can be changed. Lists have "," between numbers, "/" between entries.
o = {
    "types": "inuse_objects:count/inuse_space:bytes",
    "period": "524288", "period_type": "space:bytes",
    "values": "10,1000/5,600000",         # of each sample
    "stacks": "1,2/2",                    # location ids of each
    "threads": "/",                       # the label "thread" of each
    "locations": "1,1,0x1010,1:5/2,1,0x1020,2:7",  # id, mapping, address, then
                                          # function:line, innermost first
    "functions": "1:leak/2:main",         # id:name
    "mappings": "1,0x1000,0x2000,0",      # id, start, end, offset
    "path": "/srv/app/exact", "build_id": "",
    "drop": "", "keep": "",               # expressions for names of functions
    "first": "",                          # the first string
    "tail": "",                           # bytes behind it all, in hex
}
for arg in sys.argv[1:]:
    key, value = arg.split("=", 1)
    assert key in o, key
    o[key] = value


def pair(text):
    name, unit = text.split(":")
    return numbers((1, string(name)), (2, string(unit)))


def entries(key):
    return [e for e in o[key].split("/")] if o[key] else []


out = b"".join(message(1, pair(t)) for t in entries("types"))
threads = o["threads"].split("/")
for i, (stack, values) in enumerate(zip(o["stacks"].split("/"), entries("values"))):
    label = b""
    if i < len(threads) and threads[i]:
        label = message(3, numbers((1, string("thread")), (2, string(threads[i]))))
    label += message(3, numbers((1, string("bytes")), (3, 4096)))
    out += message(2, packed(1, ints(stack)) + packed(2, ints(values)) + label)
for entry in entries("mappings"):
    n, start, end, offset = ints(entry)
    out += message(3, numbers((1, n), (2, start), (3, end), (4, offset),
                              (5, string(o["path"])), (6, string(o["build_id"]))))
for entry in entries("locations"):
    n, mapping, address, *lines = entry.split(",")
    body = numbers((1, int(n, 0)), (2, int(mapping, 0)), (3, int(address, 0)))
    for line in lines:
        function, at = line.split(":")
        body += message(4, numbers((1, int(function)), (2, int(at))))
    out += message(4, body)
for entry in entries("functions"):
    n, name = entry.split(":")
    n = int(n, 0)
    out += message(5, numbers((1, n), (2, int(name[1:]) if name[:1] == "#" else
                                       string(name)), (4, string("main.c"))))
for field, key in (7, "drop"), (8, "keep"):
    if o[key]:
        out += number(field, string(o[key]))
if o["period_type"]:
    out += message(11, pair(o["period_type"]))
out += number(12, int(o["period"]))
strings[0] = o["first"]
out += b"".join(message(6, s.encode()) for s in strings)
sys.stdout.buffer.write(out + bytes.fromhex(o["tail"]))
