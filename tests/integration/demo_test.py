"""What `script/server --demo` shows: sample pages through the real pipeline, then commands that work as printed."""
import json
import os
import re
import signal
import subprocess
import sys

import processes
from stack import ROOT, Stack, binary
from waiting import wait_until


def test_the_demo(truths):
    stack = Stack()  # for its folder and ports; it is not started
    out = stack.folder / "demo.out"
    environment = {**{name: value for name, value in stack.environment.items() if name not in ("INTERNAL_TOKEN", "PUBLIC_READ")},
                   "SCRAPE_MIN_DELAY_MS": "0"}
    with open(out, "wb") as output:
        demo = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", sys.executable, str(ROOT / "data/samples/demo.py"), str(binary())],
                                stdout=output, stderr=output, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        def told():
            assert demo.poll() is None, out.read_text()
            return "Ctrl-C" in out.read_text()
        wait_until(told, 120, "the end of the demo's story")
        text = out.read_text()
        assert f"{len(truths)} of {len(truths)} processed, 0 failed" in text
        assert len(re.findall(r"^  \[", text, re.M)) >= 5, "no visible progress"
        lines = re.findall(r"^  (curl .*)$", text, re.M)
        assert len(lines) >= 6
        for line in lines:
            done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
            answer = json.loads(done.stdout)
            assert answer.get("data") or answer.get("id") or answer.get("total"), (line, answer)
        everyone = processes.descendants_of(demo.pid)
        assert len(everyone) >= 4
        os.kill(demo.pid, signal.SIGTERM)
        assert demo.wait(30) == 0, out.read_text()
        processes.wait_gone(everyone, 5)
        assert stack.sanitizer_reports() == []
    finally:
        processes.kill(demo.pid, signal.SIGTERM)
        demo.wait(30)
        stack.stop(check=False)
