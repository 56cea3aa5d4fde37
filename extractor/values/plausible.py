"""Whether characters are what somebody wrote, or what a wrong encoding made of it. Pure, and of a sample.

Most octets decode without an error in several encodings. What comes out of the wrong one is told by its characters:
those of Chinese that is rarely written, katakana without hiragana, accents in rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

_SAMPLE = 400
"""Characters that are looked at."""
_FEW = 8
"""Fewer of them tell nothing."""
_FOREIGN = re.compile("[^\x00-\x7f\xa0\xb7\ufffd]+")
_KANA = re.compile("[\u3041-\u30ff]")
_PUNCTUATION = 0xA4
"""The first leading octet that is none of punctuation."""
_ROW = 4
"""Letters with accents that no Latin script has one after the other."""


def is_plausible(text: str, encoding: str) -> bool:
    """Whether `text` may have been written in `encoding`, a name of Python's. Short texts may, and all of encodings of
    which nothing is known here.
    """
    told = _TOLD.get(encoding)
    if told is None and not encoding.startswith(_LATIN):
        return True
    runs = list(islice((found[0] for found in _FOREIGN.finditer(text)), _SAMPLE))
    foreign = "".join(runs)[:_SAMPLE]
    if len(foreign) < _FEW:
        return True
    return told(foreign) if told is not None else _is_latin(runs)


def _is_latin(runs: list[str]) -> bool:
    """Letters beyond ASCII stand alone, or two or three of them together."""
    in_rows = sum(len(run) for run in runs if len(run) >= _ROW)
    return in_rows <= 0.5 * sum(map(len, runs))


def _is_common_in(*sets: tuple[str, int, int]) -> Callable[[str], bool]:
    """Whether most characters are common ones: those that one of these standards has under leading octets from the
    first to the last, for both have what is written often before what is not. Punctuation counts for neither.
    """

    def told(foreign: str) -> bool:
        common = rare = 0
        for character in foreign:
            leads = [_lead(character, encoding) for encoding, _, _ in sets]
            if _KANA.match(character):
                rare += 1
            elif any(first <= lead <= last for lead, (_, first, last) in zip(leads, sets, strict=True)):
                common += 1
            elif min(leads) >= _PUNCTUATION:
                rare += 1
        return common >= 3 * rare

    return told


def _lead(character: str, encoding: str) -> int:
    """The first octet of a character, 255 where the standard does not have it."""
    try:
        return character.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0xFF


def _has_kana(foreign: str) -> bool:
    """Japanese has hiragana in every sentence; other octets come out as katakana of half the width, or as none."""
    return sum("\u3041" <= character <= "\u309f" for character in foreign) >= 0.1 * len(foreign)


def _is_hangul(foreign: str) -> bool:
    return sum("\uac00" <= character <= "\ud7a3" for character in foreign) >= 0.7 * len(foreign)


_SIMPLIFIED, _TRADITIONAL = ("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)
_TOLD: dict[str, Callable[[str], bool]] = {
    "gb18030": _is_common_in(_SIMPLIFIED, _TRADITIONAL),
    "big5hkscs": _is_common_in(_TRADITIONAL),
    "cp932": _has_kana,
    "euc_jp": _has_kana,
    "cp949": _is_hangul,
}
_LATIN = ("cp1250", "cp1252", "cp1254", "cp1257", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-10", "iso8859-15")
