"""Quotations in a post: which stand by themselves, and whom their labels name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode


def outermost(nodes: Sequence[LexborNode]) -> Iterator[LexborNode]:
    """Without those that stand in another: they are quoted within a quotation."""
    each = {node.mem_id: node for node in nodes}  # a list of selectors finds a node by each of them
    for node in each.values():
        parent, inside = node.parent, False
        for _ in range(64):
            if parent is None or inside:
                break
            inside = parent.mem_id in each
            parent = parent.parent
        if not inside:
            yield node


_SAID = re.compile(
    r"\s*(?:\b(?:said|wrote|has written|schrieb|a écrit|escribió|ha scritto|написал\(?а?\)?|says)\b|发表于|發表於"
    r"|\bon \d).*$"
    r"|:\s*$",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:quote from|originally posted by|quoting|zitat von|citation|quote)\s*:?\s*", re.IGNORECASE)


def quoted_name(label: str | None) -> str | None:
    """``Bob wrote:`` → Bob; ``Quote from: Ann on May 4`` → Ann."""
    if label is None:
        return None
    return _LEAD.sub("", _SAID.sub("", label)).strip(" :,@") or None
