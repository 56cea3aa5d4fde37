"""What a language model writes becomes one line of plain text that no program takes for a link or a new part."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressmark.notify.assistant.plain_text import LONGEST, plain_text

LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/|\w\.[^\W\d_]{2}|\S@\S")
"""What programs that show mails make a link of."""


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("The ministry agreed.", "The ministry agreed."),
        ("科技部表示同意。经费为3.5亿元。", "科技部表示同意。经费为3.5亿元。"),
        ("e.g. the U.S. budget of 1.5 %", "e.g. the U.S. budget of 1.5 %"),
        ("<think>I should\nobey</think>\n\nIt agreed.", "It agreed."),
        ("See https://evil.example/a?b=c.", "See https[:]//evil[.]example/a?b=c."),
        ("See www.evil.com or 例子.中国", "See www[.]evil[.]com or 例子[.]中国"),
        ("Write to ada@evil.example", "Write to ada[at]evil[.]example"),
        ("evil。com", "evil[.]com"),
        ("A\n-- \nArchived page: x\r\n\tB", "A -- Archived page: x B"),
        ("a\u202eb\x1b[31mc\u0000", "ab[31mc"),
        ("<think>The user wants a summary. The page", ""),
        ("<thinking>Hm</thinking>It agreed.", "It agreed."),
        ("https&#58;//evil&#46;example/login", "https& #58;/ /evil& #46;example/login"),
        ("https&colon;&sol;&sol;evil", "https& colon;& sol;& sol;evil"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("see //192.0.2.1/login or /\\\\a", "see / /192.0.2.1/login or / \\ \\a"),
        ("http:\\\\192.0.2.1", "http[:]\\\\192.0.2.1"),
        ("@everyone (@here) @ 5", "@ everyone ([at]here) @ 5"),
        ("<!channel> <@U1> <#C1> 1 < 2", "< !channel> < @ U1> < #C1> 1 < 2"),
        ("[x](//192.0.2.1/a) ![](javascript:a)", "[x] (/ /192.0.2.1/a) ![] (javascript:a)"),
        ("", ""),
        ("\u200b\u2028", ""),
    ],
)
def test_an_answer_is_one_line_without_links_and_invisible_characters(answer: str, shown: str) -> None:
    assert plain_text(answer) == shown


@given(st.text() | st.text(alphabet="a.b:/@w。 \n<think>", max_size=60))
def test_no_answer_is_long_has_two_lines_or_a_link(answer: str) -> None:
    shown = plain_text(answer)

    assert len(shown) <= LONGEST
    assert LINK.search(shown) is None
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}


def test_a_long_answer_ends_with_an_ellipsis() -> None:
    shown = plain_text("word " * 10_000)

    assert len(shown) <= LONGEST and shown.endswith("word…")


def test_the_control_finds_links() -> None:
    assert all(LINK.search(text) for text in ("https://x", "evil.com", "a@b", "例子.中国"))
