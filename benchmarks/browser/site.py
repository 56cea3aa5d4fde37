"""The site of the benchmark, in a separate process: pages whose text a script fetches, a style sheet and images."""

from __future__ import annotations

import json
import random
import sys
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from benchmarks.crawl.site import WORDS
from benchmarks.machine import called

IMAGES = 6
_SHELL = b"""<!doctype html><html lang=en><head><title>Loading</title><link rel=stylesheet href=/style.css></head>
<body><div id="root"></div><script type=module src=/app.js></script></body></html>"""
_APP = b"""
const number = location.pathname.split('/').pop();
const story = await (await fetch('/story/' + number + '.json')).json();
document.title = story.title;
root.append(Object.assign(document.createElement('h1'), {textContent: story.title}));
for (const text of story.text) root.append(Object.assign(document.createElement('p'), {textContent: text}));
for (const image of story.images) root.append(Object.assign(document.createElement('img'), {src: image}));
"""
_STYLE = b"body { font: 18px serif; max-width: 50rem } p { margin: 1em 0 } img { width: 320px; height: 200px }"


def story(number: int) -> bytes:
    """Return 40 paragraphs and the addresses of images."""
    chance = random.Random(number)
    text = [" ".join(chance.choices(WORDS, k=60)) + "." for _ in range(40)]
    images = [f"/image/{number}-{one}.png" for one in range(IMAGES)]
    return json.dumps({"title": f"Story {number}", "text": text, "images": images}).encode()


def picture(name: str) -> bytes:
    """Return a PNG of noise, 64 by 64: no two are the same."""
    chance = random.Random(name)
    rows = b"".join(b"\0" + chance.randbytes(64 * 3) for _ in range(64))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = (64).to_bytes(4) + (64).to_bytes(4) + bytes([8, 2, 0, 0, 0])
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def answer(path: str) -> tuple[str, bytes] | None:
    """Return the type and the body of a path; None for one that is not there."""
    name = path.rpartition("/")[2]
    if path.startswith("/p/"):
        return "text/html", _SHELL
    if path.startswith("/story/"):
        return "application/json", story(int(name.partition(".")[0]))
    if path.startswith("/image/"):
        return "image/png", picture(name)
    return {"/app.js": ("text/javascript", _APP), "/style.css": ("text/css", _STYLE)}.get(path)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        found = answer(self.path)
        kind, body = found or ("text/plain", b"not found")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def main(told: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    new = told.with_suffix(".new")
    new.write_text(f"http://127.0.0.1:{server.server_address[1]}")
    new.rename(told)
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    arguments = called("benchmarks.browser.site", __doc__)
    arguments.add_argument("told", type=Path, help="the file that gets its URL")
    main(**vars(arguments.parse_args()))
