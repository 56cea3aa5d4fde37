"""Decide whether a decoded text is plausible, or the result of a wrong encoding, from a sample.

Most bytes decode without errors in several encodings. Certain characters reveal a wrong one: rare Chinese characters,
katakana without hiragana, runs of accented letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

_SAMPLE = 400
"""Maximum characters that are examined."""
_FEW = 8
"""Fewer characters give no result."""
_FOREIGN = re.compile("[^\x00-\x7f\xa0\xb7\ufffd]+")
_KANA = re.compile("[\u3041-\u30ff]")
_PUNCTUATION = 0xA4
"""The first lead byte after those of punctuation."""
_ROW = 4
"""Length of a run of accented letters that no Latin script has."""


def is_plausible(text: str, encoding: str) -> bool:
    """Return whether `text` is plausible for `encoding`, a Python name.

    Short texts always are, and so are texts in encodings that are unknown here.
    """
    is_right = _TOLD.get(encoding)
    if is_right is None and not encoding.startswith(_LATIN):
        return True
    runs = list(islice((found[0] for found in _FOREIGN.finditer(text)), _SAMPLE))
    foreign = "".join(runs)[:_SAMPLE]
    if len(foreign) < _FEW:
        return True
    return is_right(foreign) if is_right is not None else _is_latin(runs)


def _is_latin(runs: list[str]) -> bool:
    """Return whether non-ASCII letters are alone, or in runs of two or three."""
    in_rows = sum(len(run) for run in runs if len(run) >= _ROW)
    return in_rows <= 0.5 * sum(map(len, runs))


def _is_common_in(*sets: tuple[str, int, int]) -> Callable[[str], bool]:
    """Return a check that most characters are common ones: those with lead bytes in the given ranges of these
    standards, which list frequent characters first. Punctuation is ignored.
    """

    def is_right(foreign: str) -> bool:
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

    return is_right


def _lead(character: str, encoding: str) -> int:
    """Return the lead byte of a character; 255 if the standard does not have it."""
    try:
        return character.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0xFF


def _has_kana(foreign: str) -> bool:
    """Return whether a text has hiragana, as every Japanese sentence does.

    Bytes in a wrong encoding give half-width katakana, or no kana at all.
    """
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
