"""What a server may send, valid or not: generated answers, modified answers, and any bytes.

Each is made from one draw of bytes: a draw takes ten times as long as an answer.
"""

from __future__ import annotations

from hypothesis import strategies as st
from wire.cases import CASES

methods = st.sampled_from(["GET", "HEAD", "POST"])
ends = st.sampled_from(["closed", "reset", "late"])
TOKENS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200\n",
    b"http/1.1 103 x\r\n\r\n",
    b"HTTP/1.1 304 N\r\n",
    b"HTTP/1.1 20",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b"\r\n\r\n",
    b"\n\n",
    b"\n\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 999999999999999999999999\r\n",
    b"content-length : 3, 7\r\n",
    b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding:\r\n gzip,\tCHUNKED\r\n",
    b"Connection: close\r\n",
    b"X-Long: " + b"a" * 200 + b"\r\n",
    b"5\r\nhello\r\n",
    b"5\r\nhel",
    b"1;ext=1\nx\n",
    b"ffffffffffffffff\r\n",
    b"10000000000000000\r\n",
    b"0\r\n\r\n",
    b"0\r\nX-Trailer: 1\r\n\r\n",
    b"00;\n\n",
    b"hello",
    b"<html>",
    b"\x00\xff",
    b"z" * 120,
]
WHOLE = [case.octets for case in CASES if len(case.octets) < 3000]


def _assembled(picks: bytes) -> bytes:
    return b"".join(TOKENS[pick % len(TOKENS)] for pick in picks)


def _mutated(edits: bytes) -> bytes:
    """Return a valid answer with some bytes changed, removed, inserted or repeated; four bytes describe an edit."""
    octets = bytearray(WHOLE[edits[0] % len(WHOLE)])
    for how, high, low, what in zip(*[iter(edits[1:])] * 4, strict=False):
        at = (high << 8 | low) % (len(octets) + 1)
        until = at + 1 + what % 40
        match how % 4:
            case 0:
                octets[at : at + 1] = bytes([what])
            case 1:
                del octets[at:until]
            case 2:
                octets[at:at] = TOKENS[what % len(TOKENS)]
            case 3:
                octets[at:at] = octets[at:until]
    return bytes(octets)


def _numbers(octets: bytes) -> list[int]:
    return [high << 8 | low for high, low in zip(octets[::2], octets[1::2], strict=False)]


places = st.binary(max_size=60).map(_numbers)
assembled = st.binary(min_size=2, max_size=16).map(_assembled)
mutated = st.binary(min_size=5, max_size=29).map(_mutated)
answers = st.one_of(st.binary(max_size=600), assembled, mutated)
