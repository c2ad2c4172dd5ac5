"""Ports for the services that tests start. A port that was merely free a moment ago may be taken by the time a service binds it,
by another test or as the near end of any connection; these belong to this process until it ends, and lie below the range
that the kernel gives to connections (ip_local_port_range, usually from 32768)."""
import fcntl
import os
import pathlib
import socket

TABLE = pathlib.Path("/tmp/eventd-tests.ports")
FIRST, LAST = 12000, 32000
given = set()
table = None


def open_table():
    """Byte N of this file is locked by the process that has port N: the kernel lets go of the locks of whoever dies."""
    descriptor = os.open(TABLE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        os.fchmod(descriptor, 0o666)
    except PermissionError:
        pass  # another user made it, who gave it to all
    return descriptor


def take(port):
    """Whether the port is this process's now: no other process of the tests has it and nobody listens on it."""
    try:
        fcntl.lockf(table, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except BlockingIOError:
        return False
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        fcntl.lockf(table, fcntl.LOCK_UN, 1, port)
        return False
    return True


def free_ports(count):
    """Ports that nobody else has; none is given twice by a process, so that a late caller of a service that ended meets nobody."""
    global table
    if table is None:
        table = open_table()
    found = []
    for port in range(FIRST, LAST):
        if len(found) == count:
            return found
        if port not in given and take(port):
            given.add(port)
            found.append(port)
    raise RuntimeError(f"no {count} ports are free between {FIRST} and {LAST}")
