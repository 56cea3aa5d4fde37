"""A server that lies: it accepts what it was given and stores something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from xml.sax.saxutils import unescape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from faults.proxy import Answer, Call, Forward
from services.seaweedfs import ADMIN

Lie = Callable[[bytes, bytes], bytes]
"""What is stored instead of a body, which is the first argument; the second is the body put before it."""


def truncated(body: bytes, _before: bytes) -> bytes:
    return body[: -max(1, len(body) // 10)]


def flipped(body: bytes, _before: bytes) -> bytes:
    damaged = bytearray(body)
    damaged[len(damaged) // 2] ^= 0x10
    return bytes(damaged)


def framed(body: bytes, _before: bytes) -> bytes:
    """The framing of a chunked upload, stored as if it were content."""
    return b"%x\r\n%b\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n" % (len(body), body)


def swapped(_body: bytes, before: bytes) -> bytes:
    return before


LIES: tuple[Lie, ...] = (truncated, flipped, framed, swapped)


class Liar:
    """A fault: store the lie instead of the bodies of chosen uploads.

    A cunning one also reports the client's claims about what it stored: only reading it back detects the lie.
    """

    def __init__(self, lie: Lie, chosen: Callable[[Call], bool], *, cunning: bool = False) -> None:
        self._lie = lie
        self._chosen = chosen
        self._cunning = cunning
        self._before = b"what was put before anything else"
        self._claims: dict[str, tuple[tuple[str, str], ...]] = {}
        self.lied = 0

    def __call__(self, call: Call, forward: Forward) -> Answer:
        if call.method == "HEAD" and call.path in self._claims:
            return claiming(forward(call), self._claims[call.path])
        if call.method != "PUT":
            return forward(call)
        body, self._before = self._lie(call.body, self._before), call.body
        if not self._chosen(call):
            return forward(call)
        answer = forward(signed(without_sums(replace(call, body=body))))
        if answer.status == 200:
            self.lied += 1
            if self._cunning:
                self._claims[call.path] = (("Content-Length", str(len(call.body))), *sums(call))
                return claiming(answer, sums(call))
        return answer


class Stale:
    """A fault: lists of objects are as they were when this was made, for as long as it is there.

    What was put since is not listed yet.
    """

    def __init__(self) -> None:
        self._hidden: set[str] = set()
        self.left_out = 0

    def __call__(self, call: Call, forward: Forward) -> Answer:
        if call.method in ("PUT", "POST"):
            self._hidden.add(call.path.split("/", 2)[2])
        answer = forward(call)
        if call.method != "GET" or "list-type=2" not in call.query:
            return answer
        return replace(answer, body=_CONTENTS.sub(self._as_it_was, answer.body))

    def _as_it_was(self, entry: re.Match[bytes]) -> bytes:
        hidden = unescape(entry[1].decode()) in self._hidden
        self.left_out += hidden
        return b"" if hidden else entry[0]


_CONTENTS = re.compile(rb"<Contents>.*?<Key>(.*?)</Key>.*?</Contents>", re.DOTALL)


def claiming(answer: Answer, claims: tuple[tuple[str, str], ...]) -> Answer:
    claimed = {name.lower() for name, _ in claims}
    kept = tuple((name, value) for name, value in answer.headers if name.lower() not in claimed)
    return replace(answer, headers=(*kept, *claims))


def sums(call: Call) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in call.headers if name.lower() == "x-amz-checksum-sha256")


def without_sums(call: Call) -> Call:
    return without(call, "content-md5", "x-amz-checksum-sha256", "x-amz-sdk-checksum-algorithm")


def without(call: Call, *names: str) -> Call:
    return replace(call, headers=tuple((name, value) for name, value in call.headers if name.lower() not in names))


def signed(call: Call) -> Call:
    """Return the call, signed again as it is now, by a user with all rights."""
    call = without(call, "authorization", "x-amz-date", "x-amz-content-sha256", "content-length")
    host = next(value for name, value in call.headers if name.lower() == "host")
    request = AWSRequest(call.method, f"https://{host}{call.target}", dict(call.headers), call.body)
    S3SigV4Auth(Credentials(*ADMIN), "s3", "us-east-1").add_auth(request)
    return replace(call, headers=tuple((name, str(value)) for name, value in request.headers.items()))
