"""Convert East Asian numbers and years to ASCII digits and years of the common era.

``２０２６年１１月`` → ``2026年11月``; ``二〇二六年十一月二十四日`` → ``2026年11月24日``;
``令和8年`` and ``民國115年`` → ``2026年``.
"""

from __future__ import annotations

import re

_WIDE = str.maketrans("０１２３４５６７８９：／．－，　", "0123456789:/.-, ")
_DIGITS = {numeral: number for number, numerals in enumerate(("〇零○", *"一二三四五六七八九")) for numeral in numerals}
_WRITTEN_OUT = re.compile(
    r"(?P<year>[〇零○一二三四五六七八九]{4})\s?年\s?(?P<month>[一二三四五六七八九十]{1,2})\s?月"
    r"(?:\s?(?P<day>[一二三四五六七八九十]{1,3})\s?[日号號])?"
)
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_ERA_YEAR = re.compile(rf"({'|'.join(_ERAS)})\s?(元|\d{{1,3}})\s?(?=年)")


def plain_numbers(text: str) -> str:
    """Return the text with its dates in ASCII digits."""
    if text.isascii():
        return text
    text = text.translate(_WIDE)
    if "年" not in text:
        return text
    return _ERA_YEAR.sub(_common_year, _WRITTEN_OUT.sub(_in_digits, text))


def _common_year(match: re.Match[str]) -> str:
    return str(_ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])))


def _in_digits(match: re.Match[str]) -> str:
    year = "".join(str(_DIGITS[numeral]) for numeral in match["year"])
    day = f"{_number(match['day'])}日" if match["day"] else ""
    return f"{year}年{_number(match['month'])}月{day}"


def _number(written: str) -> int:
    """Parse a number up to 99: 五, 十, 十一, 二十, 二十四."""
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return _DIGITS.get(written, 0)
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
