"""A report in each format, each time with one allocation that fails.

    failing_writes.py HEAPSNAP SHIM POINTS FORMAT ARGUMENT...

Prints a line for each run that neither ends with 6 and leaves no file, nor with 0
and the report that it is without a failure; then how many ended with 6.
"""
import os
import subprocess
import sys
import tempfile


def run(command, shim, at):
    """The exit status, the report (None: there is no file), the files left, what
    was said, and the number of allocations."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        out = os.path.join(folder, "out")
        env = dict(os.environ, LC_ALL="C", LD_PRELOAD=shim, FAIL_AT=str(at))
        done = subprocess.run(command + ["-o", out], env=env,
                              stdin=subprocess.DEVNULL, capture_output=True)
        report = None
        if os.path.exists(out):
            with open(out, "rb") as file:
                report = file.read()
        left = [name for name in os.listdir(folder) if name != "out"]
        lines = done.stderr.decode().splitlines()
        said = [line for line in lines if not line.startswith("allocations ")]
        count = [line for line in lines if line.startswith("allocations ")]
        return (done.returncode, report, left, said,
                int(count[-1].split()[1]) if count else 0)


def main(heapsnap, shim, points, form, *arguments):
    command = [heapsnap, *arguments, "-f", form]
    status, whole, _, said, total = run(command, shim, 0)
    if status or not whole or not total:
        print("without a failure: exit %d, %s" % (status, said))
        return
    refused = 0
    for i in range(int(points)):
        at = 1 + i * total // int(points)
        status, report, left, said, _ = run(command, shim, at)
        what = "%s: allocation %d of %d: " % (form, at, total)
        if left:
            print(what + "left %s" % left)
        if status == 6 and report is None and said:
            refused += 1
        elif status == 6:
            print(what + "exit 6, with a file: %r, %s" % (report, said))
        elif status:
            print(what + "exit %d, %s" % (status, said))
        elif report != whole:
            print(what + "exit 0 with another report, %s" % said)
    print("refused %d" % refused)


main(*sys.argv[1:])
