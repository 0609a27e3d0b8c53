#!/usr/bin/env python3
"""Which lines of the house the tests run, and which test runs each file.

    coverage.py BUILD TEST...

BUILD is a folder that was built with --coverage. Each test is run by itself,
and counts into a folder of its own, so that what it touches is known. Prints
for each source file how many of its lines were run, and by which tests, the
one that runs most of it first; files that no test touches come first of all.
"""
import json
import os
import subprocess
import sys
import tempfile

HOUSE = [line.split(':')[0] for line in open('mk/arrows', encoding='utf-8')
         if line[0].isalpha()]


def run(test, folder):
    """The test's own verdict is for `make check'; here it only runs."""
    env = dict(os.environ, GCOV_PREFIX=folder,
               GCOV_PREFIX_STRIP=str(os.getcwd().count('/')))
    return subprocess.run([test], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode


def linked(folder):
    """What was counted in the folder, each next to the compiler's notes."""
    for at, _, names in os.walk(folder):
        for name in names:
            notes = os.path.relpath(os.path.join(at, name[:-4] + 'gcno'),
                                    folder)
            if name.endswith('.gcda') and os.path.exists(notes):
                os.symlink(os.path.abspath(notes),
                           os.path.join(at, os.path.basename(notes)))
                yield os.path.join(at, name)


def notes_of(build):
    for at, _, names in os.walk(build):
        for name in names:
            if name.endswith('.gcno'):
                yield os.path.join(at, name)


def counted(files):
    """(FILE, LINE, COUNT) of the house."""
    out = subprocess.run(['gcov', '--json-format', '--stdout', *files],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=True).stdout if files else b''
    for one in out.splitlines():
        for source in json.loads(one)['files']:
            if source['file'].split('/')[0] in HOUSE:
                for line in source['lines']:
                    yield source['file'], line['line_number'], line['count']


def main():
    build, tests = sys.argv[1], sys.argv[2:]
    lines = {}  # FILE: {LINE: whether it was run}
    by = {}     # FILE: {TEST: lines that it ran}
    failed = []
    for path, line, _ in counted(list(notes_of(build))):
        lines.setdefault(path, {})[line] = False
    for test in tests:
        name = os.path.splitext(os.path.relpath(test, '.'))[0]
        name = name.removeprefix(build + '/').removeprefix('tests/')
        with tempfile.TemporaryDirectory() as folder:
            if run(test, folder):
                failed.append(name)
            for path, line, count in counted(list(linked(folder))):
                if count:
                    lines[path][line] = True
                    tests_of = by.setdefault(path, {})
                    tests_of[name] = tests_of.get(name, 0) + 1
    report(lines, by)
    for name in failed:
        print(f'failed: {name}', file=sys.stderr)


def report(lines, by):
    total = hit = 0
    width = max((len(path) for path in lines), default=0)
    for path in sorted(lines, key=lambda p: (bool(by.get(p)), p)):
        n, ran = len(lines[path]), sum(lines[path].values())
        total += n
        hit += ran
        most = sorted(by.get(path, {}).items(), key=lambda t: -t[1])
        names = ' '.join(name for name, _ in most) or 'no test'
        print(f'{path:{width}}  {ran:4} of {n:4}  {100 * ran // n:3}%  '
              f'{names}')
    if total:
        print(f'{"all":{width}}  {hit} of {total}, {100 * hit // total}%')


if __name__ == '__main__':
    main()
