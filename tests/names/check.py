#!/usr/bin/env python3
"""Names, files, lines and inlined calls are those of llvm-symbolizer and of
addr2line -f -i, for every address of snapshots of real programs and for every
byte of functions that gcc, clang and rustc built in many ways (TAP).

    check.py HEAPSNAP ASK

Where the three differ is counted and shown; a test fails when we differ from
llvm-symbolizer in a way that is not one of these (oracles.py knows them):

- "other name of the address": functions have several names (read, __read,
  C1 and C2 constructors): we take the most public, llvm-symbolizer another,
  addr2line that of DWARF;
- "piece of a function": "f.cold" and "f.constprop.0" are shown as f;
- "scopes": gcc gives functions in anonymous namespaces no linkage name: the
  oracles show the last part, we all;
- "nearest symbol": addr2line gives what lies behind a stripped function's
  neighbour the neighbour's name; we none;
- "symbol without size": hand-written assembly that has a name in the full
  symbol table, which llvm-symbolizer 14 passes by;
- "object file": without debug information llvm-symbolizer shows the name of
  the object file that the symbol table has ("crt1.o") for a source file;
- "directory twice": the first folder of a DWARF 5 line table is the directory
  of the unit itself; LLVM 14 and binutils 2.40 put it before itself when it is
  relative;
- "symbol of debug information": gcc's link-time optimisation makes symbols in
  .debug_info, whose values llvm-symbolizer takes for addresses of code;
- llvm-symbolizer 14 misses inlined calls in .dwo files whose range lists
  count from the unit's start, addr2line 2.40 reads no .dwo files: both get the
  same program with plain DWARF, which has the same code.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import oracles
import snapshots

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, '../data/symbols')

# name, compiler, flags, link flags, what the oracles get instead
BUILDS = [
    (f'{compiler} {level} {kind}', compiler, f'{level} {flags}', link, None)
    for compiler in ('gcc', 'clang')
    for level in ('-O0', '-O1', '-O2', '-O3')
    for kind, flags, link in (
        ('-g', '-g', ''), ('DWARF 2', '-gdwarf-2', ''),
        ('DWARF 3', '-gdwarf-3', ''), ('DWARF 4', '-gdwarf-4', ''),
        ('-g1', '-g1', ''))
] + [
    (f'{compiler} {name}', compiler, f'-O2 {flags}', link, plain)
    for compiler in ('gcc', 'clang')
    for name, flags, link, plain in (
        ('LTO', '-g -flto',
         '-fuse-ld=lld' if compiler == 'clang' else '', None),
        ('compressed', '-g -gz', '-gz', None),
        ('sections', '-g -ffunction-sections', '-Wl,--gc-sections', None),
        ('type units', '-gdwarf-4 -fdebug-types-section', '', None),
        ('split', '-gdwarf-5 -gsplit-dwarf', '', '-O2 -gdwarf-5'),
        ('split 4', '-gdwarf-4 -gsplit-dwarf', '', '-O2 -gdwarf-4'),
        ('64-bit DWARF', '-gdwarf-5 -gdwarf64', '', None))
] + [
    ('clang -gline-tables-only', 'clang', '-O2 -gline-tables-only', '', None),
    ('clang lld', 'clang', '-O2 -g -ffunction-sections',
     '-fuse-ld=lld -Wl,--gc-sections,--icf=all', None),
    ('gcc compressed, old', 'gcc', '-O2 -g -gz=zlib-gnu', '-gz=zlib-gnu',
     None),
    ('gcc not PIE', 'gcc', '-O2 -g -fno-pie', '-no-pie', None),
]

# name, compiler, flags, more flags, what is done with the program then; the
# oracles get one of flags alone. LLVM 14 reads no files of dwz.
PACKAGES = [
    ('gcc dwp 4', 'gcc', '-O2 -gdwarf-4', '-gsplit-dwarf',
     'dwp -e prog && rm *.dwo'),
    ('clang dwp 5', 'clang', '-O2 -gdwarf-5', '-gsplit-dwarf',
     'llvm-dwp -e prog -o prog.dwp && rm *.dwo'),
    ('clang dwp 4', 'clang', '-O2 -gdwarf-4', '-gsplit-dwarf',
     'llvm-dwp -e prog -o prog.dwp && rm *.dwo'),
    ('gcc dwz', 'gcc', '-O2 -g', '',
     'cp prog other && dwz -m common prog other && '
     'readelf -S prog | grep -q debugaltlink'),
    ('gcc dwz 4', 'gcc', '-O2 -gdwarf-4', '',
     'cp prog other && dwz -m common prog other && '
     'readelf -S prog | grep -q debugaltlink'),
    ('gcc dwz, one file', 'gcc', '-O2 -g', '', 'dwz prog'),
]

RUST = [
    ('rustc -O', '-g -O'),
    ('rustc debug', '-g'),
    ('rustc v0 -O', '-g -O -C symbol-mangling-version=v0'),
    ('rustc -O LTO', '-g -O -C lto'),
]


class Checker:
    def __init__(self, ask):
        self.ask = ask
        self.n = self.failed = 0
        self.total = self.same = self.both = 0

    def report(self, ok, name):
        self.n += 1
        self.failed += not ok
        print(f'{"" if ok else "not "}ok {self.n} - {name}', flush=True)

    def compare(self, name, ours, llvm, addr2line):
        counts, examples = oracles.tally(ours, llvm)
        wrong = [kind for kind in counts if kind and kind[0] != '~']
        agreed = sum(1 for kind in counts.elements()
                     if not kind or kind[0] == '~')
        others, other_examples = oracles.tally(ours, addr2line)
        both = sum(1 for kind in others.elements()
                   if not kind or kind[0] == '~')
        self.total += len(ours)
        self.same += agreed
        self.both += both
        print(f'# {name}: {len(ours)} addresses; llvm-symbolizer '
              f'{tell(counts)}; addr2line {tell(others)}')
        for kind in wrong:
            print(f'# {kind}: {examples[kind]}')
        for kind in others:
            if kind and kind[0] != '~' and os.environ.get('V'):
                print(f'# addr2line, {kind}: {other_examples[kind]}')
        self.report(len(ours) > 0 and not wrong, name)

    def check_files(self, name, questions, instead=None):
        ours = oracles.ask_ours(self.ask, questions)
        theirs = [(instead or path, at) for path, at in questions]
        llvm = oracles.ask_llvm(theirs)
        addr2line = oracles.ask_addr2line(theirs)
        if instead:
            path = questions[0][0]
            llvm = {(path, at): v for (_, at), v in llvm.items()}
            addr2line = {(path, at): v for (_, at), v in addr2line.items()}
        self.compare(name, ours, llvm, addr2line)

    def check_snapshot(self, name, answers):
        questions = list(answers)
        self.compare(name, answers, oracles.ask_llvm(questions),
                     oracles.ask_addr2line(questions))


def tell(counts):
    same = counts.get('', 0)
    rest = ''.join(f', {kind.lstrip("~")} {n}'
                   for kind, n in sorted(counts.items()) if kind)
    return f'same {same}{rest}'


def sh(command, cwd):
    done = subprocess.run(command, shell=True, cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        print('#', command, done.stdout.decode().replace('\n', '\n# '))
    return done.returncode == 0


def build(folder, compiler, flags, link, output='prog'):
    cxx = {'gcc': 'g++', 'clang': 'clang++'}[compiler]
    return sh(f'for s in chain far main; do {compiler} -include chain.h '
              f'{flags} -c $s.c -o $s.o || exit; done && '
              f'{cxx} -include chain.h {flags} -c shapes.cc -o shapes.o && '
              f'{cxx} {flags} {link} chain.o far.o main.o shapes.o -o {output}',
              folder)


def addresses(path, step=1, only=None):
    """Of all functions that have a size, the C library's start files apart."""
    out = subprocess.run(['nm', '-S', '--defined-only', path], check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    found = set()
    for line in out.splitlines():
        words = line.split()
        if (len(words) == 4 and words[2] in 'tTwW' and words[3] != '_start'
                and (not only or only in words[3])):
            start, size = int(words[0], 16), int(words[1], 16)
            found.update(range(start, start + size, step))
    return [(path, a) for a in sorted(found)]


def check_builds(checker):
    for name, compiler, flags, link, plain in BUILDS:
        with tempfile.TemporaryDirectory() as top:
            folder = shutil.copytree(SOURCES, top + '/src')
            ok = not plain or build(folder, compiler, plain, '', 'plain')
            ok = ok and build(folder, compiler, flags, link)
            if not ok:
                checker.report(False, name)
                continue
            checker.check_files(name, addresses(folder + '/prog'),
                                folder + '/plain' if plain else None)


def check_packages(checker):
    for name, compiler, flags, more, pack in PACKAGES:
        with tempfile.TemporaryDirectory() as top:
            folder = shutil.copytree(SOURCES, top + '/src')
            ok = (build(folder, compiler, flags, '', 'plain') and
                  build(folder, compiler, f'{flags} {more}', '') and
                  sh(pack, folder))
            if ok:
                checker.check_files(name, addresses(folder + '/prog'),
                                    folder + '/plain')
            else:
                checker.report(False, name)


def check_rust(checker):
    for name, flags in RUST:
        with tempfile.TemporaryDirectory() as folder:
            if sh(f'/usr/bin/rustc {flags} {HERE}/victim.rs -o prog', folder):
                checker.check_files(name, addresses(folder + '/prog', 7))
            else:
                checker.report(False, name)


def main():
    heapsnap, ask, *only = sys.argv[1:]
    checker = Checker(ask)
    if only:
        BUILDS[:] = [b for b in BUILDS if b[0] in only]
        PACKAGES[:] = [b for b in PACKAGES if b[0] in only]
        check_builds(checker)
        check_packages(checker)
        return checker.failed
    checker.check_snapshot('snapshot of python3-dbg',
                           snapshots.python_snapshot(heapsnap)[0])
    checker.check_snapshot('snapshot of redis-server',
                           snapshots.redis_snapshot(heapsnap)[0])
    check_builds(checker)
    check_packages(checker)
    check_rust(checker)
    print(f'1..{checker.n}')
    print(f'# {checker.total} addresses: llvm-symbolizer agrees on '
          f'{checker.same}, addr2line on {checker.both}')
    return 1 if checker.failed else 0


if __name__ == '__main__':
    sys.exit(main())
