"""Looks at reports as pages in a real browser.

page_check.py FOLDER: FOLDER has diff.html and diff.json, moves.html and moves.json
of a cache that drains, gone.html of what is gone, trend.html of four snapshots,
noisy.html and noisy.json of three, hostile.html, and big.html with 100,000 stacks.
Prints a line a test: "ok NAME" or "not ok NAME: what is wrong".
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys

from browser import Browser, check, wait


def quiet(browser, name):
    """Nothing was asked of the network, nothing went wrong."""
    asked = []
    for entry in browser.logs("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith(("file://", "data:", "about:")):
                asked.append(url)
    check(name + ": nothing is asked of the network", asked, [])
    check(name + ": the console is empty",
          [entry["message"] for entry in browser.logs("browser")], [])


ROWS = "return [...document.querySelectorAll('#stacks tbody tr')]"
BYTES = ROWS + ".map((r) => Number(r.dataset.bytes))"
SELECTED = "return document.getElementById('selected').textContent"
BOX = """const r = document.getElementById('flame').getBoundingClientRect();
document.getElementById('flame').scrollIntoView({block: 'center'});
const s = document.getElementById('flame').getBoundingClientRect();
return [s.left, s.top, s.width, s.height];"""
PIXELS = """const c = document.getElementById('flame');
const copy = document.createElement('canvas');
copy.width = c.width;
copy.height = c.height;
const pen = copy.getContext('2d', {willReadFrequently: true});
pen.drawImage(c, 0, 0);
const d = pen.getImageData(0, 0, c.width, c.height).data;
let n = 0;
for (let i = 0; i < d.length; i += 4)
    n += d[i] === arguments[0] && d[i + 1] === arguments[1] &&
        d[i + 2] === arguments[2];
