"""The browser extension as a ZIP file: its own files, and a manifest with the version of this program."""

from __future__ import annotations

import json
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pressmark

DIRECTORY = Path(__file__).parent / "extension"
_FOLDER = "pressmark-extension"
FILE_NAME = f"{_FOLDER}-{pressmark.__version__}.zip"


def manifest() -> dict[str, object]:
    """Return the manifest with the version of this program."""
    facts: dict[str, object] = json.loads((DIRECTORY / "manifest.json").read_text("utf-8"))
    return facts | {"version": pressmark.__version__}


@lru_cache(maxsize=1)
def extension() -> bytes:
    """Return the ZIP file: one folder, which a browser loads. The same version has the same bytes."""
    body = BytesIO()
    with ZipFile(body, "w", ZIP_DEFLATED) as archive:
        for file in sorted(path for path in DIRECTORY.rglob("*") if path.is_file()):
            name = file.relative_to(DIRECTORY).as_posix()
            content = json.dumps(manifest(), indent=2).encode() if name == "manifest.json" else file.read_bytes()
            archive.writestr(ZipInfo(f"{_FOLDER}/{name}"), content, ZIP_DEFLATED)
    return body.getvalue()
