"""Words that only a style or a class raises, lowers or strikes through are not joined to the words beside them."""

from __future__ import annotations

import pytest
from programs.small_articles import read


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("10<span style='vertical-align: super'>6</span> fish", "10⁶ fish"),
        ("10<span style='font-size:8px;vertical-align :super'>6</span> fish", "10⁶ fish"),
        ("10<font class=superscript>6</font> fish", "10⁶ fish"),
        ("10<span style='vertical-align:super'><sup>6</sup></span> fish", "10⁶ fish"),
        ("H<span style='vertical-align:sub'>2</span>O in it", "H₂O in it"),
        ("held <span style='text-decoration: line-through'>40</span> t", "held ~~40~~ t"),
        ("held <b style='text-decoration:line-through'>40</b>45 t", "held ~~40~~ 45 t"),
        ("held <font style='text-decoration: underline line-through'>40</font>45 t", "held ~~40~~ 45 t"),
        ("held <span class='price text-decoration-line-through'>40</span>45 t", "held ~~40~~ 45 t"),
        ("10<span style='position:relative; top:-.5em; font-size:75%'>6</span> fish", "10⁶ fish"),
        ("10<span style='position: relative; bottom: 4px'>6</span> fish", "10⁶ fish"),
        ("10<span style='position:relative;top:-3.0pt;mso-text-raise:3.0pt'>6</span> fish", "10⁶ fish"),
        ("10<span style='font-size:70%;vertical-align:0.4em'>6</span> fish", "10⁶ fish"),
        ("H<span style='position:relative;top:0.3em'>2</span>O in it", "H₂O in it"),
        ("H<small style='vertical-align: -3px'>2</small>O in it", "H₂O in it"),
        ("10<span style='position:relative;top:-1px'>6</span> fish", "106 fish"),
        ("10 <span style='position:relative;top:-.5em'>6</span> fish", "10 6 fish"),
        ("10<span style='position:absolute;top:-.5em'>6</span> fish", "106 fish"),
        ("10<span style='position:relative;top:-1.2.3em'>6</span> fish", "106 fish"),
        ("held <img style='vertical-align:super' src=a.png>45 t", "held 45 t"),
        ("held <span style='vertical-align:middle'>45</span> t", "held 45 t"),
    ],
)
def test_styled_words_are_read_as_they_are_shown(html: str, expected: str) -> None:
    assert f"The boat {expected}, as" in read(f"<p>The boat {html}, as the office has written for years.</p>")[0]


def test_an_item_that_is_struck_through_says_so() -> None:
    items = "<li style='text-decoration:line-through'>Mend the gate</li><li>Paint the gate of the harbour</li>"

    assert "- ~~Mend the gate~~\n- Paint the gate" in read(f"<ul>{items}</ul>")[0]
