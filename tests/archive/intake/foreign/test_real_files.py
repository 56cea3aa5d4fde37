"""WARCs that other programs write during the test, from a site on a real socket."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from oracles.answers import answers_in
from oracles.environment import NotInstalled, environment
from services.waiting import eventually
from specimens.archives import Kept, empty_archive
from specimens.crawled import check, check_pages, served, taken


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with empty_archive(tmp_path / "archive") as kept:
        yield kept


def wget(directory: Path, *options: str) -> None:
    if (program := shutil.which("wget")) is None:
        pytest.skip("there is no wget")
    subprocess.run([program, "-q", "-r", "-l", "1", *options], check=False, cwd=directory, timeout=60)


@pytest.mark.system
def test_a_warc_of_wget_is_ingested(kept: Kept, site: str, tmp_path: Path) -> None:
    wget(tmp_path, "--warc-file=kept", f"{site}/", "--no-warc-compression")

    one = taken(kept, tmp_path / "kept.warc")

    assert (one.captures >= 4, one.refused, one.converted) == (True, (), False)
    check(kept, site, tmp_path / "kept.warc")


@pytest.mark.system
def test_a_warc_of_wget_without_digests_is_ingested(kept: Kept, site: str, tmp_path: Path) -> None:
    """In place of digests, wget 1.25 writes uninitialized memory; warcio misreads some of these files."""
    wget(tmp_path, "--warc-file=kept", f"{site}/", "--no-warc-digests")

    one = taken(kept, tmp_path / "kept.warc.gz")

    assert (one.captures >= 4, one.refused, one.converted) == (True, (), False)
    check_pages(kept, site)
    digests = [capture.digest or "" for capture in kept.archive.captures(site, match="host")]
    assert all(re.fullmatch("[A-Z2-7]{32}", digest) for digest in digests), digests


@pytest.mark.system
def test_revisits_of_wget_refer_to_its_first_warc(kept: Kept, site: str, tmp_path: Path) -> None:
    """It has a CDX of earlier records, and names the original by id, but not by URL and time."""
    wget(tmp_path, "--warc-file=first", "--warc-cdx", f"{site}/")
    wget(tmp_path, "--warc-file=again", "--warc-dedup=first.cdx", f"{site}/")
    first, again = tmp_path / "first.warc.gz", tmp_path / "again.warc.gz"

    results = [taken(kept, warc) for warc in (first, again)]

    assert [(one.refused, one.converted) for one in results] == [((), False)] * 2
    assert Counter(answer.kind for answer in answers_in(again))["revisit"] >= 3
    check(kept, site, first, again)


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


def test_a_warc_captured_by_warcio_is_ingested(kept: Kept, site: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WITH_WARCIO, site, tmp_path / "kept.warc.gz"], check=True, timeout=60)

    one = taken(kept, tmp_path / "kept.warc.gz")

    assert (one.captures, one.refused, one.converted) == (4, (), False)
    check(kept, site, tmp_path / "kept.warc.gz")


@pytest.mark.parametrize("coding", ["gz", "zst"])
def test_a_warc_rewritten_by_fastwarc_is_ingested(kept: Kept, site: str, tmp_path: Path, coding: str) -> None:
    subprocess.run([sys.executable, "-c", WITH_WARCIO, site, tmp_path / "first.warc.gz"], check=True, timeout=60)
    target = tmp_path / f"kept.warc.{coding}"
    command = [sys.executable, "-c", WITH_FASTWARC, tmp_path / "first.warc.gz", target, coding]
    subprocess.run(command, check=True, timeout=60)

    one = taken(kept, target)

    assert (one.captures, one.refused, one.converted) == (4, (), coding == "zst")
    check(kept, site, tmp_path / "first.warc.gz")


# It refuses loopback addresses, unless its own code is changed.
WARCPROX = """
import sys
from warcprox.main import main
from warcprox.warcproxy import WarcProxyHandler
WarcProxyHandler.allow_localhost = True
main(["warcprox", *sys.argv[1:]])
"""


def test_a_warc_of_warcprox_is_ingested(kept: Kept, site: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
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
            eventually(lambda: _has_its_tables(tmp_path / "warcprox.sqlite"))
            _through(port, site)
            eventually(lambda: _answers_written(tmp_path / "warcs") == 6)  # it writes them after it has answered
        finally:
            proxy.terminate()
            proxy.wait(30)
    [warc] = (tmp_path / "warcs").glob("*.warc.gz*")

    one = taken(kept, warc)

    assert (one.captures, one.refused) == (6, ())
    assert Counter(answer.kind for answer in answers_in(warc)) == {"response": 4, "revisit": 2}
    check(kept, site, warc)


def _through(port: int, site: str) -> None:
    """Request the pages, two of them twice, which gives revisits."""
    eventually(lambda: _listens(port))
    for page in ("/", "/a", "/gone", "/chunked", "/", "/chunked"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", site + page)
        connection.getresponse().read()
        connection.close()


def _has_its_tables(database: Path) -> bool:
    """Warcprox listens before it has them, and loses what it fetches until then."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.OperationalError:  # there is no file
        return False
    return {"dedup", "buckets_of_stats"} <= tables


def _answers_written(directory: Path) -> int:
    """Count the responses and revisits of a WARC that is being written."""
    found = 0
    for file in directory.glob("*.warc.gz*"):
        rest = file.read_bytes()
        while rest:
            member = zlib.decompressobj(31)
            head = member.decompress(rest)
            if not member.eof:
                break
            found += any(kind in head for kind in (b"WARC-Type: response", b"WARC-Type: revisit"))
            rest = member.unused_data
    return found


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
