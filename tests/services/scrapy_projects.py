"""Scrapy projects as people have them: made by `scrapy startproject`, crawled by `scrapy crawl`, each in a process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wire.ledger import Case, LedgerServer
from wire.warcs import Read, by_warcio

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "how-to" / "scrapy-addon.md"
PATIENCE = 800
"""Seconds for a command, however busy the machine is."""
_BLOCK = re.compile(r"([^\n]*)\n\n```(\w+)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Told:
    """The code blocks of the docs, in order, each with the text before it."""

    blocks: list[tuple[str, str, str]]

    def of(self, language: str) -> list[str]:
        return [code for _, found, code in self.blocks if found == language]


def told(root: str) -> Told:
    """Return the page of the docs; `root` replaces the site of the internet that it names."""
    text = PAGE.read_text().replace("https://quotes.toscrape.com", root)
    return Told(_BLOCK.findall(text))


@dataclass
class Project:
    """A project in a directory, which is also its home."""

    directory: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.directory / "pressmark-home"

    def environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PRESSMARK_")}
        paths = os.pathsep.join([str(Path(sys.executable).parent), ours.get("PATH", "")])
        quick = {"PRESSMARK_SPOOL__BALLAST": "0B"}
        return ours | quick | {"PATH": paths, "PYTHONPATH": str(ROOT)} | self.variables

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the project to its end."""
        return subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def crawl(self, spider: str, **settings: object) -> subprocess.CompletedProcess[str]:
        return self.run("scrapy", "crawl", spider, *self.options(settings))

    def start(self, spider: str, **settings: object) -> subprocess.Popen[bytes]:
        """Start a crawl, to be killed."""
        return subprocess.Popen(
            ["scrapy", "crawl", spider, *self.options(settings)],
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @staticmethod
    def options(settings: dict[str, object]) -> list[str]:
        """Return options that remove the template's delay of a second between two requests."""
        return [
            part for name, value in ({"DOWNLOAD_DELAY": 0} | settings).items() for part in ("-s", f"{name}={value}")
        ]

    def pressmark(self, *arguments: str) -> Any:
        """Run a command of ours that answers in JSON."""
        done = self.run(sys.executable, "-m", "pressmark", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs of the ledger, newest first."""
        return list(self.pressmark("runs", "list")["items"])

    def kinds(self, url: str) -> list[str]:
        """Return the kinds of the captures of a URL, newest first."""
        return [capture["kind"] for capture in self.pressmark("captures", url)["items"]]

    def write(self, spider: str) -> None:
        """Write a spider into the project."""
        (self.directory / "tutorial" / "spiders" / "more.py").write_text(spider)

    def records(self) -> list[Read]:
        """Return all records of the store, read by warcio."""
        return [
            record for warc in sorted((self.home / "store" / "warc").rglob("*.warc.gz")) for record in by_warcio(warc)
        ]


def project(directory: Path, server: LedgerServer) -> Project:
    """Make the project of the docs as they say: its first block of commands, and its files."""
    page = told(server.root)
    made = Project(directory)
    subprocess.run(
        ["sh", "-ec", page.of("console")[0]],
        cwd=directory,
        env=made.environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    made.directory = directory / "tutorial"
    for before, language, code in page.blocks:
        if language == "python" and (found := re.search(r"`(tutorial/[\w/.]+)`", before)):
            with (made.directory / found[1]).open("a") as file:
                file.write(code)
    return made


def answer(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body), b"", b""])


def case(name: str, body: bytes, *fields: bytes, **more: object) -> Case:
    return Case(name, head=answer(body, *(fields or (b"Content-Type: text/html",))), body=body, **more)
