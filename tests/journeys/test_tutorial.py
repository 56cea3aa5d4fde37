"""The tutorial, docs/tutorial.md, run as written; Python's http.server serves its own site."""

from __future__ import annotations

import functools
import http.server
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from journeys.household import Household

TUTORIAL = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
COMMAND = re.compile(r"^pressmark (.*)$", re.MULTILINE)


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Write nothing beside the results of the tests."""


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """Serve these files, as in the second terminal of the tutorial, and yield the address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def outputs(household: Household, address: str) -> dict[str, str]:
    """Run the tutorial and return what each command prints, by the command; the shell runs other lines."""
    found = {}
    for block in re.findall(r"```sh\n(.*?)```", TUTORIAL, re.DOTALL):
        subprocess.run(["bash", "-e", "-c", COMMAND.sub("", block)], cwd=household.home.parent, check=True)
        for written in COMMAND.findall(block):
            words = shlex.split(written.replace("127.0.0.1:8000", address))
            crawls = words[0] == "run"
            found[written] = (household.run(*words) if crawls else household.look(*words)).out
    return found


def test_each_command_of_the_tutorial_does_what_the_tutorial_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(tmp_path / "site") as address:
        said = outputs(Household(tmp_path / "pressmark-home"), address)

    text, difference = re.findall(r"```text\n(.*?)```", TUTORIAL, re.DOTALL)[:2]
    page = "http://127.0.0.1:8000/tide.html"

    assert said[f"snapshot get {page} --text"] == text
    assert difference in said[f"diff {page}"]
    assert "A tide gauge that counts to ten" in said["search telescope"]
    assert "tide.html" in said["""search '"ten times a minute"'"""]
    assert said["verify harbour.wacz"] == "harbour.wacz: ok\n"
    assert '"author":"Ada Fenn"' in (tmp_path / "harbour.jsonl").read_text().replace('": "', '":"')
