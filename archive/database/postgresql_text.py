"""How text goes to PostgreSQL, which keeps all characters but one."""

from __future__ import annotations

from psycopg.adapt import Dumper


class Text(Dumper):
    """UTF-8, with U+FFFD for NUL. What a site sent is in the WARC as it was."""

    def dump(self, obj: str) -> bytes:
        return obj.replace("\0", "\ufffd").encode()
