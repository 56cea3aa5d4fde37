"""A program with a theme, and the pages that it builds of our texts, built once in the user's cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reading.environments import NotInstalled, cache
from benchmarks.reading.programs.written import AUTHOR, Written

Build = Callable[[Sequence[Written], Path], Mapping[str, Path]]
"""Builds a site in a directory. Returns the HTML file of each text. Raises NotInstalled, or CalledProcessError."""
_MOST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a theme. One that is `apart` is never used to find a rule or to train the model."""

    name: str
    theme: str
    build: Build
    apart: bool = False
    dated: bool = False
    """Its pages show the author and the day of a text."""

    @property
    def label(self) -> str:
        return f"{self.name}, {self.theme}"


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """A page that a program built of a text."""

    program: Program
    text: Written
    html: bytes
    author: str = AUTHOR
    posts: Sequence[Mapping[str, str]] = ()
    """The comments under the text: author, date and body."""

    @property
    def url(self) -> str:
        return f"https://{self.program.theme.replace('_', '-').lower()}.example/{self.text.name}"


def built(program: Program, texts: Sequence[Written]) -> Iterator[BuiltPage]:
    """Yield the pages of a program. Print why it has none."""
    directory = cache() / "pages" / f"{program.name}-{program.theme}-{_digest(texts)}"
    if not directory.exists():
        try:
            _keep(program, texts, directory)
        except (NotInstalled, OSError, subprocess.SubprocessError) as problem:
            print(f"{program.label}: {_said(problem)}")
            return
    for text in texts:
        if (page := directory / f"{text.name}.html").exists():
            yield BuiltPage(program, text, page.read_bytes())


def _keep(program: Program, texts: Sequence[Written], directory: Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as name:
        site, pages = Path(name) / "site", Path(name) / "pages"
        site.mkdir()
        pages.mkdir()
        files = program.build(texts, site)
        for text in texts:
            if _first_words(text) not in files[text.name].read_text("utf-8"):
                raise NotInstalled(f"the page {text.name} is without its text")
            shutil.copyfile(files[text.name], pages / f"{text.name}.html")
        pages.rename(directory)


def _first_words(text: Written) -> str:
    """Return words that no program changes: to the first mark that may be written as an entity or another mark."""
    return re.split("[\"'“”«»<>&]", text.blocks[0].lines[0])[0].strip()


def _digest(texts: Sequence[Written]) -> str:
    """Return a name for these texts. A program that changes gets a new cache by hand: delete its directory."""
    return hashlib.sha256(repr(texts).encode()).hexdigest()[:12]


def _said(problem: Exception) -> str:
    if isinstance(problem, subprocess.CalledProcessError):
        return (problem.stderr or problem.stdout or b"").decode("utf-8", "replace").strip()[-400:]
    return str(problem)


def run(*command: str | Path, at: Path, **environment: str) -> None:
    """Run a command of a program. Raises CalledProcessError or TimeoutExpired."""
    subprocess.run(
        [str(part) for part in command],
        check=True,
        cwd=at,
        capture_output=True,
        timeout=_MOST_SECONDS,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )
