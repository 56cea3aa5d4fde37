"""Archived URLs as the ends of our own: `/snapshot/20260131120000/https://example.org/?a=b`."""

from __future__ import annotations

from urllib.parse import quote

SAFE = "%/:?&=+,;@!$*'()~[]"
"""What stays as it is in them, besides letters, digits and ``-._``."""


def link(url: str) -> str:
    """`url` as the end of a path of ours: as it is, but for what would end the path or leave ASCII."""
    return quote(url, safe=SAFE)
