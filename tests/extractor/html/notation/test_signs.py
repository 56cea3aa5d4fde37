"""Signs that a page shows as images, or beside words for screen readers, are in the text."""

from __future__ import annotations

import pytest
from programs.small_articles import read

HALF = "<span class=num>1</span>{0}<span class=den>2</span>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<span class=sfrac>{HALF.format('<span class=sr-only>/</span>')}</span> of it", "1/2 of it"),
        (f"3<span class=sfrac>{HALF.format('<span class=sr-only>/</span>')}</span> of it", "3 1/2 of it"),
        (f"<span class=frac>3<span class=sr-only>+</span>{HALF.format('⁄')}</span> of it", "3 1⁄2 of it"),
        ("<span aria-hidden=true>−</span><span class=sr-only>minus </span>5 degrees", "−5 degrees"),
        ("5<span aria-hidden='true'>%</span><span class=sr-only> per cent</span> of it", "5% of it"),
        ("I <img class=emoji alt=❤ src=h.png> the sea", "I ❤ the sea"),
        ("I <img class=emoji alt='heavy heart' src=h.png> the sea", "I the sea"),
        ("it is <img alt='α' src=a.png> here", "it is α here"),
        ("it is <img alt='A boat' src=a.png> here", "it is here"),
        ("it is <span aria-hidden=true>×</span> here", "it is here"),
    ],
)
def test_a_sign_is_read_as_it_is_shown(html: str, expected: str) -> None:
    assert f"They wrote {expected}, as" in read(f"<p>They wrote {html}, as the office has done for years.</p>")[0]


def test_an_initial_that_is_an_image_begins_its_word() -> None:
    assert "The ferry" in read('<p><img alt="T" src=t.gif>he ferry waits for the tide, and the tide for nobody.</p>')[0]
