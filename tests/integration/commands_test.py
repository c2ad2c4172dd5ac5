"""The commands of the program, beside running services: eventd doctor, config, migrate, up."""
import os
import signal
import subprocess

import processes
from stack import TOKEN, binary
from waiting import wait_until


def lines_of(done):
    return [line.split() for line in done.stdout.splitlines()]


def test_doctor_finds_everything_in_order(stack):
    done = stack.command("doctor")
    assert done.returncode == 0, done.stdout
    assert {line[0] for line in lines_of(done)} == {"ok"}
    for what in ("PostgreSQL 17", "extension vector", "extension age", "migrations", "event_network", "api", "processor",
                 "extractor"):
        assert what in done.stdout


def test_doctor_finds_and_repairs_a_graph_that_differs(stack):
    stack.query("delete from event_network.\"APPEARS\" returning 1")
    stack.query("insert into event_network.\"Topic\" (properties) values (graph_properties('{\"id\": \"astray\"}')) returning 1")
    done = stack.command("doctor")
    assert done.returncode == 1 and "doctor --repair" in done.stdout, done
    assert stack.command("doctor", "--repair").returncode == 0
    assert stack.command("doctor").returncode == 0


def test_doctor_says_what_to_do(stack):
    with stack.db() as connection:
        connection.execute("create database bare")
    environment = {**stack.environment, "DATABASE_URL": stack.database_url().replace("dbname=events", "dbname=bare"),
                   "PROCESSOR_PORT": "1"}
    done = subprocess.run([str(binary()), "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 8, done.stdout
    assert done.stdout.count("-> run `eventd migrate`") == 7
    assert done.stdout.splitlines()[-1] == "8 problems"
    # What it asks for helps.
    migrated = subprocess.run([str(binary()), "migrate"], env=environment, capture_output=True, text=True, timeout=60)
    assert migrated.returncode == 0, migrated.stderr
    done = subprocess.run([str(binary()), "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "1 problem", done.stdout


def test_migrate_twice_changes_nothing(stack):
    before = stack.query("select * from schema_migrations order by version")
    done = stack.command("migrate")
    assert done.returncode == 0, done.stderr
    assert stack.query("select * from schema_migrations order by version") == before


def test_config_masks_secrets(stack):
    done = stack.command("config")
    assert done.returncode == 0
    assert TOKEN not in done.stdout and "INTERNAL_TOKEN=********" in done.stdout
    assert f"\nAPI_PORT={stack.api_port}\n" in done.stdout
    assert stack.command("config", "API_PORT").stdout == f"{stack.api_port}\n"


def test_a_second_up_is_refused(stack):
    done = stack.command("up")
    assert done.returncode == 1
    assert "another eventd up" in done.stderr and str(stack.process.pid) in done.stderr
    assert stack.api("GET", "/health/ready").status == 200


def test_a_wrong_setting_ends_the_start(stack):
    done = subprocess.run([str(binary()), "up"], env={**stack.environment, "API_PORT": "many"}, capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 78
    assert "API_PORT" in done.stderr


def test_up_says_ready_once_and_stops_in_order(new_stack):
    stack = new_stack()
    wait_until(lambda: "\nready\n" in stack.log_path.read_text(), 20, "the word ready")
    everyone = processes.descendants_of(stack.process.pid)
    os.kill(stack.process.pid, signal.SIGTERM)
    assert stack.process.wait(30) == 0
    processes.wait_gone(everyone)
    log = stack.log_path.read_text()
    for line in (f"api        http://127.0.0.1:{stack.api_port}", f"processor  http://127.0.0.1:{stack.processor_port}",
                 f"extractor  http://127.0.0.1:{stack.extractor_port}", "ready"):
        assert log.splitlines().count(line) == 1
    ends = [log.index(f'"event":"service_stopped","name":"{name}"') for name in ("api", "processor", "extractor", "postgres")]
    assert ends == sorted(ends)
