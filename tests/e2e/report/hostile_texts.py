"""Hostile texts in each field of a snapshot, by each command, in each format.

    hostile_texts.py HEAPSNAP FOLDER FORMAT...

Of each format: what is not as with a harmless text. "ok FORMAT", or "not ok FORMAT:
what is wrong" in a line. FOLDER gets the snapshots.
"""
import csv
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

HARMLESS = b"harmless"
TEXTS = [
    # of pages and pictures
    b"</script><script>document.title = 'mine'</script>", b"<!--<script>",
    b"'><img src=x onerror=alert(1)>", b'"><svg onload=alert(1)>',
    b"</title></style><iframe src=//x>", b"]]>&lt;&#60;b>", b"javascript:alert(1)",
    # of tables and documents
    b"=cmd|'/c calc'!A1", b"+1+1", b"-2+3", b"@SUM(A1)", b"\t=1", b"\r=1",
    b"a|b`c`d\\|e", b"[x](javascript:alert(1))", b"#h\n\n- li\n***\n",
    # of terminals
    b"\x1b]0;owned\x07\x1b[2J", b"\xc2\x9b31m\xc2\x85", b"\x01\x02\x08\x7f\x0c",
    b"\xe2\x80\xaegpj.exe", b"\xe2\x81\xa6x\xe2\x81\xa9\xe2\x80\xabx",
    # of no character set
    b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xef\xbf\xbf",
    b"\xe2\x82",
    # of our own formats and of C's
    b"a;b--c", b"line\nbreak", b'a\\"b', b"%s%n%x", b"$(id)`id`", b"-", b"",
    b"../../etc/passwd", b"x" * 5000,
]
COMMANDS = [
    ["diff", "1.heap", "2.heap"],
    ["diff", "1.heap", "2.heap", "1.heap"],
    ["report", "2.heap", "--by", "thread"],
    ["report", "2.heap", "--by", "module"],
    ["report", "2.heap", "--by", "file"],
    ["report", "2.heap", "--demangle", "full"],
    ["merge", "1.heap", "2.heap"],
]
NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069]")


def word(text):
    """As the lines of a snapshot have it."""
    if text in (b"", b"-"):
        return {b"": b"\\e", b"-": b"\\-"}[text]
    return b"".join(b"%c" % c if 0x20 < c < 0x7f and c != 0x5c else b"\\x%02x" % c
                    for c in text)


def snapshot(text, size):
    line = text.replace(b"\n", b" ") or b"x"
    path = word(b"/" + line)
    stack = b"".join(
        b"@ 0x%x 0x2011 0x9999\n  t*: 9: %d [0: 0]\n  t1: 9: %d [0: 0]\n" % (
            pc, size, size) for pc in (0x1000, 0x1100))
    head = b"".join(b"# heapsnap %s %s\n" % (key, word(text)) for key in (
        b"command", b"command-line", b"host", b"taken-at", b"jemalloc-version",
        b"mode"))
    return (b"heap_v2/4096\n  t*: 18: %d [0: 0]\n  t1: 18: %d [0: 0] %s\n%s\n"
            b"MAPPED_LIBRARIES:\n"
            b"00001000-00002000 r-xp 00000000 fe:00 12 /%s\n"
            b"00002000-00003000 r-xp 00000000 fe:00 13 /usr/bin/x\n\n"
            b"# heapsnap 1\n# heapsnap pid 42\n%s"
            b"# heapsnap rss 9999999\n# heapsnap memory file 1 99999 99999 0 %s\n"
            b"# heapsnap memory other 1 9999 9999 0 %s\n"
            b"# heapsnap name 0x1000 %s %s 7 0\n# heapsnap end\n" % (
                2 * size, 2 * size, line, stack, line, head, path, word(text),
                word(text), word(text)))


