"""What a server may send, sense or nonsense: answers put together, answers that were changed, and any octets."""

from __future__ import annotations

from hypothesis import strategies as st
from wire.cases import CASES

methods = st.sampled_from(["GET", "HEAD", "POST"])
ends = st.sampled_from(["closed", "reset", "late"])
places = st.lists(st.integers(0, 5000), max_size=30)
tokens = st.sampled_from(
    [
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
)
assembled = st.lists(tokens, max_size=14).map(b"".join)
whole = st.sampled_from([case.octets for case in CASES if len(case.octets) < 3000])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid answer with some octets changed, taken out or put in."""
    octets = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(octets) - 1, 0)))
        match draw(st.sampled_from(["change", "remove", "insert", "repeat"])):
            case "change":
                octets[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "remove":
                del octets[at : at + draw(st.integers(1, 40))]
            case "insert":
                octets[at:at] = draw(tokens)
            case "repeat":
                octets[at:at] = octets[at : at + draw(st.integers(1, 40))]
    return bytes(octets)


answers = st.one_of(st.binary(max_size=600), assembled, mutated(), whole)
