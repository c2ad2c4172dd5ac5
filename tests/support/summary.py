"""Sums up what script/test left in its folder: prints what failed, and last `N passed, N failed`.

A part of a ring that ended badly without naming a failed test (a crash, a build that broke) counts as one failure.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree


def of_junit(path):
    passed, failed, skipped = 0, [], 0
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed.append(f"{case.get('classname')}::{case.get('name')}")
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def of_meson(path):
    """cmocka says how many tests of a program passed; a program that says nothing is one test."""
    passed, failed, skipped = 0, [], 0
    for line in path.read_text().splitlines():
        program = json.loads(line)
        text = (program.get("stdout") or "") + (program.get("stderr") or "")
        failures = re.findall(r"^\[  FAILED  \] (\w+)$", text, re.M)
        count = sum(map(int, re.findall(r"^\[  PASSED  \] (\d+) test", text, re.M)))
        skipped += sum(map(int, re.findall(r"^\[  SKIPPED \] (\d+) test", text, re.M)))
        if program["result"] in ("OK", "EXPECTEDFAIL"):
            passed += count or 1
        elif program["result"] == "SKIP":
            skipped += 1
        else:
            passed += count
            failed += [f"{program['name']}: {name}" for name in sorted(set(failures))] or [f"{program['name']} ({program['result']})"]
    return passed, failed, skipped


def main(folder):
    passed, failed, skipped = 0, [], 0
    for status in sorted(folder.glob("*.status"), key=lambda path: path.stat().st_mtime_ns):
        name, code = status.stem, int(status.read_text())
        part = (0, [], 0)
        for path, read in ((status.with_suffix(".xml"), of_junit), (status.with_suffix(".json"), of_meson)):
            if path.exists():
                part = read(path)
        if code and not part[1]:
            part = (part[0], [f"ended with status {code}"], part[2])
        print(f"{name}: {part[0]} passed, {len(part[1])} failed" + (f", {part[2]} skipped" if part[2] else ""))
        passed, skipped = passed + part[0], skipped + part[2]
        failed += [f"{name}: {what}" for what in part[1]]
    for what in failed:
        print(f"FAILED {what}")
    print(f"{passed} passed, {len(failed)} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
