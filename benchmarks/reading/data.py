"""The development data: annotated pages, as a tar with Zstandard, or a directory of that form.

It has one folder per source, each with `gold.jsonl` and `html/<id>.html`. Lines of gold: `id`, `ds` (the folder),
`type` (article, documentation, forum, encoding), `lang`, `url`, and if known `text`, `with` and `without` (snippets
that must and must not be in the text), `title`, `author`, `date`, `posts`.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import zstandard

from extractor.html.page import Page


@dataclass(frozen=True, slots=True)
class Sample:
    """A page with its annotation."""

    gold: dict[str, Any]
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.gold['ds']}/{self.gold['id']}"

    @property
    def page(self) -> Page:
        """Return a new page, of which nothing is parsed yet."""
        return Page(self.gold.get("url") or "https://example.org/", self.body)

    @property
    def domain(self) -> str:
        """The approximate registrable domain: two labels, or three if the second is as short as in co.uk."""
        labels = (urlsplit(self.gold.get("url") or "").hostname or self.name).split(".")
        return ".".join(labels[-3:] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:])

    def fold(self, folds: int) -> int:
        """Return the fold of the page in a cross-validation: pages of one domain are in the same fold."""
        return zlib.crc32(self.domain.encode()) % folds

    @property
    def source(self) -> str:
        """The collection that the page and its annotation are from."""
        return str(self.gold["ds"])

    @property
    def group(self) -> str:
        """The group for scores: its type; Chinese articles are a separate group."""
        chinese = self.gold["type"] == "article" and (self.gold.get("lang") or "").startswith("zh")
        return "article, Chinese" if chinese else str(self.gold["type"])


def samples(data: Path) -> Iterator[Sample]:
    """Yield all pages, in the order of names."""
    files = _files(data)
    for name in sorted(name for name in files if name.endswith("gold.jsonl")):
        folder = name.removesuffix("gold.jsonl")
        for line in files[name].decode("utf-8").splitlines():
            gold = json.loads(line)
            yield Sample(gold, files[f"{folder}html/{gold['id']}.html"])


def digest(data: Path) -> str:
    """Return the SHA-256 of names and bytes of all annotations and pages, equal for packed and unpacked data."""
    whole = hashlib.sha256()
    for name, body in sorted(_files(data).items()):
        whole.update(f"{name}\0{len(body)}\0".encode())
        whole.update(body)
    return whole.hexdigest()


def _files(data: Path) -> dict[str, bytes]:
    if data.is_dir():
        found = {path.relative_to(data).as_posix(): path for path in data.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in found.items() if _is_data(name)}
    files: dict[str, bytes] = {}
    with data.open("rb") as packed:
        plain = zstandard.ZstdDecompressor().stream_reader(packed).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        for member in archive:
            name = member.name.removeprefix("./").partition("/")[2]
            if member.isfile() and _is_data(name) and (body := archive.extractfile(member)) is not None:
                files[name] = body.read()
    return files


def _is_data(name: str) -> bool:
    return name.endswith(("/gold.jsonl", ".html"))
