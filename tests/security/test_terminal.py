"""What a command prints never commands the terminal, and what it writes to a file or pipe is unchanged."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Reply, Site, serving
from journeys.household import Household, gazette

HOSTILE = "".join(map(chr, [*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]))
HOSTILE += "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PARAGRAPH = "The ferry leaves the harbour at nine and comes back in the evening, when the tide is high enough. " * 4
PAGE = (
    "<!doctype html><meta charset=utf-8><title>Ferry {0}</title><main><article><h1>Ferry {0}</h1>"
    "<p>{1}{0}</p><p>{1}{0}</p></article></main>\r\n"
)
VIEWS = ([], ["--text"], ["--markdown"], ["--headers"], ["--raw"])


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes |= {"/robots.txt": Reply(404), "/": Reply(body=PAGE.format(HOSTILE, PARAGRAPH))}
        yield site


def printed_on_a_terminal(household: Household, *words: str) -> bytes:
    """Return what a command writes to a terminal, without the carriage returns that the terminal adds."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        household.command(*words),
        env=household.env() | {"TERM": "dumb", "NO_COLOR": "1"},
        cwd=household.home.parent,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    found = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        found += piece
    os.close(ours)
    process.wait(120)
    return found.replace(b"\r\n", b"\n")


def controls(printed: bytes) -> set[str]:
    return set(HOSTILE) & set(printed.decode("utf-8"))


def test_a_page_does_not_command_the_terminal(household: Household, site: Site, tmp_path: Path) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page"))
    household.run("run", "gazette")
    for view in VIEWS:
        printed = printed_on_a_terminal(household, "snapshot", "get", f"{site.url}/", *view)
        assert printed
        assert controls(printed) == set(), view
    for words in (["article", f"{site.url}/"], ["search", "ferry"], ["captures", f"{site.url}/"]):
        assert controls(printed_on_a_terminal(household, *words)) == set(), words

    # The control: into a file and a pipe, the page is as it was.
    household.run("snapshot", "get", f"{site.url}/", "-o", str(tmp_path / "page"))
    piped = subprocess.run(
        household.command("snapshot", "get", f"{site.url}/"), env=household.env(), capture_output=True, check=True
    )
    assert (tmp_path / "page").read_bytes() == piped.stdout == PAGE.format(HOSTILE, PARAGRAPH).encode()
