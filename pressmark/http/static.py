"""What our pages are drawn with, all of it ours: the style, which stands in each page, and the files that they load."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from pressmark.http.problems import Refused

router = APIRouter(include_in_schema=False)

_DIRECTORY = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_YEAR = 31_536_000

STYLE = Markup((_DIRECTORY / "pressmark.css").read_text("utf-8"))  # noqa: S704 (a file of ours)
"""A page is not painted before its style is here: in the page, that takes one answer and not two."""
STYLE_SOURCE = f"'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
"""How a policy allows this style and no other (CSP 3, 2.3.1)."""


def read_files(directory: Path) -> dict[str, bytes]:
    """What there is to load, by its name."""
    return {file.name: file.read_bytes() for file in sorted(directory.iterdir()) if file.suffix in _TYPES}


def edition_of(files: Mapping[str, bytes]) -> str:
    """What names these very files: with any change of any of them it is another."""
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]


_FILES = read_files(_DIRECTORY)
EDITION = edition_of(_FILES)


@router.get("/static/{edition}/{name}")
async def static(edition: str, name: str) -> Response:
    """A page of another edition gets what there is now, and is to ask again."""
    return file(name, f"max-age={_YEAR}, immutable" if edition == EDITION else "no-cache")


def file(name: str, kept: str) -> Response:
    """`kept` says how long a browser may go without asking. Raises Refused for what is not there."""
    if name not in _FILES:
        raise Refused(404, "page not found")
    return Response(_FILES[name], media_type=_TYPES[Path(name).suffix], headers={"Cache-Control": kept})
