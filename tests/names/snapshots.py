"""Takes snapshots of real programs, and reads what is in one: independent of
heapsnap's own reader."""
import os
import re
import subprocess
import tempfile
import time


def read_snapshot(path):
    """({(file, address of the file): frames} with the names in the snapshot)"""
    with open(path, errors='surrogateescape') as f:
        text = f.read()
    segments, names = {}, {}
    for line in text.splitlines():
        words = line.split(' ')
        if line.startswith('# heapsnap module '):
            path = line.split(' ', 7)[7]
            segments[path] = [tuple(int(n, 16) for n in re.split('[+@]', s))
                              for s in words[6].split(',') if '@' in s]
        elif line.startswith('# heapsnap name '):
            function, file, number = words[4:7]
            names.setdefault(int(words[3], 16), []).append(
                (unescape(function), unescape(file), int(number)))
    answers = {}
    for address in sorted(addresses_of(text)):
        place = place_of(address, mappings_of(text), segments)
        if place:
            answers[place] = names.get(address, [])
    return answers


def unescape(word):
    return '' if word == '-' else re.sub(
        r'\\x([0-9a-f]{2})', lambda m: chr(int(m[1], 16)), word)


def addresses_of(text):
    """Callers are looked up at the byte before the return address."""
    found = set()
    for line in text.splitlines():
        if line.startswith('@ '):
            found.update(int(word, 16) - 1 for word in line.split()[1:])
    return found


_mappings = {}


def mappings_of(text):
    if id(text) not in _mappings:
        _mappings.clear()
        _mappings[id(text)] = [
            line.split(None, 5)
            for line in text.split('MAPPED_LIBRARIES:')[1].splitlines()
            if ' /' in line and 'x' in line.split()[1]]
    return _mappings[id(text)]


def place_of(address, mappings, segments):
    for row in mappings:
        start, end = (int(n, 16) for n in row[0].split('-'))
        if start <= address < end:
            offset = address - start + int(row[2], 16)
            for at, size, first in segments.get(row[5], []):
                if at <= offset < at + size:
                    return row[5], offset - at + first
    return None


def take(heapsnap, pid):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([heapsnap, '-p', str(pid), '-n', '1', '--quiet',
                        '--save', folder], check=True,
                       stdout=subprocess.DEVNULL)
        path = os.path.join(folder, os.listdir(folder)[0])
        with open(path, 'rb') as f:
            return read_snapshot(path), f.read()


def preloaded(sample):
    return dict(os.environ, LD_PRELOAD='libjemalloc.so.2',
                MALLOC_CONF=f'prof:true,lg_prof_sample:{sample}')


def python_snapshot(heapsnap, env=None):
    program = os.path.join(os.path.dirname(__file__), 'program.py')
    with subprocess.Popen(['python3-dbg', program],
                          env=env or preloaded(7),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as p:
        try:
            assert p.stdout.readline() == b'ready\n'
            return take(heapsnap, p.pid)
        finally:
            p.kill()


def large_python_snapshot(heapsnap):
    """Every object by malloc, instead of by CPython's own allocator."""
    return python_snapshot(heapsnap, dict(preloaded(12),
                                          PYTHONMALLOC='malloc'))


def redis_snapshot(heapsnap):
    with tempfile.TemporaryDirectory() as folder:
        socket = folder + '/socket'
        with subprocess.Popen(
                ['redis-server', '--port', '0', '--unixsocket', socket,
                 '--save', '', '--dir', folder],
                env=dict(os.environ,
                         MALLOC_CONF='prof:true,lg_prof_sample:9'),
                stdout=subprocess.DEVNULL) as p:
            try:
                fill_redis(socket)
                return take(heapsnap, p.pid)
            finally:
                p.kill()


def fill_redis(socket):
    deadline = time.monotonic() + 30
    while not os.path.exists(socket):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    commands = ''.join(
        f'SET k{i} {i}\nLPUSH l{i % 9} {i}\nHSET h{i % 9} f{i} {i}\n'
        f'SADD s{i % 9} m{i}\nZADD z{i % 9} {i} m{i}\nXADD x * f {i}\n'
        for i in range(3000))
    subprocess.run(['redis-cli', '-s', socket], input=commands.encode(),
                   check=True, stdout=subprocess.DEVNULL)
