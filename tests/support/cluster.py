"""A PostgreSQL of a test's own, for DATABASE_URL: can be stopped and started again."""
import os
import pathlib
import subprocess

from ports import free_ports

BIN = pathlib.Path("/usr/lib/postgresql/17/bin")


class Cluster:
    """folder must be one that any user may enter; the server runs as the user postgres when this is root."""

    def __init__(self, folder):
        self.folder, [self.port] = folder / "cluster", free_ports(1)
        self.folder.mkdir()
        if os.geteuid() == 0:
            subprocess.run(["chown", "postgres:", str(self.folder)], check=True)
        self.url = f"postgresql://eventd@127.0.0.1:{self.port}/eventd"
        self.run("initdb", "-D", self.data, "-U", "eventd", "-A", "trust", "--locale-provider=builtin", "--locale=C.UTF-8",
                 "--no-sync", "--no-instructions")
        with open(self.folder / "settings", "w") as settings:
            settings.write(f"listen_addresses='127.0.0.1'\nport={self.port}\nunix_socket_directories='{self.folder}'\nfsync=off\n"
                           "shared_preload_libraries='age,pg_stat_statements'\n")
        subprocess.run(["chmod", "a+r", str(self.folder / "settings")], check=True)
        self.run("sh", "-c", f"cat {self.folder}/settings >> {self.data}/postgresql.auto.conf")
        self.start()
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "eventd", "eventd")

    @property
    def data(self):
        return str(self.folder / "data")

    def run(self, command, *arguments):
        program = str(BIN / command) if (BIN / command).exists() else command
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run([*as_user, program, *arguments], capture_output=True, text=True, cwd="/tmp", stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-l", f"{self.data}/server.log", "-w", "-s", "start")

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-s", "stop")

    def is_running(self):
        return (pathlib.Path(self.data) / "postmaster.pid").exists()
