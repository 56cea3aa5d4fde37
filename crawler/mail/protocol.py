"""Write folders and searches as IMAP does, and check its answers (RFC 3501)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from config.values.mailbox import Mailbox

_PRINTABLE = re.compile(r"[\x20-\x25\x27-\x7e]+|&|[^\x20-\x7e]+")


def criteria(box: Mailbox) -> tuple[list[str], list[str], bytes | None]:
    """Return what to search for: a charset, criteria, and the subject in UTF-8 if it is not ASCII."""
    pairs = [("FROM", box.sender), ("HEADER List-Id", box.list_id), ("SUBJECT", box.subject)]
    words = [f"{name} {quote(value)}" for name, value in pairs if value and value.isascii()]
    if box.subject and not box.subject.isascii():
        return ["CHARSET", "UTF-8"], [*words, "SUBJECT"], box.subject.encode()
    return [], words or ["ALL"], None


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted(folder: str) -> str:
    """Return the name of a folder as IMAP writes it: in modified UTF-7 (RFC 3501, 5.1.3), quoted."""
    return quote(_PRINTABLE.sub(_encoded, folder))


def _encoded(found: re.Match[str]) -> str:
    text = found[0]
    if text == "&":
        return "&-"
    if text.isascii():
        return text
    return "&" + base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


class No(Exception):
    """The server answered NO."""


def checked(kind: str, data: Sequence[Any]) -> list[Any]:
    """Return the data of an answer that is OK. Raises No."""
    if kind != "OK":
        raise No(answered(data))
    return [one for one in data if one is not None]


def answered(data: Sequence[Any]) -> str:
    """Return the words of an answer."""
    return b" ".join(one for one in data if isinstance(one, bytes)).decode("utf-8", "replace")


def heads(lines: Iterable[Any]) -> Iterator[bytes]:
    """Yield the lines of an answer, without the literals in them."""
    for line in lines:
        yield line[0] if isinstance(line, tuple) else line
