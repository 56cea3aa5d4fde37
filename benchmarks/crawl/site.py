"""The site of the benchmark, in a separate process: it responds from memory, with gzip on request.

/s/N.html: 3,000 pages of 22 KB (5.6 KB in gzip) with 60 links; /l/N.html: 1,000 pages of 48 KB with 60 links; in turn
long articles, boards, lists, Chinese articles and short news, as readers of pages treat these in different ways.
/feed: a feed of 20 items that has not changed.
/h/N.html, on each of `HOSTS` addresses of this machine: 300 pages of 21 KB of these kinds, others on each host.
"""

from __future__ import annotations

import asyncio
import gzip
import random
from pathlib import Path

import uvloop
from isal import isal_zlib

from benchmarks.machine import called, until_input_ends

SMALL, LARGE = 3_000, 1_000
HOSTS, OF_A_HOST = 40, 300
LINKS = 60
_FEED_TAG = b'"the-feed"'
_HTML = b"text/html; charset=utf-8"


def page(kind: str, number: int, pages: int, size: int) -> bytes:
    """Return a page of about `size` bytes: words with links among them, and the same menu on each page."""
    chance = random.Random(f"{kind}{number}")
    menu = "".join(
        f'<li class="menu-item"><a href="/{kind}/{n}.html" title="Section {n}">Section {n}</a></li>' for n in range(20)
    )
    parts = [f"<!doctype html><html><head><meta charset=utf-8><title>Page {number}</title></head><body><ul>{menu}</ul>"]
    targets = [(number * 7 + k * 13 + 1) % pages for k in range(LINKS - 20)]
    share = (size - len(parts[0])) // len(targets)
    before, after, vocabulary = KINDS[number % len(KINDS)]
    for target in targets:
        link = f'<a class="story-link" href="/{kind}/{target}.html">{" ".join(chance.choices(vocabulary, k=4))}</a>'
        text = before.format(link)
        while len(text.encode()) < share - 36:
            text += " ".join(chance.choices(vocabulary, k=6)) + " "
        parts.append(text.rstrip() + after)
    parts.append("</body></html>")
    return "".join(parts).encode()


def _words() -> list[str]:
    chance = random.Random(7)
    return ["".join(chance.choices("etaoinshrdlucmfwypvbgk", k=chance.randint(2, 10))) for _ in range(120)]


WORDS = _words()
HAN = [word.translate({97 + n: 0x4E00 + 97 * n for n in range(26)}) for word in WORDS]
KINDS = (
    ('<div class="story"><h3>{}</h3><p class="story-text">', "</p></div>", WORDS),
    ('<table class="board"><tr><td class="thread">{}</td><td class="replies">', "</td></tr></table>", WORDS),
    ('<ul class="list"><li>{} <span class="summary">', "</span></li></ul>", WORDS),
    ('<div class="story"><h3>{}</h3><p class="story-text">', "</p></div>", HAN),
    (f'<div class="brief" data-place="{"x" * 300}"><h4>{{}}</h4><span>', "</span></div>", WORDS),
)
"""What stands before and after the text of a link, and its words: an article, a board, a list, a Chinese article, short
news in much markup."""


def reply(body: bytes, mime: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    fields = [b"HTTP/1.1 " + status, b"Server: benchmark", b"Content-Type: " + mime, *headers]
    fields.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(fields) + b"\r\n\r\n" + body


def answers() -> dict[bytes, tuple[bytes, bytes]]:
    """Return, by path, the responses with and without gzip."""
    known = {}
    for kind, pages, size in (("s", SMALL, 22 << 10), ("l", LARGE, 48 << 10)):
        for number in range(pages):
            body = page(kind, number, pages, size)
            small = gzip.compress(body, 6)
            path = f"/{kind}/{number}.html".encode()
            known[path] = (reply(small, _HTML, b"Content-Encoding: gzip"), reply(body, _HTML))
    return known


def feed(base: str) -> bytes:
    items = "".join(f"<item><title>{n}</title><link>{base}/s/{n}.html</link></item>" for n in range(20))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>f</title>{items}</channel></rss>'.encode()


def address(host: int) -> str:
    """Return the address of a host: all of 127.0.0.0/8 is this machine."""
    return f"127.0.1.{host + 1}"


class Server(asyncio.Protocol):
    known: dict[bytes, tuple[bytes, bytes]]
    missing = reply(b"not found", b"text/plain", status=b"404 Not Found")
    unchanged = b"HTTP/1.1 304 Not Modified\r\nETag: " + _FEED_TAG + b"\r\n\r\n"
    of_hosts: dict[bytes, bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head, self.waiting = self.waiting[:end], self.waiting[end + 4 :]
            self.transport.write(self.answer(head))  # type: ignore[attr-defined]

    def answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path == b"/feed" and _FEED_TAG in head:
            return self.unchanged
        if path in self.of_hosts:
            return self.of_host(path, b"gzip" in head)
        with_gzip, plain = self.known.get(path, (self.missing, self.missing))
        return with_gzip if b"gzip" in head else plain

    def of_host(self, path: bytes, zipped: bool) -> bytes:
        """Return a page that names the host, so that no two hosts have the same payload."""
        here = self.transport.get_extra_info("sockname")[0].encode()
        body = self.of_hosts[path].replace(b"<title>", b"<title>%b " % here, 1)
        if zipped:
            return reply(isal_zlib.compress(body, 1, 31), _HTML, b"Content-Encoding: gzip")
        return reply(body, _HTML)


async def serve(told: Path) -> None:
    Server.known = answers()
    Server.of_hosts = {f"/h/{n}.html".encode(): page("h", n, OF_A_HOST, 21 << 10) for n in range(OF_A_HOST)}
    server = await asyncio.get_running_loop().create_server(Server, "0.0.0.0", 0, backlog=512)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    plain = reply(feed(base), b"application/rss+xml", b"ETag: " + _FEED_TAG)
    Server.known[b"/feed"] = (plain, plain)
    told.with_suffix(".new").write_text(base)
    told.with_suffix(".new").rename(told)
    await until_input_ends()


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.site", __doc__)
    arguments.add_argument("told", type=Path, help="the file that gets its URL")
    uvloop.run(serve(**vars(arguments.parse_args())))
