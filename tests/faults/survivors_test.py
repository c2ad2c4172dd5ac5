"""A test run that is killed leaves no process behind."""
import pathlib
import subprocess
import sys

import processes
from waiting import wait_until

STARTER = """
import sys
sys.path.insert(0, sys.argv[1])
from stack import Stack
stack = Stack().start()
print(stack.process.pid, stack.environment["STATE_DIR"], flush=True)
sys.stdin.read()
"""


def test_nothing_survives_its_starter():
    support = str(pathlib.Path(__file__).resolve().parents[1] / "support")
    with subprocess.Popen([sys.executable, "-c", STARTER, support], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as starter:
        pid, state_dir = starter.stdout.readline().split()
        everyone = [int(pid), *processes.descendants_of(int(pid))]
        assert len(everyone) > 4
        starter.kill()
        starter.wait()
        processes.wait_gone(everyone, 30)
        wait_until(lambda: not processes.with_environment("STATE_DIR", state_dir), 10, "nobody of that state directory")
