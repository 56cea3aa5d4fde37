"""No process of the browser has a network."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from crawling.crawls import processes_in as processes
from services.waiting import eventually, until

from crawler.browser.chromium import Chromium, _group

pytestmark = pytest.mark.system

ATTEMPTS = """
import socket, sys
def tried(attempt):
    try:
        attempt()
    except PermissionError:
        return "refused"
    return "reached"
tcp = lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])))
udp = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
local = lambda: socket.socket(socket.AF_UNIX).connect("\\0" + sys.argv[2])
print(tried(tcp), tried(udp), tried(local), len(socket.socketpair()))
"""


@pytest.mark.parametrize("launched", [True, False])
def test_a_launched_program_connects_to_nothing(launched: bool) -> None:
    read, write = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as local:
        local.bind("\0" + (name := uuid4().hex))
        local.listen()
        program = [sys.executable, "-c", ATTEMPTS, str(tcp.getsockname()[1]), name]
        launch = [sys.executable, "-m", "crawler.browser.launch", str(read), str(write)] if launched else []
        done = subprocess.run(
            [*launch, *program], capture_output=True, text=True, check=True, pass_fds=(read, write),
            cwd=Path(__file__).parents[3], env=os.environ | {"LD_LIBRARY_PATH": sys.base_prefix},
        )  # fmt: skip
    os.close(read)
    os.close(write)

    said = "refused" if launched else "reached"
    assert done.stdout.split() == [said, said, said, "2"]


def test_every_process_of_the_browser_has_the_filter(tmp_path: Path) -> None:
    async def filters() -> list[tuple[str, str]]:
        browser = await Chromium.start(shutil.which("chromium") or "", tmp_path / "run.browser", lambda event: None)
        try:
            await browser.devtools.ask("Target.createTarget", url="about:blank")
            await until(lambda: len(list(_group(browser.process))) > 3)
            states = [Path(f"/proc/{one}/status").read_text() for one in _group(browser.process)]
        finally:
            await browser.end()
        wanted = ("NoNewPrivs", "Seccomp")
        return [tuple(_field(state, name) for name in wanted) for state in states]  # type: ignore[misc]

    found = asyncio.run(filters())

    assert len(found) > 3, "a browser has several processes"
    assert set(found) == {("1", "2")}


def test_a_browser_dies_with_its_worker(tmp_path: Path) -> None:
    code = """
import asyncio, shutil, sys, pathlib
from crawler.browser.chromium import Chromium
async def main():
    await Chromium.start(shutil.which("chromium"), pathlib.Path(sys.argv[1]), lambda event: None)
    print("started", flush=True)
    await asyncio.sleep(3600)
asyncio.run(main())
"""
    command = [sys.executable, "-c", code, str(tmp_path / "run.browser")]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    with worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"started\n"
        assert len(processes(tmp_path)) > 1
        worker.kill()

    eventually(lambda: not processes(tmp_path))


def _field(state: str, name: str) -> str:
    return next(line.split()[1] for line in state.splitlines() if line.startswith(name + ":"))
