"""No process of the browser reads or writes a file of the service."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from crawling.crawls import processes_in as processes

from crawler.browser.chromium import Chromium

pytestmark = pytest.mark.system

ATTEMPTS = """
import os, sys
home, worker = sys.argv[1:3]
def tried(attempt):
    try:
        attempt()
    except PermissionError:
        return "refused"
    return "reached"
attempts = (
    lambda: open(home + "/secret").read(),
    lambda: os.listdir(home),
    lambda: open(home + "/new", "w"),
    lambda: os.unlink(home + "/secret"),
    lambda: open("/proc/" + worker + "/environ").read(),
    lambda: os.listdir("/proc/" + worker + "/root"),
    lambda: open("/proc/" + worker + "/maps").read(),
    lambda: os.readlink("/proc/" + worker + "/fd/0"),
    lambda: os.kill(int(worker), 0),
    lambda: open("own", "w").write("x"),
)
print(*map(tried, attempts))
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory on the disk: the browser may use all of `/dev/shm`, where other tests have their files."""
    with TemporaryDirectory(dir="/var/tmp") as name:
        yield Path(name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "secret").write_text("the word of the service")
    return home


@pytest.mark.parametrize("launched", [True, False])
def test_a_launched_program_reaches_only_its_own_directory(tmp_path: Path, home: Path, launched: bool) -> None:
    """What has taken over the browser's first process has its rights."""
    own = tmp_path / "run.browser"
    own.mkdir()
    read, write = os.pipe()
    program = [sys.executable, "-P", "-S", "-c", ATTEMPTS, str(home), str(os.getpid())]
    launch = [sys.executable, "-m", "crawler.browser.launch", str(read), str(write)] if launched else []
    done = subprocess.run(
        [*launch, *program], capture_output=True, text=True, check=True, pass_fds=(read, write), cwd=own,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "LD_LIBRARY_PATH": sys.base_prefix},
    )  # fmt: skip
    os.close(read)
    os.close(write)

    *foreign, its_own = done.stdout.split()
    assert set(foreign) == {"refused" if launched else "reached"}
    assert its_own == "reached"


def test_the_browser_opens_no_file_of_the_service(tmp_path: Path, home: Path) -> None:
    (home / "page.html").write_text("<p>the word of the service</p>")
    own = tmp_path / "run.browser"

    async def shown() -> list[str]:
        browser = await Chromium.start("chromium", own, lambda event: None)
        try:
            (own / "page.html").write_text("<p>its own file</p>")
            return [await _text(browser, directory / "page.html") for directory in (own, home)]
        finally:
            await browser.end()

    its_own, foreign = asyncio.run(shown())

    assert "its own file" in its_own
    assert "the word of the service" not in foreign
    assert processes(tmp_path) == []


async def _text(browser: Chromium, file: Path) -> str:
    """Return what a page of the browser shows of a file, by its highest protocol and without our interception."""
    target = (await browser.devtools.ask("Target.createTarget", url="about:blank"))["targetId"]
    session = (await browser.devtools.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    async with asyncio.timeout(60):
        await browser.devtools.ask("Page.navigate", session, url=file.as_uri())
        while True:
            found = await browser.devtools.ask(
                "Runtime.evaluate",
                session,
                expression="[document.readyState, location.href, document.body?.innerText].join(' ')",
            )
            said = str(found["result"].get("value"))
            if said.startswith("complete") and "about:blank" not in said:
                return said
            await asyncio.sleep(0.05)
