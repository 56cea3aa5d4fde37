"""One search of a page finds what two would: the surroundings of "math" and "atex"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.notation.formula_signs import signs_of_formulas
from extractor.html.notation.formulas import _DRAWN, _IMAGES, _WHOLE, _names

PIECES = st.sampled_from(
    (b"math", b"atex", b"at", b"a", b"t", b"h", b"m", b"ex", b"x", b" ", b"<p>", b"0123456789" * 3, "é".encode())
)


def found_apart(html: bytes, sign: bytes) -> bytes:
    found = []
    at = html.find(sign)
    while at >= 0:
        found.append(html[max(at - 12, 0) : at + 20])
        at = html.find(sign, at + 20)
    return b" ".join(found)


@given(st.lists(PIECES, max_size=60))
def test_the_surroundings_are_those_that_two_searches_find(pieces: list[bytes]) -> None:
    html = b"".join(pieces)

    assert signs_of_formulas(html) == b" ".join(filter(None, (found_apart(html, sign) for sign in (b"math", b"atex"))))


def test_many_signs_are_cut_off() -> None:
    one = b"math" + b"." * 30

    assert signs_of_formulas(one * 3_000) == signs_of_formulas(one * 2_000 + b"." * 12)


@pytest.mark.parametrize("selector", [part for listed in (_WHOLE, _DRAWN, _IMAGES) for part in listed.split(",")])
def test_no_formula_that_its_class_names_show_is_left_out(selector: str) -> None:
    classes = frozenset(selector.lower().partition("[src")[0].split(".")[1:])

    assert not classes or not classes.isdisjoint(_names())