return n;"""
ENTER, ESCAPE, DOWN, RIGHT = "\ue007", "\ue00c", "\ue015", "\ue014"


def check_numbers(browser, report):
    totals = report["totals"]
    figures = browser.js("return [...document.querySelectorAll("
                         "'#figures [data-bytes]')].map((e) => "
                         "Number(e.dataset.bytes))")
    check("the figures are those of the JSON", figures,
          [totals["grown_bytes"], -totals["shrunk_bytes"], totals["bytes"]])
    rows = browser.js(BYTES)
    check("the table's rows are the JSON's stacks", rows,
          [stack["bytes"] for stack in report["stacks"]])
    check("and add up to the change", sum(rows), totals["bytes"])
    check("as their sum says", browser.js(
        "return Number(document.getElementById('count').dataset.bytes)"),
        totals["bytes"])
    check("the memory breakdown is there", browser.js(
        "return document.getElementById('breakdown').hidden"), False)
    text = subprocess.run(
        [os.environ["HEAPSNAP"], "diff", "-qv", "--top", "1",
         report["before"]["file"], report["after"]["file"]],
        capture_output=True, text=True, check=True).stdout
    said = browser.js("return document.getElementById('sentence').textContent")
    check("it begins with the sentence of the text report", said.strip(),
          " ".join(text.split("\n   90%")[0].split()).replace("+-", "±"))
    check("which is said once", browser.js(
        "return document.body.innerText.split('heap growth of').length"), 2)
    check("and its lines", browser.js(
        "return document.querySelector('#lines li').textContent"),
        "90%  +169.7 MiB  search::Cache::put (cache.cc:214)")
    titles = browser.js("return [...document.querySelectorAll("
                        "'#breakdown-table td:first-child')]"
                        ".map((e) => e.textContent)")
    lines = [re.sub(" (?:\\+-|±) ", " ± ", line) for line in text.split(
        "where the memory is")[1].split("\n\n")[0].split("\n")[1:]]
    check("in the words of the text report, in its order", titles,
          [re.split("  +", line.strip())[0] for line in lines])
    check("its parts add up to the JSON's", browser.js(
        "const sum = (kinds) => [...document.querySelectorAll(kinds)].reduce("
        "(n, row) => n + Number(row.dataset.bytes), 0);"
        "return [sum('#breakdown .part, #breakdown .deduced'),"
        "sum('#breakdown .total')]"), [report["after"]["ledger"]["rss"]] * 2)
    check("with what it means", browser.js(
        "return document.getElementById('diagnosis').textContent"),
        report["diagnosis"])
    check("and its columns", browser.js(
        "return [...document.querySelectorAll('#breakdown-table th')]"
        ".map((e) => e.textContent).join(' ')"), " before after change")



def check_sort(browser, report):
    def press(column):
        browser.js("document.querySelector('[data-column=' + arguments[0] + "
                   "']').click()", column)
    stacks = report["stacks"]
    press("now")
    want = sorted(stacks, key=lambda s: -s["after"]["bytes"])
    check("a click on a column sorts by it", browser.js(BYTES),
          [s["bytes"] for s in want])
    press("now")
    check("another one the other way", browser.js(BYTES),
          [s["bytes"] for s in reversed(want)])
    check("the heading says so", browser.js(
        "return document.querySelector('[data-column=now]').parentElement"
        ".getAttribute('aria-sort')"), "ascending")
    press("change")


def check_search(browser, folder):
    browser.js("document.getElementById('flame').focus()")
    browser.keys("/")
    check("a slash goes to the search", browser.js(
        "return document.activeElement.id"), "search")
    before = browser.js(PIXELS, 0xc0, 0x4b, 0xd8)
    browser.keys("table_load")
    got = wait(browser, BYTES, [-10073381])
    check("the search leaves the stacks that match", got, [-10073381])
    check("and marks the name", browser.js(
        "return document.querySelector('#stacks mark').textContent"),
        "table_load")
    after = browser.js(PIXELS, 0xc0, 0x4b, 0xd8)
    check("and its box in the graph", (before, after > 50), (0, True))
    check("and says how much that is", browser.js(
        "return document.getElementById('matched').textContent"),
        "matches -9.6 MiB, 100.0% of what shrank")
    browser.js("const s = document.getElementById('search'); s.value = "
               "'/cache|main.c/'; s.dispatchEvent(new Event('input'))")
    check("growth and shrinkage each of its own", browser.js(
        "return document.getElementById('matched').textContent"),
        "matches +176.6 MiB, 93.8% of the growth; -9.6 MiB, 100.0% of what "
        "shrank")
    browser.js("const s = document.getElementById('search'); s.value = '';"
               "s.dispatchEvent(new Event('input'))")
    wait(browser, "return location.hash", "")


def check_zoom(browser, folder):
    left, top, width, height = browser.js(BOX)
    rows = round(height / 20)
    check("the graph is as deep as the stacks, to the callers", rows, 7)
    # The third row from the top, far left: start_thread, in clone3.
    browser.click(int(left + 20), int(top + 50))
    check("a click zooms", browser.js(SELECTED).split(":")[0],
          "start_thread")
    link = browser.js("return location.href")
    check("and is kept in the address", "zoom=" in link, True)
    check("there is a way back", browser.js(
        "return document.getElementById('reset').disabled"), False)
    browser.open(link[len("file://"):])
    check("the address brings it back", browser.js(
        "return document.getElementById('reset').disabled"), False)
    left, top, width, height = browser.js(BOX)
    # Zoomed, the right end of its row is start_thread, not _start.
    browser.click(int(left + width - 20), int(top + 50))
    check("as wide as the graph", browser.js(SELECTED).split(":")[0],
          "start_thread")
    browser.js("document.getElementById('flame').focus()")
    browser.keys(ESCAPE)
    check("Escape zooms out", browser.js("return location.hash"), "")


def check_keyboard(browser):
    browser.open(FOLDER + "/diff.html")
    browser.js("document.getElementById('flame').focus()")
    browser.keys(DOWN + DOWN + DOWN)
    check("arrows go down the stacks", browser.js(SELECTED),
          "start_thread: 214.2 MiB now, 93.9%; +181.3 MiB ± 11.1 MiB")
    browser.keys(ENTER)
    check("Enter zooms", browser.js(
        "return location.hash").startswith("#zoom="), True)
    browser.keys(ESCAPE)
    check("a row is of the caller", browser.js(
        "return document.querySelector('#stacks .stack').textContent"),
        "search::Cache::put  /srv/searchd/src/cache/cache.cc:214  "
        "through std::__new_allocator::allocate")
    browser.js("document.querySelector('#stacks .stack').focus()")
    browser.keys(ENTER)
    frames = browser.js("return [...document.querySelectorAll('.frames li')]"
                        ".map((e) => e.textContent)")
    check("Enter on a stack shows its frames", frames[:2], [
        "std::__new_allocator::allocate (inlined) "
        "/usr/include/c++/12/bits/new_allocator.h:137",
        "search::Cache::put /srv/searchd/src/cache/cache.cc:214"])


def check_switches(browser):
    browser.js("document.getElementById('inverted').click()")
    browser.js("document.getElementById('flame').focus()")
    browser.keys(DOWN + DOWN)
    check("inverted: from the caller outwards", browser.js(
        SELECTED).split(": ")[0], "search::Cache::put")
    browser.js("document.getElementById('inverted').click();"
               "document.getElementById('grown').click()")
    check("grown only: no stack that shrank", browser.js(BYTES),
          [177902469, 11154770, 7276180, 1048832])
    check("both are in the address", browser.js(
        "return location.hash"), "#grown=1")


def check_vanished(browser):
    """What drains and what is gone has a box."""
    browser.open(FOLDER + "/moves.html")
    with open(FOLDER + "/moves.json") as f:
        report = json.load(f)
    check("a move: the sentence says so", "memory moved: old_cache (gl.c:5) gave "
          "back 20.6 MiB" in browser.js(
              "return document.getElementById('sentence').textContent"), True)
    check("a move: the longest pause is that of both", browser.js(
        "return document.getElementById('facts').textContent").split(" than ")[1],
        "7.0 ms")
    check("a move: the error is that of the sum", re.findall("net ± .*", browser.js(
        "return document.getElementById('figures').innerText")),
        ["net ± %.1f KiB" % (report["totals"]["bytes_se"] / 1024)])
    check("a move: the rows are the JSON's", sum(browser.js(BYTES)),
          report["totals"]["bytes"])
    browser.js("document.getElementById('flame').focus()")
    for _ in range(10):
        browser.keys(DOWN)
        if browser.js(SELECTED).startswith("old_cache"):
            break
    check("a move: the old cache is seen shrinking", browser.js(SELECTED),
          "old_cache: 16.6 MiB now, 39.8%; -20.6 MiB ± 0.8 MiB")
    blue = browser.js("""const c = document.getElementById('flame');
