"""Confine the child of a user's spider: it has its own files and its worker, and no network, home or other programs."""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from archive.texts.confinement import Needs, confine
from crawler.userspiders.spider_loader import SpiderNotUsable

_OPEN_FILES = 1024
_ALSO_READ = ("/etc/ssl", "/etc/localtime", "/etc/mime.types", "/usr/share", "/dev/null", "/dev/urandom")


def confine_spider(order: Mapping[str, Any]) -> list[str]:
    """Confine this process, for good, to what the spider of an order needs.

    Return what this kernel could not do, a sentence each. Raises SpiderNotUsable for that if the order requires it.
    """
    spiders, scratch = Path(order["directory"]), Path(order["scratch"])
    lasting = lasting_files(spiders, order["source"])
    problems = confine(
        Needs(
            readable=(spiders, *_code([spiders, scratch]), *map(Path, _ALSO_READ)),
            writable=(scratch, *filter(Path.is_dir, [lasting])),
            talks=True,
            open_files=_OPEN_FILES,
        )
    )
    if problems and order["confined"] != "auto":
        why = "; ".join(problems)
        raise SpiderNotUsable(
            f"the process of the spider can't be confined ({why}); set worker.confine_spiders to auto or false"
        )
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    return problems


def lasting_files(spiders: Path, source: str) -> Path:
    """Return the directory of files that the spider of a source keeps between its runs, if the operator creates it."""
    return spiders / ".files" / source


def _code(own: list[Path]) -> Iterator[Path]:
    """Yield where code is imported from, except for directories that also contain the home."""
    for package in ("archive", "config", "extractor"):  # what is imported is readable, also where the home is beside it
        import_module(package)
    places = {Path(place).resolve() for place in (*sys.path, sysconfig.get_path("scripts")) if place}
    return (place for place in places if not any(one.resolve().is_relative_to(place) for one in own))
