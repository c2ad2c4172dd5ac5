"""Processes of this machine, read from /proc: who descends from whom, and ending exactly those."""
import os
import pathlib
import signal

from waiting import wait_until


def parent_of(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, parent = stat.rpartition(")")[2].split()[:2]
    return None if state == "Z" else int(parent)


def is_alive(pid):
    return parent_of(pid) is not None


def command_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
    except OSError:
        return ""


def all_with_parents():
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := parent_of(int(entry.name))) is not None:
            found[int(entry.name)] = parent
    return found


def children_of(pid):
    return sorted(child for child, parent in all_with_parents().items() if parent == pid)


def descendants_of(pid):
    """Children, grandchildren and so on, in the order of their depth."""
    parents, found, level = all_with_parents(), [], [pid]
    while level:
        level = sorted(child for child, parent in parents.items() if parent in level)
        found += level
    return found


def with_environment(name, value):
    """Processes that were started with NAME=VALUE: finds those that have lost their parent, too."""
    wanted, found = f"{name}={value}".encode(), []
    for pid in all_with_parents():
        try:
            if wanted in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.append(pid)
        except OSError:
            continue
    return sorted(found)


def kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def wait_gone(pids, timeout_s=15):
    wait_until(lambda: not any(map(is_alive, pids)), timeout_s,
               f"end of {[(pid, command_of(pid)) for pid in pids if is_alive(pid)]}")
