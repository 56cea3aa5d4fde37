"""The files that our pages load: all of them ours."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from pressmark.api.errors import Refused

router = APIRouter(include_in_schema=False)

_DIRECTORY = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FILES = {file.name: file for file in _DIRECTORY.iterdir() if file.suffix in _TYPES}


@router.get("/static/{name}")
def static(name: str) -> FileResponse:
    if name not in _FILES:
        raise Refused(404, "there is nothing at this address")
    file = _FILES[name]
    return FileResponse(file, media_type=_TYPES[file.suffix], headers={"Cache-Control": "max-age=3600"})
