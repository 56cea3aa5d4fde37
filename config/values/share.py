"""Shares of an archive as people write them: ``1/30``, ``5%``, ``20G``."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator

from config.duration import parse_size

_FRACTION = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")
_PERCENT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


def parse_share(text: str) -> Fraction | int:
    """Return a fraction, or a number of bytes. Raises ValueError with a sentence."""
    if (found := _FRACTION.fullmatch(text)) and int(found[2]):
        share: Fraction | int = Fraction(int(found[1]), int(found[2]))
    elif found := _PERCENT.fullmatch(text):
        share = Fraction(found[1]) / 100
    else:
        try:
            share = parse_size(re.sub(r"(?i)([kmgt])\s*$", r"\1B", text))
        except ValueError:
            kinds = "a fraction (1/30), a percentage (5%) or a size (20G)"
            raise ValueError(f"invalid share {text!r}: use {kinds}") from None
    if share <= 0 or (isinstance(share, Fraction) and share > 1):
        raise ValueError(f"the share {text!r} is not between nothing and everything")
    return share


def _checked(text: str) -> str:
    parse_share(text)
    return text


ShareText = Annotated[str, AfterValidator(_checked)]
"""A field that is written ``1/30``, ``5%`` or ``20G``."""
