"""The share of an archive that one audit reads: a fraction, or a number of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Share:
    """`1/30`, `5%`, or `20G`: either a fraction or a number of bytes."""

    fraction: Fraction | None = None
    size: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.fraction is not None and self.fraction >= 1

    def of(self, total: int) -> int:
        """Return the bytes to read of a place with that many bytes: at least so many that all are read in time."""
        if self.size is not None:
            return min(self.size, total)
        assert self.fraction is not None
        return -(-total * self.fraction.numerator // self.fraction.denominator)

    def turns(self, total: int) -> int:
        """Return after how many audits everything was read."""
        share = Fraction(self.of(total), total) if total else Fraction(1)
        return -(-share.denominator // share.numerator) if share else 1


WHOLE = Share(Fraction(1))
