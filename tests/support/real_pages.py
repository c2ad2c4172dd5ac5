"""The folder with real pages beside the checkout, where there is one, and the site of that folder that plays luma.com."""
import os
import pathlib
import subprocess
import sys

import client
import pytest
import samples


def shared_folder():
    folder = pathlib.Path(os.environ.get("EVENTD_SHARED", samples.ROOT.parent / "shared"))
    return folder if (folder / "luma").is_dir() else None


FOLDER = shared_folder()
NEEDED = [pytest.mark.skipif(FOLDER is None, reason="no ../shared/luma beside the checkout (or EVENTD_SHARED)"), pytest.mark.private_stack]


def by_address():
    """The file of each page by its address."""
    lines = (FOLDER / "luma" / "pages" / "index.tsv").read_text("utf-8").splitlines()[1:]
    return {url: FOLDER / "luma" / "pages" / f"{slug}.html.gz" for slug, _, url in (line.split("\t") for line in lines)}


class Site:
    """luma_site.py as a process; looks like the site of a stack."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", sys.executable, str(FOLDER / "luma" / "luma_site.py"),
             "--pages", str(FOLDER / "luma" / "pages"), "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.origin = f"http://127.0.0.1:{self.port}"

    def stats(self):
        return client.request(self.port, "GET", "/__stats").json

    def reset(self):
        client.request(self.port, "GET", "/__reset")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
