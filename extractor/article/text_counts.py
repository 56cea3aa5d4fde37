"""Count the characters of each block, by kind: punctuation, digits, ideographs, capitals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractor.article.blocks import Blocks

_PUNCTUATION, _DIGIT, IDEOGRAPH, _ODD, _END, _CAPITAL = range(1, 7)
_SIGNS = {
    _PUNCTUATION: ",;:，、；：",
    _END: ".!?。！？…",
    _DIGIT: "0123456789",
    _ODD: "|©»›·•/<>[]{}=→",
}
_CLASS = np.zeros(1 << 16, dtype=np.uint8)
for _sort, _signs in _SIGNS.items():
    _CLASS[[ord(sign) for sign in _signs]] = _sort
for _first, _last in ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF)):
    _CLASS[_first : _last + 1] = IDEOGRAPH
_CLASS[ord("A") : ord("Z") + 1] = _CAPITAL
_CLASS[[*range(0xC0, 0xDE), *range(0x410, 0x430)]] = _CAPITAL

WEIGHT_OF_IDEOGRAPH = 2.0
"""The number of letters that an ideograph counts for."""


class TextCounts:
    """Counts of characters, one number per block."""

    def __init__(self, blocks: Blocks) -> None:
        self.texts = blocks.texts
        self.length = np.fromiter(map(len, blocks.texts), np.int64, len(blocks.texts))
        codes = np.frombuffer("\n".join(blocks.texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        sorts = _CLASS.take(codes, mode="clip")
        self.starts = np.concatenate(([0], np.cumsum(self.length + 1)[:-1]))
        owner = np.repeat(np.arange(0, len(blocks.texts) * 8, 8), self.length + 1)[:-1]
        self.count = np.bincount(owner + sorts, minlength=len(blocks.texts) * 8).reshape(-1, 8).T
        """Counts of each kind of character per block: one row per kind."""
        self.first, self.last = sorts[self.starts], sorts[self.starts + self.length - 1]
        self.ideographs = self.count[IDEOGRAPH] / self.length
        self.weight = self.length + self.count[IDEOGRAPH] * (WEIGHT_OF_IDEOGRAPH - 1)
        self.linked = np.array(blocks.linked) / self.length
        self.signs = self.count[_PUNCTUATION] + self.count[_END]

    def columns(self) -> dict[str, NDArray[np.generic]]:
        return {
            "length": self.weight,
            "link density": self.linked,
            "signs": self.signs,
            "signs per letter": self.signs / self.length,
            "sentence ends": self.count[_END],
            "digits": self.count[_DIGIT] / self.length,
            "capitals": self.count[_CAPITAL] / self.length,
            "odd signs": self.count[_ODD],
            "begins with capital": self.first == _CAPITAL,
            "ends like a sentence": self.last == _END,
            "ideographs": self.ideographs,
        }
