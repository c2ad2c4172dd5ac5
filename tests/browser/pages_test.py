"""The pages in a real browser: *.mjs beside this file, each against services of its own. Pictures: build/screenshots."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from fake_site import page, status

FOLDER = pathlib.Path(__file__).parent
PACKAGES = FOLDER.parents[1] / "build/npm/node_modules"

pytestmark = pytest.mark.skipif(not shutil.which("chromium") or not shutil.which("node"), reason="chromium or node is not installed")


def run(script, on_line=lambda line: None, **settings):
    """on_line hears what the script says while it runs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SCREENSHOTS") if name in os.environ}
    with subprocess.Popen(["node", str(FOLDER / script)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**kept, **settings}) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            on_line(line.strip())
        status = process.wait(60)
    assert status == 0, "".join(lines)


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


HOSTILE = """## Looms & engines

- **Ada Example** of [Example](https://example.com/ada)
- see https://example.com/plain

One line  
and the next <script>alert(1)</script>

<script>window.hurt = 1; alert(1)</script>
<img src="https://evil.example/a.png" onerror="window.hurt = 1">
<iframe src="javascript:parent.hurt=1"></iframe>

![a picture](https://evil.example/b.png) [run](javascript:alert(1)) [run](JaVaScRiPt:alert(1)) [run](data:text/html,x)
[run](&#106;avascript:alert(1)) [run](vbscript:alert(1)) <javascript:alert(1)> [up](//evil.example) [here](/api/events)
`<svg onload=alert(1)>`
"""


def test_the_explorer(open_stack):
    event = an_event(open_stack)
    hostile = open_stack.value("""update events set description = %s where id = (
        select id from events where id <> %s and list_item is not null order by id limit 1) returning id::text""", HOSTILE, event["id"])
    open_stack.query("select render_events(array[%s::uuid])", hostile)
    run("explorer.mjs", API=origin(open_stack.api_port), EVENT=json.dumps(event), HOSTILE=hostile)


def test_the_dashboard(new_stack, truths):
    from stack import TOKEN
    # Pages one after the other, so that there is something to watch.
    stack = new_stack({"SCRAPE_MIN_DELAY_MS": "60", "PUBLIC_READ": "false"})
    urls = [truth["url"] for truth in truths.values()]
    late = urls.pop()
    slug = late.rpartition("/")[2]
    stack.site.answer(f"/{slug}", status(404))

    def mend(line):
        if line == "mend":
            stack.site.answer(f"/{slug}", page(slug))
    run("dashboard.mjs", mend, DASHBOARD=origin(stack.processor_port), API=origin(stack.api_port), TOKEN=TOKEN, URLS=json.dumps(urls),
        MISSING=late, MISSING_AT=f"{stack.site.origin}/{slug}")


def test_the_types_are_right():
    done = subprocess.run(["node", str(PACKAGES / "typescript/bin/tsc"), "--project", str(FOLDER.parents[1] / "web/tsconfig.json")],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
