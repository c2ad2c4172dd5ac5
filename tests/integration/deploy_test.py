"""The containers without a container engine: the compose file is read by Compose itself, and every service is started in
this environment, which has the packages of the image, with the command, settings and health check that the file gives."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import psycopg
import pytest

import client
import samples
from fake_site import Site
from ports import free_ports
from stack import ROOT, binary, make_folder
from waiting import wait_until

SECRETS = {"POSTGRES_PASSWORD": "p4ss-of-the-test", "INTERNAL_TOKEN": "token-of-the-test", "SECRET_KEY_BASE": "0123456789abcdef0123456789abcdef"}
SERVICES = ("db", "extractor", "processor", "api")


def compose_config(file, **variables):
    if not shutil.which("docker-compose"):
        pytest.skip("docker-compose is not installed")
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **variables}
    return subprocess.run(["docker-compose", "--file", str(ROOT / file), "config", "--format", "json"], env=environment,
                          capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def compose():
    answer = compose_config("compose.yaml", **SECRETS)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def published(service):
    return [(int(port["published"]), port["target"], port.get("host_ip", "")) for port in service.get("ports", [])]


def test_services_ports_and_volumes(compose):
    services = compose["services"]
    assert set(services) == set(SERVICES)
    assert published(services["api"]) == [(3000, 3000, "")]
    assert published(services["processor"]) == [(4000, 4000, "127.0.0.1")]
    assert published(services["extractor"]) == [(8080, 8080, "127.0.0.1")]
    assert published(services["db"]) == [(5432, 5432, "127.0.0.1")]
    assert "postgres_data" in compose["volumes"]
    mounts = {mount["target"]: mount for mount in services["db"]["volumes"]}
    assert mounts["/var/lib/postgresql/data"]["source"] == "postgres_data"
    scripts = pathlib.Path(mounts["/docker-entrypoint-initdb.d"]["source"])
    assert {"setup-extensions.sql"} <= {path.name for path in scripts.iterdir()}


def test_every_service_restarts_and_is_checked(compose):
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name
        assert (ROOT / "deploy/Dockerfile").samefile(pathlib.Path(service["build"]["context"]) / service["build"]["dockerfile"]), name
    for name in ("api", "processor"):
        assert compose["services"][name]["depends_on"]["db"]["condition"] == "service_healthy"


def test_both_files_are_one(compose):
    other = compose_config("deploy/compose.yaml", **SECRETS)
    assert other.returncode == 0, other.stderr
    assert json.loads(other.stdout)["services"] == compose["services"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_missing_secret_is_asked_for(name):
    answer = compose_config("compose.yaml", **{key: value for key, value in SECRETS.items() if key != name})
    assert answer.returncode != 0 and name in answer.stderr


def test_the_image_installs_the_listed_packages_only():
    text = (ROOT / "deploy/Dockerfile").read_text()
    stages = re.split(r"^FROM ", text, flags=re.M)[1:]
    assert len(stages) == 2 and all(stage.startswith("debian:trixie-slim") for stage in stages)
    for stage, packages in zip(stages, ("build", "run")):
        installs = re.findall(r"^.*apt-get install.*$", stage, re.M)
        assert len(installs) == 1
        assert re.search(rf"{packages}\.txt \| xargs apt-get install -y --no-install-recommends", installs[0]), installs
    for source in re.findall(r"^COPY (?!--from)(\S+) ", text, re.M):
        assert (ROOT / source).exists(), source


class Containers:
    """What Compose would start, started here: other ports and folders, everything else as the file says."""

    def __init__(self, compose, site):
        self.services, self.folder = compose["services"], make_folder()
        self.ports = dict(zip(SERVICES, free_ports(len(SERVICES))))
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o777)
        self.site, self.running, self.logs = site, {}, {}

    def environment(self, name):
        settings = {key: str(value) for key, value in (self.services[name].get("environment") or {}).items()}
        for key, value in settings.items():
            for host, port in self.ports.items():
                value = re.sub(rf"(?<=[/@]){host}:\d+", f"127.0.0.1:{port}", value)
            settings[key] = value
        own = {"API_PORT": self.ports["api"], "PROCESSOR_PORT": self.ports["processor"], "EXTRACTOR_PORT": self.ports["extractor"],
               "PGPORT": self.ports["db"], "PGDATA": self.data, "INIT_SCRIPTS": ROOT / "deploy/init-scripts", "BIND": "127.0.0.1",
               "SCRAPE_ORIGIN_OVERRIDE": f"https://luma.com={self.site.origin}", "SCRAPE_MIN_DELAY_MS": 0}
        return {"PATH": f"{self.folder}:{os.environ['PATH']}", "LANG": "C.UTF-8", **settings, **{key: str(value) for key, value in own.items()}}

    def command(self, name):
        service = self.services[name]
        entry = service.get("entrypoint") or [str(binary())]
        assert entry[0] in ("/usr/local/bin/database.sh", str(binary()))
        entry = [str(ROOT / "deploy/database.sh") if part == "/usr/local/bin/database.sh" else part for part in entry]
        return [*entry, *(service.get("command") or [])]

    def start(self, name):
        log = self.folder / f"{name}.log"
        with open(log, "ab") as output:
            self.running[name] = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *self.command(name)], env=self.environment(name),
                                                  stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.logs[name] = log
        wait_until(lambda: self.is_healthy(name) or self.running[name].poll() is not None, 90, f"a healthy {name}")
        assert self.running[name].poll() is None, log.read_text(errors="replace")[-4000:]

    def is_healthy(self, name):
        kind, *check = self.services[name]["healthcheck"]["test"]
        if kind == "CMD-SHELL":
            check = ["sh", "-c", check[0].replace("$$", "$")]
        assert kind in ("CMD", "CMD-SHELL")
        check = [str(binary()) if part == "eventd" else part for part in check]
        return subprocess.run(check, env=self.environment(name), capture_output=True, timeout=20).returncode == 0

    def stop(self, name):
        process = self.running.pop(name)
        process.send_signal(signal.Signals[self.services[name].get("stop_signal", "SIGTERM")])
        return process.wait(60)

    def stop_all(self):
        for name in reversed(SERVICES):
            if name in self.running:
                self.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def containers(compose, truths):
    site = Site([samples.FOLDER]).start()
    made = Containers(compose, site)
    yield made
    made.stop_all()
    site.stop()


def test_the_services_work_together(containers, truths):
    for name in SERVICES:
        containers.start(name)
    truth = next(iter(truths.values()))
    authorised = {"Authorization": f"Bearer {SECRETS['INTERNAL_TOKEN']}"}
    answer = client.request(containers.ports["api"], "POST", "/api/scrape/luma?wait=30", {"url": truth["url"]}, headers=authorised)
    assert answer.status == 200 and answer.json["processing_status"] == "processed", answer
    assert client.request(containers.ports["api"], "GET", f"/api/events/{answer.json['id']}").status == 401
    assert client.request(containers.ports["processor"], "GET", "/internal/quality/report").status == 401
    # docker compose exec api eventd key create …
    made = subprocess.run([str(binary()), "key", "create", "--role", "reader", "--name", "first"], env=containers.environment("api"),
                          capture_output=True, text=True, timeout=30)
    assert made.returncode == 0, made
    reader = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert client.request(containers.ports["api"], "GET", f"/api/events/{answer.json['id']}", headers=reader).status == 200
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=containers.ports["db"], user="events", dbname="events", password="wrong")

    # What is in the volume survives: the database goes and comes, the services with it.
    assert containers.stop("db") == 0
    assert not containers.is_healthy("api")
    containers.start("db")
    wait_until(lambda: containers.is_healthy("api") and containers.is_healthy("processor"), 30, "services that have recovered")
    again = client.request(containers.ports["api"], "GET", f"/api/events/{answer.json['id']}", headers=authorised)
    assert again.status == 200 and again.json["name"] == answer.json["name"]
    assert all(containers.stop(name) == 0 for name in ("api", "processor", "extractor"))
