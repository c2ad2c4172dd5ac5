"""Fixtures of all rings that start services: see tests/support/stack.py."""
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))
sys.dont_write_bytecode = True

import pytest  # noqa: E402
import real_pages  # noqa: E402
import samples  # noqa: E402
from stack import Stack  # noqa: E402


def pytest_configure(config):
    # A test run that is told to end still runs its fixtures' endings.
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


@pytest.fixture(scope="session")
def truths():
    """What must be found on each sample page, by slug."""
    return samples.make()


@pytest.fixture(scope="session")
def further(tmp_path_factory):
    """A folder of a hundred synthetic pages and their truths by slug."""
    folder = tmp_path_factory.mktemp("pages")
    return folder, samples.make_synthetic(folder, 100, "further")


@pytest.fixture(scope="session")
def stack(truths, further):
    """Services with an empty database at first, shared by the tests of one process: they add, never remove."""
    running = Stack([samples.FOLDER, further[0]]).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def unused(further):
    """An iterator over truths of pages that nobody has scraped yet."""
    return iter(list(further[1].values()))


@pytest.fixture
def fresh(unused):
    """The truth of a page of this test's own."""
    return next(unused)


@pytest.fixture(scope="session")
def filled(stack, truths):
    """The shared services once every sample event is processed; also maps slug to event id."""
    answer = stack.scrape_batch(truth["url"] for truth in truths.values())
    state = stack.wait_batch(answer["batch_id"])
    assert state["failed"] == 0, state
    stack.ids = dict((url.rpartition("/")[2], str(event_id)) for url, event_id in
                     stack.query("select luma_url, id from events where processing_status = 'processed'"))
    return stack


@pytest.fixture(scope="session")
def pages():
    """The real pages beside the checkout, by address."""
    return real_pages.by_address()


@pytest.fixture(scope="session")
def loaded(pages):
    """Services after one batch of all those pages; whoever changes something takes it back."""
    site = real_pages.Site()
    running = Stack(site=site, settings={"SCRAPE_TIMEOUT_MS": "20000"}).start()
    try:
        running.first = running.wait_batch(running.scrape_batch(pages)["batch_id"], 300)
        yield running
        running.stop()
    finally:
        running.stop(check=False)
        site.stop()


@pytest.fixture
def new_stack(truths, request):
    """Makes services of a test's own: new_stack(settings={…}, pages=[…])."""
    running = []

    def make(settings=None, pages=(samples.FOLDER,), start=True, **options):
        made = Stack(pages, settings, **options)
        running.append(made)
        request.node.stacks = running
        return made.start() if start else made
    yield make
    failed = getattr(request.node, "call_failed", False)
    for made in running:
        made.stop(check=not failed)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The services' log lines belong to the report of a test that failed."""
    outcome = yield
    report = outcome.get_result()
    item.call_failed = getattr(item, "call_failed", False) or report.failed
    if not report.failed:
        return
    used = [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Stack)]
    for running in dict.fromkeys([*used, *getattr(item, "stacks", [])]):
        report.sections.append((f"log of eventd ({running.folder})", running.log_tail(60)))
