"""The forms of the pages that change sources, as a browser without scripts sends them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import html
from services.retrieving import Retrieving, retrieving

FORM = "application/x-www-form-urlencoded"


@contextmanager
def archive_with(home: Path, **files: str) -> Iterator[Retrieving]:
    """Serve an archive with these files of sources."""
    (home / "sources").mkdir(parents=True)
    for name, text in files.items():
        (home / "sources" / f"{name}.yaml").write_text(text)
    with retrieving(home) as archive:
        yield archive


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send of the first form with a file."""
    [form] = [form for form in html.fromstring(page).forms if "text" in form.fields]
    return {name: (value or "").removeprefix("\n") for name, value in form.form_values()}
