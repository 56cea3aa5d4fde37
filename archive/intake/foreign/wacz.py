"""Extract the WARCs of a WACZ."""

from __future__ import annotations

import errno
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from archive.intake.foreign.unpack import RefusedRecord

_BOMB = 1000
_LEAST = 1 << 30


def warcs_in(wacz: Path, directory: Path) -> Iterator[tuple[str, Path | RefusedRecord]]:
    """Yield each file below ``archive/`` with its name, copied to `directory`, or the reason against it.

    Only one copy exists at a time. Never raises because of the file.
    """
    try:
        with zipfile.ZipFile(wacz) as package:
            names = [info for info in package.infolist() if info.filename.startswith("archive/") and not info.is_dir()]
            if not names:
                yield wacz.name, RefusedRecord(0, "it is a ZIP without the directory archive/, so not a WACZ")
            for info in names:
                yield info.filename, _copied(package, info, directory / "taken-from-wacz")
    except (zipfile.BadZipFile, RuntimeError, ValueError, OverflowError, zlib.error, EOFError) as error:
        yield wacz.name, RefusedRecord(0, f"the ZIP can't be read: {error}")


def _copied(package: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> Path | RefusedRecord:
    if info.file_size > max(_LEAST, info.compress_size * _BOMB):
        return RefusedRecord(
            info.header_offset, f"it unpacks to {info.file_size} bytes, more than {_BOMB} times its size"
        )
    try:
        with package.open(info) as content, target.open("wb") as copy:
            shutil.copyfileobj(content, copy, 1 << 20)
    except (zipfile.BadZipFile, RuntimeError, ValueError, zlib.error, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # EINVAL is an offset before the beginning
            raise
        return RefusedRecord(info.header_offset, f"it can't be extracted from the ZIP: {error}")
    return target
