"""Find what names formulas, or programs for them, in the bytes of a page."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 2_000
_BEFORE, _AFTER = 12, 20
_A, _E, _H, _M, _T, _X = b"aehmtx"


def signs_of_formulas(html: bytes) -> bytes:
    """Return the surroundings of "math" and "atex" in a page, each byte behind them once, up to a limit.

    One search for both, by the letters that they share, takes a third of the time of two.
    """
    import numpy as np  # a service that reads no page does without it

    octets = np.frombuffer(html, np.uint8)
    shared = np.flatnonzero((octets[:-1] == _A) & (octets[1:] == _T))
    before, third, fourth = (octets.take(shared + step, mode="clip") for step in (-1, 2, 3))
    maths, latex = shared[(before == _M) & (third == _H)] - 1, shared[(third == _E) & (fourth == _X)]
    return b" ".join(filter(None, (_around(html, places.tolist()) for places in (maths, latex))))


def _around(html: bytes, places: Sequence[int]) -> bytes:
    found: list[bytes] = []
    end = 0
    for at in places:
        if at >= end and len(found) < _MOST:
            found.append(html[max(at - _BEFORE, 0) : at + _AFTER])
            end = at + _AFTER
    return b" ".join(found)
