"""A real browser without a window, and checks of what it shows.

It is driven by chromedriver (W3C WebDriver, plain HTTP and JSON).
"""
import json
import subprocess
import tempfile
import time
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--window-size=1280,900", "about:blank"]


class Browser:
    """One that keeps its profile in @folder; close() ends it."""

    def __init__(self, folder):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"],
                                       stdout=subprocess.PIPE, text=True)
        for line in self.driver.stdout:
            if "started successfully on port " in line:
                port = line.split("on port ")[1].strip().rstrip(".")
                break
        self.base = "http://127.0.0.1:%s" % port
        profile = tempfile.mkdtemp(dir=folder)
        options = {"args": FLAGS + ["--user-data-dir=" + profile]}
        answer = self.call("POST", "/session", {"capabilities": {
            "alwaysMatch": {"goog:chromeOptions": options,
                            "goog:loggingPrefs": {"browser": "ALL",
                                                  "performance": "ALL"}}}})
        self.base += "/session/" + answer["sessionId"]
        # What the browser shows at its start is its own business.
        self.call("POST", "/url", {"url": "about:blank"})
        self.logs("performance")

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {
            "Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, path):
        # Another fragment of the same page does not load it again.
        self.call("POST", "/url", {"url": "about:blank"})
        self.call("POST", "/url", {"url": "file://" + path})

    def js(self, script, *args):
        return self.call("POST", "/execute/sync",
                         {"script": script, "args": args})

    def keys(self, keys):
        actions = []
        for key in keys:
            actions += [{"type": "keyDown", "value": key},
                        {"type": "keyUp", "value": key}]
        self.call("POST", "/actions", {"actions": [
            {"type": "key", "id": "keys", "actions": actions}]})

    def click(self, x, y):
        self.call("POST", "/actions", {"actions": [
            {"type": "pointer", "id": "mouse", "actions": [
                {"type": "pointerMove", "x": x, "y": y},
                {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0}]}]})

    def logs(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()


def check(name, got, want):
    if got == want:
        print("ok " + name, flush=True)
    else:
        print("not ok %s: got %r, wanted %r" % (name, got, want), flush=True)


def wait(browser, script, want):
    """What is delayed until the typing ends."""
    end = time.time() + 10
    while True:
        got = browser.js(script)
        if got == want or time.time() > end:
            return got
        time.sleep(0.02)
