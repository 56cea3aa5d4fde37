"""A line of a month: the CDXJ line of a capture, with its mark of damage and the number of its row in the database."""

from __future__ import annotations

import json
from typing import Any

from archive.index.cdx.row import Row
from archive.index.rows import row_of
from archive.values.errors import DamagedRecord
from archive.warc import cdxj

_NUMBER, _DAMAGE = ',"row":', ',"damaged":'


def line_of_row(row: Row) -> str:
    """Return the line of a row."""
    line = cdxj.line(row.capture)[:-1]
    if row.damage is not None:
        line += _DAMAGE + json.dumps([row.damage, row.damage_reason, row.damage_found_at], separators=(",", ":"))
    return f"{line}{_NUMBER}{row.id}}}"


def fields_of(line: bytes) -> int:
    """Return where the fields of a line begin, after its key: a key may have text that looks like a field."""
    return line.index(b" ", line.index(b" ") + 1) + 1


def row_of_line(line: bytes) -> Row:
    """Return the row of a line, in the driver's values. Raises DamagedRecord."""
    capture = cdxj.parse(line)
    number = line.rpartition(_NUMBER.encode())[2][:-1]
    if not number.isdigit():
        raise DamagedRecord("a line of a month", f"it has no number: {line[:120]!r}")
    segment: Any = capture.location.segment
    damage = (None, None, None)
    fields = line[fields_of(line) :]
    if _DAMAGE.encode() in fields:  # no text can have these characters: its quotation marks are escaped
        damage = json.loads(fields)["damaged"]
    return Row._make((*row_of(capture, segment), *damage, int(number)))
