"""WARCs that the programs of the field write, here and now, of a site on a real socket."""

from __future__ import annotations

import gzip
import http.client
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from journeys.household import eventually
from oracles.environment import NotInstalled, environment
from specimens.archives import Kept, empty_archive

from archive.foreign.take import Taken, take

LATER = "20990101"
PAGES = {"/": b'<a href="/a">a</a><a href="/chunked">c</a><a href="/gone">g</a><p>front', "/a": b"<p>the page a" * 50}


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/chunked":
            self._chunked()
            return
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body or b"gone")))
        self.end_headers()
        self.wfile.write(body or b"gone")

    def _chunked(self) -> None:
        packed = gzip.compress(b"<p>in chunks, compressed", mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (packed[:10], packed[10:], b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with empty_archive(tmp_path / "archive") as kept:
        yield kept


def taken(kept: Kept, path: Path) -> Taken:
    [one] = take(path, "default", kept.archive.ingest, kept.index)
    [again] = take(path, "default", kept.archive.ingest, kept.index)
    assert (again.again, again.captures) == (True, one.captures)
    return one


def check(kept: Kept, site: str) -> None:
    """What the site has said is what the archive says, to the octet."""
    from archive.timestamps import parse_timestamp

    for path, body in {**PAGES, "/gone": b"gone", "/chunked": b"<p>in chunks, compressed"}.items():
        with kept.archive.snapshot(site + path, parse_timestamp(LATER)) as snapshot:
            assert snapshot.payload().body == body, path
            assert snapshot.status == (404 if path == "/gone" else 200)


@pytest.mark.system
@pytest.mark.parametrize("option", ["--no-warc-compression", "--no-warc-digests"])
def test_what_wget_kept(kept: Kept, site: str, tmp_path: Path, option: str) -> None:
    wget = shutil.which("wget")
    if wget is None:
        pytest.skip("there is no wget")
    command = [wget, "-q", "-r", "-l", "1", "--warc-file=kept", f"{site}/"]
    command.append(option)
    subprocess.run(command, check=False, cwd=tmp_path, timeout=60)
    [warc] = tmp_path.glob("kept.warc*")

    one = taken(kept, warc)

    assert (one.captures >= 4, one.refused, one.converted) == (True, (), False)
    check(kept, site)


WITH_WARCIO = """
import sys, brotlicffi; sys.modules['brotli'] = brotlicffi
from warcio.capture_http import capture_http
import http.client, urllib.parse
site, path = sys.argv[1:]
with capture_http(path):
    for page in ("/", "/a", "/gone", "/chunked"):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(site).netloc)
        connection.request("GET", page)
        connection.getresponse().read()
"""
WITH_FASTWARC = """
import sys
from fastwarc.stream_io import GzipWriter, ZstdWriter
from fastwarc.warc import ArchiveIterator
with {"gz": GzipWriter, "zst": ZstdWriter}[sys.argv[3]](sys.argv[2]) as out:
    for record in ArchiveIterator(open(sys.argv[1], "rb"), parse_http=False):
        record.write(out, checksum_data=True)
        out.finish()
"""


def test_what_warcio_captured(kept: Kept, site: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WITH_WARCIO, site, tmp_path / "kept.warc.gz"], check=True, timeout=60)

    one = taken(kept, tmp_path / "kept.warc.gz")

    assert (one.captures, one.refused, one.converted) == (4, (), False)
    check(kept, site)


@pytest.mark.parametrize("coding", ["gz", "zst"])
def test_what_fastwarc_wrote_anew(kept: Kept, site: str, tmp_path: Path, coding: str) -> None:
    subprocess.run([sys.executable, "-c", WITH_WARCIO, site, tmp_path / "first.warc.gz"], check=True, timeout=60)
    target = tmp_path / f"kept.warc.{coding}"
    command = [sys.executable, "-c", WITH_FASTWARC, tmp_path / "first.warc.gz", target, coding]
    subprocess.run(command, check=True, timeout=60)

    one = taken(kept, target)

    assert (one.captures, one.refused, one.converted) == (4, (), coding == "zst")
    check(kept, site)


# It refuses to fetch from this machine, unless it is told in its own code.
WARCPROX = """
import sys
from warcprox.main import main
from warcprox.warcproxy import WarcProxyHandler
WarcProxyHandler.allow_localhost = True
main(["warcprox", *sys.argv[1:]])
"""


def test_what_warcprox_kept(kept: Kept, site: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    try:
        programs = environment(pytestconfig.cache.mkdir("warcprox"), "warcprox==2.13.1", "setuptools<81")
    except NotInstalled as error:
        pytest.skip(str(error))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [programs / "python", "-c", WARCPROX, "-b", "127.0.0.1", "-p", str(port), "-z", "-d", tmp_path / "warcs"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proxy:
        try:
            _through(port, site)
        finally:
            proxy.terminate()
            proxy.wait(30)
    [warc] = (tmp_path / "warcs").glob("*.warc.gz*")

    one = taken(kept, warc)

    assert (one.captures, one.refused) == (5, ())
    check(kept, site)


def _through(port: int, site: str) -> None:
    """Ask for the pages, the front page twice: that makes a revisit."""
    eventually(lambda: _listens(port))
    for page in ("/", "/a", "/gone", "/chunked", "/"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", site + page)
        connection.getresponse().read()
        connection.close()


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