const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
let n = 0;
for (let i = 0; i < d.length; i += 4)
    n += d[i + 2] > d[i] + 60;
return n / c.width;""")
    check("a move: in blue, wider than what is left of it", blue > 9, True)
    browser.open(FOLDER + "/gone.html")
    browser.js("document.getElementById('flame').focus()")
    browser.keys("/libvendor")
    check("what is gone is found", wait(
        browser, "return document.getElementById('matched').textContent",
        "matches -6.9 MiB, 3.7% of what shrank"),
        "matches -6.9 MiB, 3.7% of what shrank")
    check("and has a box", browser.js(PIXELS, 0xc0, 0x4b, 0xd8) > 50, True)


def check_trend(browser):
    browser.open(FOLDER + "/trend.html")
    check("a trend: a point for each snapshot", browser.js(
        "return document.querySelectorAll('#trend circle').length"), 4)
    check("a trend: a line for each stack", browser.js(
        "return document.querySelectorAll('#stacks .spark').length"), 5)
    browser.js("document.querySelector('#stacks .stack').click()")
    titles = browser.js("return [...document.querySelectorAll("
                        "'#stacks .chart title')].map((e) => "
                        "e.textContent.split(',')[0])")
    check("a trend: and a chart of it, in the order of time", titles,
          ["26.1 MiB", "26.1 MiB", "195.8 MiB", "195.8 MiB"])
    check("a trend: its ends are shown", browser.js(
        "return [...document.querySelectorAll('#trend .ends span')]"
        ".map((e) => e.textContent)"),
        ["49.6 MiB 06:04:17", "228.2 MiB 06:04:27"])
    quiet(browser, "a trend")
    browser.open(FOLDER + "/noisy.html")
    rows = browser.js("return [...document.querySelectorAll('#stacks tbody "
                      "tr')].map((tr) => [tr.dataset.bytes, tr.querySelector("
                      "'.noise') !== null])")
    with open(FOLDER + "/noisy.json") as f:
        stacks = json.load(f)["stacks"]
    check("a trend: what its verdict calls noise is grey", sorted(rows), sorted(
        [str(s["bytes"]), s["trend"]["verdict"] in ("noise", "flat")]
        for s in stacks if s["bytes"]))


def check_screens(browser, pages):
    """Nothing is beside the screen, however small, and the night is dark."""
    def emulate(command, **values):
        browser.call("POST", "/goog/cdp/execute", {
            "cmd": "Emulation." + command, "params": values})
    for page in pages:
        for width in (390, 1280):
            emulate("setDeviceMetricsOverride", width=width, height=900,
                    deviceScaleFactor=1, mobile=False)
            for scheme in ("light", "dark"):
                emulate("setEmulatedMedia", features=[
                    {"name": "prefers-color-scheme", "value": scheme}])
                browser.open(FOLDER + "/" + page)
                name = "%s, %d px, %s" % (page, width, scheme)
                check(name + ": all is on the screen", browser.js(
                    "return document.documentElement.scrollWidth"
                    " <= innerWidth"), True)
                paper, ink = browser.js(
                    "const s = getComputedStyle(document.body);"
                    "return [s.backgroundColor, s.color].map((c) => "
                    "c.match(/\\d+/g).slice(0, 3).reduce("
                    "(sum, n) => sum + Number(n), 0))")
                check(name + ": its paper is " + scheme,
                      paper > ink + 300, scheme == "light")
                screenshot(browser, "%s-%d-%s.png" % (
                    page.split(".")[0], width, scheme))
    emulate("clearDeviceMetricsOverride")
    emulate("setEmulatedMedia", features=[])


def check_hostile(browser):
    browser.open(FOLDER + "/hostile.html")
    check("hostile: no stack is lost", sum(browser.js(BYTES)), 55000)
    names = browser.js("return [...document.querySelectorAll("
                       "'#stacks .stack')].map((e) => e.textContent)")
    check("hostile: markup is text", [n.split("  ")[0] for n in names
                                      if "script" in n],
          ["<script>alert(1)</script>"])
    check("hostile: escapes are shown", any("\\x1b[2J" in n for n in names),
          True)
    check("hostile: nothing of it is an element", browser.js(
        "return document.querySelectorAll('main img, main script, h1 b')"
        ".length"), 0)
    check("hostile: the title is text", browser.js(
        "return document.title"), 'live heap of <b>"evil')
    check("hostile: a name of 10,000 letters breaks nothing", browser.js(
        "return document.documentElement.scrollWidth <= innerWidth"), True)
    browser.js("document.querySelectorAll('.stack').forEach((e) => "
               "e.click())")
    check("hostile: neither do its frames", browser.js(
        "return document.documentElement.scrollWidth <= innerWidth"), True)
    quiet(browser, "hostile")


def check_injected(browser, report):
    """Were markup of a dump's to come through, a browser would not run it."""
    with open(FOLDER + "/diff.html") as f:
        page = f.read()
    policy = re.search('content="(default-src.*?)"', page).group(1)
    for tag in ("script", "style"):
        text = re.search("<%s>(.*?)</%s>" % (tag, tag), page, re.S).group(1)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest())
        check("the policy allows one %s, by its hash" % tag,
              re.search(tag + "-src ([^;]*);", policy).group(1),
              "'sha256-%s'" % digest.decode())
    ours = "document.documentElement.dataset.ran = "
    with open(FOLDER + "/injected.html", "w") as f:
        f.write(page.replace("</h1>", (
            "</h1><script>%s1</script><script nonce=\"heapsnap\">%s2</script>"
            "<img src=\"data:,\" onerror=\"%s3\">"
            "<style>h1 { display: none }</style>") % ((ours,) * 3), 1))
    browser.open(FOLDER + "/injected.html")
    check("injected: no script of others runs", browser.js(
        "return document.documentElement.dataset.ran || ''"), "")
    check("injected: nor is their style used", browser.js(
        "return getComputedStyle(document.querySelector('h1')).display"), "block")
    check("injected: the page's own does", sum(browser.js(BYTES)),
          report["totals"]["bytes"])
    check("injected: the browser says what it refused", sum(
        "violates the following Content Security Policy" in entry["message"]
        for entry in browser.logs("browser")), 4)
    browser.logs("performance")


