"""pywb as a server beside ours: over its own files, or as a client of ours."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PINS = ("pywb==2.10.0", "setuptools<81", "brotlicffi==1.2.1.0")
_WITHIN = 120.0


@contextmanager
def wayback(programs: Path, directory: Path, *, config: str | None = None) -> Iterator[int]:
    """Return the port of a pywb whose collections are in a directory, or in a configuration."""
    if config is not None:
        (directory / "config.yaml").write_text(config)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [str(programs / "wayback"), "--bind", "127.0.0.1", "--port", str(port)]
    with (
        (directory / "wayback.log").open("w") as log,
        subprocess.Popen(command, cwd=directory, stdout=log, stderr=log) as server,
    ):
        try:
            _wait(port, server)
            yield port
        finally:
            _end(server)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _WITHIN
    while time.monotonic() < until:
        assert server.poll() is None, "pywb ended"
        with contextlib.suppress(OSError):
            if ask(port, "/")[0] < 500:
                return
        time.sleep(0.1)
    raise AssertionError(f"pywb did not answer within {_WITHIN} s")


def _end(server: subprocess.Popen[bytes]) -> None:
    """End it by SIGKILL if needed: it was seen to miss a SIGTERM and to wait forever."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()


def ask(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    """Send a request. Header names are in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()
    finally:
        connection.close()
