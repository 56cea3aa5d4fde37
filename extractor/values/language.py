"""Detect the language of a text as an ISO 639-1 code: from the text if it is long enough, else as declared.

A few characters identify Chinese, since other languages with them also use their own letters. The written forms of
Shanghai and Hong Kong count as Chinese. For other long texts, resiliparse decides, thirty times as fast as py3langid.
py3langid decides for short texts, and where resiliparse is unsure: that confuses languages that it does not know.
"""

from __future__ import annotations

import re

_SHORTEST = 40
"""Characters below which detection is a guess."""
_WINDOW = 400
_LONG, _LONG_WINDOW = 1_000, 2_000
_SURE = 350
"""Maximum distance of a text from its language up to which resiliparse is trusted."""
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL = re.compile("[\u3041-\u3096\u30a1-\u30fa\u1100-\u11ff\uac00-\ud7a3]")
_FEWEST_HAN = 8
"""Minimum characters that make a text Chinese, however short it is."""
_WRITE_IN_HAN = ("ja", "ko")
_SPOKEN_CHINESE = ("wuu", "yue")
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*$")


def language_of(text: str, declared: str | None = None) -> tuple[str | None, str]:
    """Return a code such as ``en`` or ``zh``, and its origin: ``text`` or ``declared``."""
    tag = primary_subtag(declared)
    if not text.isascii() and _is_chinese(text[:_LONG_WINDOW]) and (len(text) >= _SHORTEST or tag not in _WRITE_IN_HAN):
        return "zh", "text"
    if len(text) >= _SHORTEST:
        return _detected(text) or _classify(text[:_WINDOW]), "text"
    return tag, "declared"


def primary_subtag(tag: str | None) -> str | None:
    """Return ``zh`` for ``zh-Hans-CN``, ``en`` for ``en_GB``; None for an invalid tag."""
    match = _TAG.match(tag or "")
    return match[1].lower() if match else None


def _is_chinese(text: str) -> bool:
    """Return whether most of it is Han, with almost no kana or Hangul. A Han character counts as much as a word."""
    han = len(_HAN.findall(text))
    if han < _FEWEST_HAN or han * 4 < sum(map(str.isalpha, text)):
        return False
    return len(_KANA_OR_HANGUL.findall(text)) * 10 < han


def _detected(text: str) -> str | None:
    if len(text) < _LONG:
        return None
    from resiliparse.parse.lang import detect_fast

    code, distance = detect_fast(text[:_LONG_WINDOW])
    return code if distance <= _SURE and code != "unknown" else None


def _classify(text: str) -> str:
    import py3langid

    code: str = py3langid.classify(text)[0]
    return "zh" if code in _SPOKEN_CHINESE else code
