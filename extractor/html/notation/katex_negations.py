"""Write the relations that KaTeX draws in two glyphs, a sign and a stroke through it, as one sign."""

from __future__ import annotations

import re
from unicodedata import normalize

_STROKE, BAR, _SOLIDUS = "\ue020", "\ue021", "\u0338"
"""KaTeX's sign for a stroke through the next relation; ours for a bar through the one before; both in Unicode."""
_STRUCK_NEXT = re.compile(f"<mo>{_STROKE}</mo>((?:<[^<>]*>)*?)<mo>([^<]+)</mo>")
_STRUCK_BEFORE = re.compile(f"<mo>([^<]+)</mo>((?:<[^<>]*>)*?)<mo>{BAR}</mo>")


def with_negations(written: str) -> str:
    """Write relations with a stroke through them as one sign: ``=`` as ``≠``."""
    if _STROKE in written:
        written = _STRUCK_NEXT.sub(lambda found: found[1] + _negated(found[2]), written)
    return _STRUCK_BEFORE.sub(lambda found: _negated(found[1]) + found[2], written) if BAR in written else written


def _negated(sign: str) -> str:
    return f"<mo>{normalize('NFC', sign + _SOLIDUS)}</mo>"
