"""A time-stamping authority on loopback: ``openssl ts`` behind a small HTTP server."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {directory}/serial
signer_cert = {directory}/tsa.pem
signer_key = {directory}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamp]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
authorityKeyIdentifier = keyid
"""


@dataclass
class Authority:
    """A running authority."""

    url: str
    directory: Path
    answers: list[bytes] = field(default_factory=list)
    """Sent instead of its own answers, as long as there are any."""
    status: int = 200
    asked: int = 0

    @property
    def root(self) -> Path:
        """Its root certificate, in PEM."""
        return self.directory / "ca.pem"

    def reply(self, query: bytes) -> bytes:
        """Return the answer to a request, made by ``openssl ts -reply``."""
        (self.directory / "query.tsq").write_bytes(query)
        _openssl(self.directory, "ts -reply -config tsa.cnf -section here -queryfile query.tsq -out answer.tsr")
        return (self.directory / "answer.tsr").read_bytes()


@contextmanager
def running_authority() -> Iterator[Authority]:
    """Start an authority with a certificate of its own; both are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="pressmark-tsa-") as name:
        directory = Path(name)
        _make_certificates(directory)
        authority = Authority("", directory)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(authority))
        authority.url = f"http://127.0.0.1:{server.server_port}/tsa"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _make_certificates(directory: Path) -> None:
    (directory / "tsa.cnf").write_text(_CONFIG.format(directory=directory))
    (directory / "serial").write_text("01\n")
    key = "-newkey rsa:2048 -nodes -config tsa.cnf"
    _openssl(directory, f"req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Root -days 3650 -extensions ca")
    _openssl(directory, f"req -new {key} -keyout tsa.key -out tsa.csr -subj /CN=Authority")
    signed = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 3650"
    _openssl(directory, f"{signed} -extfile tsa.cnf -extensions stamp")


def _openssl(directory: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=directory, check=True, capture_output=True, timeout=60)


def _handler(authority: Authority) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            authority.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            answer = authority.answers.pop(0) if authority.answers else authority.reply(query)
            self.send_response(authority.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
