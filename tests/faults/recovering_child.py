"""A process that recovers a spool, to be killed at any call or watched.

    python recovering_child.py SPOOL [release | reseal | salvage | unsynced | hasty]

`release` removes each sealed segment, `reseal` seals its intact part again, `salvage` only handles files that failed an
fsync, as a recorder does. `unsynced` and `hasty` are broken on purpose, as controls: no name of a file is made durable,
and a segment is removed before its successor is durable.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from archive.spool import open_segment, release, salvage, sealed
from archive.spool.recovery import recover
from archive.spool.reseal import resealed
from archive.values.urlkey import urlkey


def now() -> datetime:
    return datetime.now(UTC)


def main(spool: Path, *options: str) -> None:
    if "unsynced" in options:
        for module in (open_segment, release, salvage, sealed):
            module.fsync_directory = lambda _: None  # type: ignore[attr-defined]
    if "hasty" in options:
        for path in (spool / "open").iterdir():
            content = path.read_bytes()
            path.unlink()
            open_segment.fsync_directory(path.parent)
            path.write_bytes(content)
    if "reseal" in options:
        for segment in list(sealed.sealed_in(spool)):
            resealed(segment, now=now)
    elif "release" in options:
        for segment in list(sealed.sealed_in(spool)):
            release.remove(segment.path)
    elif "salvage" in options:
        for failed in (spool / "open").glob(f"*{open_segment.FAILED}"):
            salvage.salvage(spool, failed, now=now, urlkey=urlkey)
    else:
        recover(spool, now=now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