class Page(html.parser.HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.data, self.inside = [], "", False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        handlers = sorted(name for name, _ in attrs if name.startswith("on"))
        self.inside = dict(attrs).get("id") == "data"
        if tag not in ("tr", "td", "option"):
            self.tags.append((tag, *handlers))

    def handle_endtag(self, tag):
        self.inside = False

    def handle_comment(self, data):
        self.tags.append("comment")

    def handle_data(self, data):
        if self.inside:
            self.data += data


def of_html(out):
    page = Page(out)
    json.loads(page.data)
    return page.tags


def of_xml(out):
    """Names of elements and attributes; how many there are depends on widths."""
    return sorted({(e.tag, *sorted(set(e.attrib) - {"class"}))
                   for e in ET.fromstring(out).iter()})


def of_csv(out):
    rows = list(csv.reader(io.StringIO(out, newline="")))
    formulas = [cell for row in rows for cell in row
                if cell[:1] in ("=", "+", "@", "\t", "\r") or
                cell[:1] == "-" and not re.fullmatch(r"-\d+(\.\d+)?", cell)]
    return [len(row) for row in rows], formulas


def of_dot(out):
    drawn = subprocess.run(["dot", "-Tplain"], input=out.encode(),
                           capture_output=True)
    words = [line.split()[0] for line in drawn.stdout.decode().splitlines()
             if line.split()[0] in ("node", "edge")]
    return drawn.returncode, drawn.stderr, sorted(words)


def of_folded(out):
    return [(line.count(";"), re.search(r"( -?\d+)+$", line).group())
            for line in out.splitlines()]


def keys(value):
    """The keys of @value, at any depth; those without an order sorted."""
    if isinstance(value, dict):
        return sorted((key, keys(below)) for key, below in value.items())
    return [keys(below) for below in value] if isinstance(value, list) else []


# What a report is made of, whatever the texts say.
SHAPES = {
    "html": of_html, "svg": of_xml, "junit": of_xml, "csv": of_csv, "dot": of_dot,
    "folded": of_folded, "json": lambda out: keys(json.loads(out)),
    "sarif": lambda out: keys(json.loads(out)),
    # A cell ends at a bar that nothing stands before, a row at a line's end.
    "markdown": lambda out: (
        [len(re.findall(r"(?<!\\)\|", line)) for line in out.splitlines()
         if line.startswith("|")],
        re.findall(r"<(?!/?(?:details|summary|sub|sup|br|code)\b)[a-z/!]",
                   re.sub(r"(`+).*?\1", "", out))),
}
BINARY = {"pprof"}


def shape(heapsnap, folder, form, command):
    done = subprocess.run([heapsnap, *command, "-f", form], cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          env=dict(os.environ, LC_ALL="C.UTF-8"))
    if done.returncode:
        raise ValueError("exit %d: %s" % (done.returncode, done.stderr[:200]))
    said = done.stderr.decode()
    out = "" if form in BINARY else done.stdout.decode()
    found = NEVER.search(said.replace("\n", "") + out.replace("\n", ""))
    if found:
        raise ValueError("%r is in it" % found.group())
    return SHAPES[form](out) if form in SHAPES else None


def look(heapsnap, folder, form, text, commands, wanted):
    """What is wrong, or None."""
    for size, name in (4096, "1.heap"), (90000, "2.heap"):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(snapshot(text, size))
    for command in commands:
        if form == "jeprof" and command[0] == "diff":
            continue
        try:
            got = shape(heapsnap, folder, form, command)
        except (ValueError, ET.ParseError, csv.Error) as error:
            return "%r, %s: %s" % (text[:40], " ".join(command), error)
        key = " ".join(command)
        if wanted.setdefault(key, got) != got:
            return "%r, %s: %s instead of %s" % (
                text[:40], key, str(got)[:300], str(wanted[key])[:300])
    return None


def main(heapsnap, folder, *formats):
    for form in formats:
        wanted = {}
        report = ["report", "1.heap"]
        wrong = look(heapsnap, folder, form, HARMLESS, [report] + COMMANDS, wanted)
        for i, text in enumerate(TEXTS):
            wrong = wrong or look(heapsnap, folder, form, text,
                                  [report, COMMANDS[i % len(COMMANDS)]], wanted)
        print("not ok %s: %s" % (form, wrong) if wrong else "ok %s" % form,
              flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
