"""The answers of llvm-symbolizer, addr2line and our own symbolizer, and where
they differ."""
import json
import os
import re
import subprocess
from collections import Counter, defaultdict

# What compilers put behind the names of pieces and copies of a function.
PIECE = re.compile(r'\.(cold|part|isra|constprop|lto_priv|llvm|localalias)'
                   r'(\.\d+)*$|\.\d+$')


def base(name):
    while True:
        cut = PIECE.sub('', name)
        if cut == name or not cut:
            return name
        name = cut


def quoted(questions):
    return ''.join(f'"{path}" {address:#x}\n' for path, address in questions)


def run(args, text):
    return subprocess.run(args, input=text.encode(), check=True,
                          stdout=subprocess.PIPE).stdout.decode(
                              errors='surrogateescape')


def ask_ours(program, questions):
    answers, frames = {}, None
    for line in run([program], quoted(questions)).splitlines():
        if line.startswith('\t'):
            function, file, number = line[1:].split('\t')
            frames.append((known(function), known(file), int(number)))
        else:
            path, address = line[1:].rsplit('" ', 1)
            frames = answers[path, int(address, 16)] = []
    return answers


def known(text):
    return '' if text.startswith('?') else text


def ask_llvm(questions):
    """{(path, address): [(function, file, line), ...]}"""
    answers = {}
    out = run(['llvm-symbolizer', '--no-demangle', '--inlines',
               '--output-style=JSON'], quoted(questions))
    for line, question in zip(out.splitlines(), questions):
        frames = []
        for s in json.loads(line).get('Symbol', []):
            frames.append((s['FunctionName'], s['FileName'], s['Line']))
        answers[question] = [] if frames == [('', '', 0)] else frames
    return answers


def ask_addr2line(questions):
    files, answers = defaultdict(list), {}
    for path, address in questions:
        files[path].append(address)
    for path, addresses in files.items():
        out = run(['addr2line', '-a', '-f', '-i', '-e', path],
                  ''.join(f'{a:#x}\n' for a in addresses))
        frames, function = None, None
        for line in out.splitlines():
            if re.fullmatch(r'0x[0-9a-f]{16}', line) and function is None:
                frames = answers[path, int(line, 16)] = []
            elif function is None:
                function = known(line)
            else:
                file, number = re.sub(r' \(discriminator \d+\)', '',
                                      line).rsplit(':', 1)
                frames.append((function, known(file),
                               0 if number == '?' else int(number)))
                function = None
    return {q: [] if f == [('', '', 0)] else f for q, f in answers.items()}


def debug_file(path):
    notes = subprocess.run(['readelf', '-n', path], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL).stdout.decode()
    found = re.search(r'Build ID: ([0-9a-f]+)', notes)
    return ('/usr/lib/debug/.build-id/{}/{}.debug'.format(
        found[1][:2], found[1][2:]) if found else path)


class Names:
    """The names that the symbols of one address have."""

    def __init__(self, path):
        self.by_name = defaultdict(set)
        for option in ([path], ['-D', path], [debug_file(path)]):
            out = subprocess.run(['nm', '--no-demangle', *option],
                                 stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL).stdout
            for line in out.decode(errors='surrogateescape').splitlines():
                words = line.split()
                if len(words) == 3 and words[1] not in 'nN':
                    name = words[2].split('@')[0]
                    self.by_name[base(name)].add(words[0])
                    self.by_name[name].add(words[0])

    def same(self, a, b):
        return bool(self.by_name[a] & self.by_name[b])


def same_file(a, b):
    """'' when both are one path, else how they differ."""
    if a == b or (a and b and os.path.normpath(a) == os.path.normpath(b)):
        return ''
    # Folder 0 of a line table of version 5 is the unit's directory (DWARF 5,
    # 6.2.4), not something in it: LLVM before 15 and binutils 2.40 put it
    # before itself when it is relative, as in Debian's packages.
    if a and b.endswith('/' + a) and a.startswith(b[:-len(a)]):
        return '~directory twice'
    return 'file'


def difference(ours, theirs, names):
    """'' when both say the same of an address; else in which way they differ.
    What begins with a "~" is right in both, or known to be wrong in theirs."""
    if not ours and len(theirs) == 1 and not theirs[0][2]:
        # Beyond the end of the symbol before it, or only in .dynsym.
        return '~nearest symbol'
    if not theirs and len(ours) == 1 and not ours[0][2]:
        return '~symbol without size'
    if len(ours) != len(theirs):
        return 'number of frames'
    found = ''
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if a[2] != b[2]:
            return 'line'
        kind = same_file(a[1], b[1])
        # Without debug information llvm-symbolizer takes the name of the
        # object file, which the symbol table has, for that of a source.
        if kind == 'file' and not a[1] and not b[2]:
            kind = '~object file'
        if kind == 'file':
            return kind
        if a[0] != b[0] and not kind:
            kind = same_function(a[0], b[0], i + 1 == len(ours), names)
        if kind == 'function':
            return kind
        found = found or kind
    return found


def same_function(a, b, outermost, names):
    if a == base(b):
        return '~piece of a function'
    if a.endswith('::' + b):
        return '~scopes'
    if outermost and names.same(a, b):
        return '~other name of the address'
    # gcc's link-time optimisation makes symbols in .debug_info
    # ("far.c.1a4177eb"), whose values llvm-symbolizer takes for addresses.
    if outermost and re.search(r'\.cc?\.[0-9a-f]{6,8}$', b):
        return '~symbol of debug information'
    return 'function'


def tally(ours, theirs, cache={}):
    """How often each difference is, and an example of each."""
    counts, examples = Counter(), {}
    for question, frames in ours.items():
        path = question[0]
        if path not in cache:
            cache[path] = Names(path)
        kind = difference(frames, theirs[question], cache[path])
        counts[kind] += 1
        examples.setdefault(kind, (question, frames, theirs[question]))
    return counts, examples
