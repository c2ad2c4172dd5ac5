"""The pages in a real browser: *.mjs beside this file, each against services of its own. Pictures: build/screenshots."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

FOLDER = pathlib.Path(__file__).parent
PACKAGES = FOLDER.parents[1] / "build/npm/node_modules"

pytestmark = pytest.mark.skipif(not shutil.which("chromium") or not shutil.which("node"), reason="chromium or node is not installed")


def run(script, **settings):
    done = subprocess.run(["node", str(FOLDER / script)], capture_output=True, text=True, timeout=180, env={
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SCREENSHOTS") if name in os.environ}, **settings})
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def origin(port):
    return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def open_stack(truths):
    """Every sample event, and reading needs no key: what a visitor of the demo sees."""
    import samples
    from stack import Stack
    stack = Stack([samples.FOLDER], {"PUBLIC_READ": "true"}).start()
    state = stack.wait_batch(stack.scrape_batch(truth["url"] for truth in truths.values())["batch_id"])
    assert state["failed"] == 0, state
    yield stack
    stack.stop()


def an_event(stack):
    """One with people, a city, and a name of several words."""
    rows = stack.query("""select e.document from events e where e.city is not null and cardinality(string_to_array(e.name, ' ')) > 2
                          and (select count(*) from event_speakers s where s.event_id = e.id) > 1 order by e.name limit 1""")
    document = rows[0][0]
    return {"id": document["id"], "name": document["name"], "city": document["city"],
            "speakers": sorted({person["name"] for person in document["speakers"]})}


def test_the_explorer(open_stack):
    run("explorer.mjs", API=origin(open_stack.api_port), EVENT=json.dumps(an_event(open_stack)))


def test_the_types_are_right():
    done = subprocess.run(["node", str(PACKAGES / "typescript/bin/tsc"), "--project", str(FOLDER.parents[1] / "web/tsconfig.json")],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