def best(measure, times=3):
    return min(measure() for _ in range(times))


def check_big(browser):
    def load():
        browser.open(FOLDER + "/big.html")
        return browser.js("return performance.getEntriesByType('paint')"
                          ".find((e) => e.name === 'first-contentful-paint')"
                          ".startTime")

    def ready():
        load()
        return browser.js("return performance.getEntriesByType("
                          "'navigation')[0].domComplete")
    paint = best(load, 2)
    check("100,000 stacks: there is a first paint", paint > 0, True)
    took = best(ready, 2)
    print("# 100,000 stacks: first paint after %.0f ms, all is drawn after "
          "%.0f ms" % (paint, took), flush=True)
    check("100,000 stacks: all are counted", browser.js(
        "return document.getElementById('count').textContent")[:8],
        "100,000,")
    left, top, width, height = browser.js(BOX)

    def zoom():
        return browser.js("""const c = document.getElementById('flame');
const r = c.getBoundingClientRect();
const at = (x, y) => new MouseEvent('click', {bubbles: true,
    clientX: r.left + x, clientY: r.top + y});
const start = performance.now();
c.dispatchEvent(at(20, 30));
const end = performance.now();
c.dispatchEvent(at(20, 10));
return end - start;""")
    took = best(zoom)
    print("# 100,000 stacks: a zoom takes %.0f ms" % took, flush=True)
    check("100,000 stacks: few of them are in the page", browser.js(
        "return document.querySelectorAll('*').length") < 3000, True)
    quiet(browser, "100,000 stacks")


def screenshot(browser, name):
    """For a look by eye: $HS_SCREENSHOTS is the folder."""
    folder = os.environ.get("HS_SCREENSHOTS")
    if folder:
        with open(os.path.join(folder, name), "wb") as f:
            f.write(base64.b64decode(browser.call("GET", "/screenshot")))


def main():
    with open(FOLDER + "/diff.json") as f:
        report = json.load(f)
    browser = Browser(FOLDER)
    try:
        browser.open(FOLDER + "/diff.html")
        check_numbers(browser, report)
        screenshot(browser, "diff.png")
        check_sort(browser, report)
        check_search(browser, FOLDER)
        check_zoom(browser, FOLDER)
        check_keyboard(browser)
        check_switches(browser)
        quiet(browser, "a diff")
        check_vanished(browser)
        check_trend(browser)
        check_hostile(browser)
        check_injected(browser, report)
        check_screens(browser, ["diff.html", "trend.html", "hostile.html"])
        check_big(browser)
        screenshot(browser, "big.png")
    finally:
        browser.close()


FOLDER = os.path.abspath(sys.argv[1])
main()
