"""The language of a text, as an ISO 639-1 code: told from the text when it is long enough, else as declared."""

from __future__ import annotations

import re

_SHORTEST = 40
"""Characters below which telling is guessing."""
_WINDOW = 400
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*$")


def language_of(text: str, declared: str | None = None) -> tuple[str | None, str]:
    """A code such as ``en`` or ``zh``, and where it comes from: ``text`` or ``declared``."""
    if len(text) >= _SHORTEST:
        return _classify(text[:_WINDOW]), "text"
    return primary_subtag(declared), "declared"


def primary_subtag(tag: str | None) -> str | None:
    """``zh`` of ``zh-Hans-CN``, ``en`` of ``en_GB``; None when it is no language tag."""
    match = _TAG.match(tag or "")
    return match[1].lower() if match else None


def _classify(text: str) -> str:
    import py3langid

    code: str = py3langid.classify(text)[0]
    return code
