"""A second kind of S3 server: that of moto, as a process on loopback. It checks no checksum and no signature."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.seaweedfs import HOST, START_SECONDS
from services.waiting import eventually


@contextmanager
def running_moto() -> Iterator[str]:
    """Start it and return its URL; what it holds in memory is gone at the end."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    # If the tests are killed, the server ends too.
    bound = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    command = [*bound, sys.executable, "-P", str(Path(__file__).with_name("atomic_moto.py")), HOST, str(port)]
    log = Path(tempfile.mkdtemp(prefix="pressmark-moto-")) / "server.log"
    try:
        with log.open("wb") as file:
            process = subprocess.Popen(command, stdout=file, stderr=file)
        try:
            url = f"http://{HOST}:{port}"
            eventually(lambda: _answers(url, process, log), within=START_SECONDS)
            yield url
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(log.parent, ignore_errors=True)


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, f"moto did not start:\n{log.read_text(errors='replace')[-2000:]}"
    try:
        with urllib.request.urlopen(f"{url}/moto-api/", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
