#!/usr/bin/env python3
"""speedscope, as the npm registry has it, shows what is in the folded stacks of a
report and of a diff (TAP).

    speedscope.py HEAPSNAP

Its table of functions is compared with the JSON of the same report. Needs npm, a
network and chromium.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, ROOT + "/tests/e2e/report")
from browser import Browser, check, wait  # noqa: E402

VERSION = "speedscope@1.25.0"
INTEGRITY = ("sha512-cpf9HWTZf1ijLXBJrk87Ve/54tnYx6rlf0gUThvn3ook6h63hLXVOQiMf44PT+"
             "XoV503cPfvfiT5gP5vojp6Ag==")
DATA = ROOT + "/tests/data/searchd-%s.heap"
# Rows of Total, Self and name, the first of them the head.
TABLE = """return [...document.querySelectorAll('tr')].map((row) =>
    [...row.querySelectorAll('td')].map((cell) => cell.textContent))"""


def unpack(folder):
    """The folder of its page."""
    packed = json.loads(subprocess.run(
        ["npm", "pack", "--json", VERSION], cwd=folder, check=True,
        capture_output=True, text=True).stdout)[0]
    if packed["integrity"] != INTEGRITY:
        sys.exit("%s is another file than before" % VERSION)
    subprocess.run(["tar", "xzf", packed["filename"]], cwd=folder, check=True)
    return folder + "/package/dist/release"


def shown(browser, page, folder, folded):
    """What its bin/cli.mjs has the browser show: {name: (all bytes, its own)}."""
    with open(folder + "/profile.js", "w") as f:
        f.write("speedscope.loadFileFromBase64('heap.folded', '%s')" %
                base64.b64encode(folded).decode())
    browser.open("%s/index.html#localProfilePath=%s/profile.js" % (page, folder))
    wait(browser, "return document.title.includes('heap.folded')", True)
    browser.keys("3")  # the view with the table
    wait(browser, "return document.querySelectorAll('tr').length > 1", True)
    return {name: (number(of_all), number(own))
            for of_all, own, name in browser.js(TABLE)[1:]}


def number(cell):
    return int(cell.split(" ")[0].replace(",", ""))


def expected(report):
    """The same of a report in JSON."""
    table = {}
    for stack in report["stacks"]:
        names = [f["function"] or "%s+%s" % (
            os.path.basename(f["module"]), f["offset"]) for f in stack["frames"]]
        for name in set(names):
            of_all, own = table.get(name, (0, 0))
            table[name] = (of_all + stack["bytes"], own + stack["bytes"] * (
                name == names[0]))
    return table


def main(heapsnap):
    def report(*arguments):
        return subprocess.run([heapsnap, *arguments, "-q"], check=True,
                              stdout=subprocess.PIPE).stdout

    live = "report", DATA % "after"
    diff = "diff", DATA % "before", DATA % "after"
    grown = diff + ("--ignore", "table_load")
    with tempfile.TemporaryDirectory() as folder:
        page = unpack(folder)
        browser = Browser(folder)
        try:
            check("a report", shown(browser, page, folder, report(
                *live, "-f", "folded")), expected(json.loads(report(
                    *live, "-f", "json"))))
            check("what grew", shown(browser, page, folder, report(
                *grown, "-f", "folded", "--folded-diff", "signed")),
                expected(json.loads(report(*grown, "-f", "json"))))
        finally:
            browser.close()
    print("1..2")


main(sys.argv[1])
