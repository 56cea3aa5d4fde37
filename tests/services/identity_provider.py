"""A real OpenID provider on loopback (oidc-provider-mock, a program of its own), and what may go wrong with it.

A front server passes everything on to the provider, and signs its ID tokens again with keys of its own: so tests can
have each claim, header and key wrong that a provider, or another in its place, could send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DESCRIPTION, KEYS, TOKEN, USERINFO = "/.well-known/openid-configuration", "/jwks", "/oauth2/token", "/userinfo"
CLIENT, SECRET = "pressmark", "a client secret: of these tests"
_PROGRAM = """
import sys, oidc_provider_mock
with oidc_provider_mock.run_server_in_thread(port=0, require_nonce=True) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
"""
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True)
class SigningKey:
    """A key of the provider."""

    kid: str
    private: Any
    algorithm: str

    @property
    def jwk(self) -> dict[str, Any]:
        kind = jwt.algorithms.RSAAlgorithm if self.algorithm.startswith("RS") else jwt.algorithms.ECAlgorithm
        public = json.loads(kind.to_jwk(self.private.public_key()))
        return {**public, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    @property
    def pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def rsa_key(kid: str, bits: int = 2048) -> SigningKey:
    return SigningKey(kid, rsa.generate_private_key(65537, bits), "RS256")


def ec_key(kid: str) -> SigningKey:
    return SigningKey(kid, ec.generate_private_key(ec.SECP256R1()), "ES256")


FIRST = rsa_key("first")


def as_signed(claims: dict[str, Any], key: SigningKey) -> str:
    return jwt.encode(claims, key.private, key.algorithm, headers={"kid": key.kid})


def unsigned(claims: dict[str, Any], key: SigningKey) -> str:
    """A token of the algorithm `none`."""
    return jwt.encode(claims, None, "none", headers={"kid": key.kid})


def signed_by_public_key(claims: dict[str, Any], key: SigningKey) -> str:
    """A token of the algorithm HS256, whose secret is the public key that everybody knows (CVE-2015-9235)."""
    head = {"alg": "HS256", "typ": "JWT", "kid": key.kid}
    parts = b".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    return b".".join((parts, _encoded(hmac.digest(key.pem, parts, "sha256")))).decode()


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class IdentityProvider:
    """A running provider, and what its front changes."""

    issuer: str
    inner: str
    """The address of the program behind the front."""
    key: SigningKey = FIRST
    """The key that signs."""
    published: list[SigningKey] = field(default_factory=lambda: [FIRST])
    claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    """Changes the claims of an ID token."""
    sign: Callable[[dict[str, Any], SigningKey], str] = as_signed
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """What a path answers instead."""
    described: dict[str, Any] = field(default_factory=dict)
    """What the description says instead."""
    seconds: float = 0.0
    """How long each answer takes."""
    answering: threading.Event = field(default_factory=_set)
    """No answer is sent while it is not set."""
    asked: list[str] = field(default_factory=list)
    """The methods and paths of requests."""
    challenges: set[str] = field(default_factory=set)

    def know(self, subject: str, **claims: Any) -> None:
        """Have the provider know a person, with these claims from now on."""
        connection = http.client.HTTPConnection(self.inner, timeout=60)
        connection.request("PUT", f"/users/{subject}", json.dumps(claims), {"Content-Type": "application/json"})
        assert connection.getresponse().status == 204
        connection.close()

    def settings(self, **more: Any) -> dict[str, Any]:
        """The settings of a service that logs people in here."""
        roles = {"staff": "read", "archivists": "curate", "it": "admin"}
        made = {"issuer": self.issuer, "client_id": CLIENT, "client_secret": SECRET, "roles": roles}
        return {**made, "addresses": ["127.0.0.0/8", "::1/128"], "label": "Library login", **more}


@contextmanager
def running_provider(host: str = "127.0.0.1") -> Iterator[IdentityProvider]:
    """Start a provider, which knows nobody. `host` is a name of this machine."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "AUTHLIB_INSECURE_TRANSPORT": "1"}
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    front = ThreadingHTTPServer(("127.0.0.1", 0), _Front)
    thread = threading.Thread(target=front.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        assert process.stdout is not None
        inner = process.stdout.readline().strip()
        assert inner, f"the provider did not start; make setup-dev installs it: {_end_of(errors)}"
        provider = IdentityProvider(f"http://{host}:{front.server_port}", f"127.0.0.1:{inner}")
        front.provider = provider  # type: ignore[attr-defined]
        yield provider
    finally:
        front.shutdown()
        front.server_close()
        thread.join()
        process.communicate(timeout=60)  # its standard input ends, and so does it
        errors.close()


def _end_of(file: IO[str]) -> str:
    file.seek(0)
    return file.read()[-2000:]


class _Front(BaseHTTPRequestHandler):
    """Passes requests on, and changes the answers as the provider says."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        provider: IdentityProvider = self.server.provider  # type: ignore[attr-defined]
        path = urlsplit(self.path).path
        provider.asked.append(f"{self.command} {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        provider.answering.wait(60)
        time.sleep(provider.seconds)
        if path in provider.answers:
            status, content = provider.answers[path]
            self._send(status, [("Content-Type", "application/json"), ("Location", provider.issuer)], content)
            return
        if path == KEYS:
            content = json.dumps({"keys": [key.jwk for key in provider.published]}).encode()
            self._send(200, [("Content-Type", "application/json")], content)
            return
        if not self._may_pass(provider, path, body):
            self._send(400, [("Content-Type", "application/json")], b'{"error": "invalid_grant"}')
            return
        status, fields, content = self._passed_on(provider, body)
        if path == TOKEN and status == 200:
            content = _resigned(provider, content)
        if path == DESCRIPTION:
            content = json.dumps({**json.loads(content), **provider.described}).encode()
        self._send(status, fields, content)

    def _may_pass(self, provider: IdentityProvider, path: str, body: bytes) -> bool:
        """Check what the program does not: the secret of the client, and the verifier of PKCE (RFC 7636, 4.6)."""
        if path == "/oauth2/authorize":
            given = parse_qs(urlsplit(self.path).query)
            assert given["code_challenge_method"] == ["S256"]
            provider.challenges |= set(given["code_challenge"])
        if path != TOKEN:
            return True
        pair = base64.b64encode(b"pressmark:a%20client%20secret%3A%20of%20these%20tests").decode()
        verifier = parse_qs(body.decode())["code_verifier"][0]
        challenge = _encoded(hashlib.sha256(verifier.encode()).digest()).decode()
        return self.headers["Authorization"] == f"Basic {pair}" and challenge in provider.challenges

    def _passed_on(self, provider: IdentityProvider, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(provider.inner, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            connection.request(self.command, self.path, body, headers)  # with the Host of the front: its issuer
            answer = connection.getresponse()
            fields = [(name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP]
            return answer.status, fields, answer.read()
        finally:
            connection.close()

    def _send(self, status: int, fields: list[tuple[str, str]], content: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in fields:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # who asked has gone: the answer was too slow or too large
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        pass


def _resigned(provider: IdentityProvider, content: bytes) -> bytes:
    """Return the answer to a code with its ID token changed and signed again."""
    given = json.loads(content)
    claims = jwt.decode(given["id_token"], options={"verify_signature": False})
    return json.dumps({**given, "id_token": provider.sign(provider.claims(claims), provider.key)}).encode()


def _encoded(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
