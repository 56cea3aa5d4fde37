"""Bombs over the wire, all in one run: compressed, endless, slow. Memory has a bound, and what is kept is valid."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import brotlicffi
import psutil
import pytest
import zstandard
from conftest import FORM, figure
from crawling.site import serving
from journeys.household import Household
from journeys.test_hostile_network import Harm, Line, lines, loris_body, loris_head, page

from archive.texts.reader import MEMORY

MIB = 1 << 20
SIZE = figure(256, 1024, 4096) * MIB
"""Of what is compressed."""
MOST = 512 * MIB
"""Bytes that the process of a run may hold: the bar. What reads pages has a limit of its own."""
ENDLESS = 2 * SIZE
SOURCE = """
source: bombs
seeds: [{seeds}]
walk: page
politeness: {{delay: 0s, concurrency: 4, robots: ignore, timeout: {timeout}, retries: 0}}
addresses: [127.0.0.0/8]
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FORM == "sample", reason="it costs half a minute of CPU: make test-faults"),
    pytest.mark.timeout(3_600),
]


@cache
def deflated() -> bytes:
    """So many zeros, of which each MiB is compressed by itself, so that this takes no time to make."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packing.compress(bytes(MIB)) + packing.flush(zlib.Z_FULL_FLUSH)
    return block * (SIZE // MIB) + b"\x03\x00"


@cache
def gzipped() -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflated() + zlib.crc32(b"").to_bytes(4, "little") + bytes(4)


@cache
def twice_gzipped() -> bytes:
    return zlib.compress(gzipped(), wbits=31)


@cache
def brotli() -> bytes:
    packing = brotlicffi.Compressor(quality=1)
    return b"".join(packing.process(bytes(MIB)) for _ in range(SIZE // MIB)) + packing.finish()


@cache
def zstd() -> bytes:
    packing = zstandard.ZstdCompressor().compressobj()
    return b"".join(packing.compress(bytes(MIB)) for _ in range(SIZE // MIB)) + packing.flush()


def bomb(encoding: str, made: Callable[[], bytes]) -> Harm:
    def harm(connection: socket.socket, _line: Line) -> None:
        connection.recv(1 << 16)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encoding}\r\n"
        connection.settimeout(60)
        connection.sendall(f"{head}Content-Length: {len(made())}\r\n\r\n".encode() + made())

    return harm


def endless(head: bytes, more: bytes) -> Harm:
    """Send a head, and then the same for ever, as fast as it is taken."""
    block = more * (MIB // len(more))

    def harm(connection: socket.socket, line: Line) -> None:
        connection.recv(1 << 16)
        connection.settimeout(60)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + head)
        for _ in range(ENDLESS // MIB):
            if line.stopped.is_set():
                return
            connection.sendall(block)

    return harm


def redirecting(connection: socket.socket, line: Line) -> None:
    """Each page has moved to the next one."""
    asked = connection.recv(1 << 16).split(b" ")[1]
    answer = b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    connection.sendall(answer % (int(asked.strip(b"/") or 0) + 1))


HARMS: dict[str, Harm] = {
    "gzip": bomb("gzip", gzipped),
    "gzip in gzip": bomb("gzip, gzip", twice_gzipped),
    "deflate": bomb("deflate", deflated),
    "brotli": bomb("br", brotli),
    "zstd": bomb("zstd", zstd),
    "endless header": endless(b"X-Endless: ", b"x"),
    "endless headers": endless(b"", b"X-Another: one\r\n"),
    "endless chunks": endless(b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"<p>" * 341 + b"\n" + b"\r\n"),
    "endless chunk extension": endless(b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "endless trailers": endless(b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X-Another: one\r\n"),
    "endless body": endless(b"\r\n", b"<div>"),
    "endless redirects": redirecting,
    "slow head": loris_head,
    "slow body": loris_body,
}


def peak(household: Household, *command: str) -> tuple[int, int, int]:
    """The exit code of a command, the most bytes that it held, and the most that a child of it did."""
    with subprocess.Popen(command, env=household.env(), cwd=household.home.parent) as process:
        seen: dict[int, int] = {}
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                for one in [
                    process.pid,
                    *(child.pid for child in psutil.Process(process.pid).children(recursive=True)),
                ]:
                    seen[one] = max(seen.get(one, 0), most_of(one))
            time.sleep(0.02)
    own = seen.pop(process.pid)
    return process.returncode, own, max(seen.values(), default=0)


def most_of(pid: int) -> int:
    """The most bytes that a process ever held, as the kernel counts them; 0 for one that has ended."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


@pytest.fixture
def hostile() -> Iterator[list[Line]]:
    with lines(*HARMS.values()) as opened:
        yield opened


def test_all_bombs_in_one_run_are_kept_or_cut_within_a_bound_of_memory(
    household: Household, hostile: list[Line]
) -> None:
    with serving(host="127.0.0.2") as site:
        site.otherwise = page
        urls = [f"{line.url}/" for line in hostile] + [f"{site.url}/"]
        household.source("bombs", SOURCE.format(seeds=", ".join(f'"{url}"' for url in urls), timeout="20s"))
        code, held, read = peak(household, *household.command("run", "bombs"))
    captures = household.look("captures", site.url, "--json").json["items"]
    verified = household.look("verify", "--all", "--json").json
    print(f"the crawl held {held >> 20} MiB, what reads its pages {read >> 20} MiB; exit code {code}")

    assert code in (0, 3), "it ends by itself"
    assert {name: line.accepted for name, line in zip(HARMS, hostile, strict=True) if not line.accepted} == {}
    assert held < MOST
    assert read < MEMORY
    assert [one["status"] for one in captures] == [200]
    assert verified["findings"] == []


def test_what_unpacks_such_a_bomb_is_seen_to_hold_too_much(household: Household) -> None:
    """The control: the same measure of a program that trusts what it is sent."""
    program = "import sys, zlib; zlib.decompressobj(-15).decompress(sys.stdin.buffer.read())"
    bomb = household.home.parent / "bomb"
    bomb.write_bytes(deflated())
    code, held, _ = peak(household, "sh", "-c", f'exec "{sys.executable}" -c "{program}" <"{bomb}"')

    assert (code, held > min(MOST, SIZE)) == (0, True)
