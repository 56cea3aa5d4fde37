"""The resources of our pages, all our own: the style, which is in each page, and the files that they load."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from fastapi.responses import Response
from markupsafe import Markup

from pressmark.http.dependencies import Part
from pressmark.http.problems import Refused

router = Part(include_in_schema=False)

_DIRECTORY = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_YEAR = 31_536_000

STYLE = Markup((_DIRECTORY / "pressmark.css").read_text("utf-8"))  # noqa: S704 (a file of ours)
"""A page is not painted before its style is here: inside the page, that takes one answer instead of two."""
STYLE_SOURCE = f"'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
"""How a policy allows this style and no other (CSP 3, 2.3.1)."""


def read_files(directory: Path) -> dict[str, bytes]:
    """Read the files that can be loaded, by name."""
    return {file.name: file.read_bytes() for file in sorted(directory.iterdir()) if file.suffix in _TYPES}


def edition_of(files: Mapping[str, bytes]) -> str:
    """Return a name for exactly these files: any change of any of them changes it."""
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]


_FILES = read_files(_DIRECTORY)
EDITION = edition_of(_FILES)


@router.get("/static/{edition}/{name}")
async def static(edition: str, name: str) -> Response:
    """Serve a file. A page of another edition gets the current file, and must ask again."""
    return file(name, f"max-age={_YEAR}, immutable" if edition == EDITION else "no-cache")


def file(name: str, kept: str) -> Response:
    """Serve a file. `kept` says how long a browser may cache it. Raises Refused for an unknown file."""
    if name not in _FILES:
        raise Refused(404, "page not found")
    return Response(_FILES[name], media_type=_TYPES[Path(name).suffix], headers={"Cache-Control": kept})
