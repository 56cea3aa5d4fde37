"""Send text to PostgreSQL, which stores every character except NUL."""

from __future__ import annotations

from psycopg.adapt import Dumper


class Text(Dumper):
    """Dumps text as UTF-8, with U+FFFD for NUL. The WARC has the original bytes."""

    def dump(self, obj: str) -> bytes:
        return obj.replace("\0", "\ufffd").encode()
