"""The language of a text, as an ISO 639-1 code: told from the text when it is long enough, else as declared.

Of a text of some length resiliparse tells it, thirty times as fast as py3langid, which is asked about a short one, and
where the other is in doubt: of languages that it does not know it takes others for them.
"""

from __future__ import annotations

import re

_SHORTEST = 40
"""Characters below which telling is guessing."""
_WINDOW = 400
_LONG, _LONG_WINDOW = 1_000, 2_000
_SURE = 350
"""The distance of a text from what is usual in its language, up to which resiliparse is believed."""
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*$")


def language_of(text: str, declared: str | None = None) -> tuple[str | None, str]:
    """A code such as ``en`` or ``zh``, and where it comes from: ``text`` or ``declared``."""
    if len(text) >= _SHORTEST:
        return _told_at_once(text) or _classify(text[:_WINDOW]), "text"
    return primary_subtag(declared), "declared"


def primary_subtag(tag: str | None) -> str | None:
    """``zh`` of ``zh-Hans-CN``, ``en`` of ``en_GB``; None when it is no language tag."""
    match = _TAG.match(tag or "")
    return match[1].lower() if match else None


def _told_at_once(text: str) -> str | None:
    if len(text) < _LONG:
        return None
    from resiliparse.parse.lang import detect_fast

    code, distance = detect_fast(text[:_LONG_WINDOW])
    return code if distance <= _SURE and code != "unknown" else None


def _classify(text: str) -> str:
    import py3langid

    code: str = py3langid.classify(text)[0]
    return code
