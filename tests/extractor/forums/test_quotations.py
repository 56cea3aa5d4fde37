"""Who is quoted, by the label of a quotation; and which lines are no label."""

from __future__ import annotations

import pytest

from extractor.forums.quotations import quoted_name, quotes_of_any
from extractor.html.page import Page
from extractor.values.thread import Quote
from extractor.values.urls import Resolver

LABELS = (
    "{} wrote:",
    "{} said:",
    "{} has written:",
    "{} wrote: ↑Mon May 04, 2020 3:04 pm",
    "{} said in Another thread:",
    "{} schrieb:",
    "{} hat geschrieben:",
    "{} hat geschrieben: ↑04.05.2020",
    "{} sagte:",
    "{} a écrit :",
    "{} a dit :",
    "{} escribió:",
    "{} dijo:",
    "{} ha scritto:",
    "{} ha detto:",
    "{} писал(а):",
    "{} написал:",
    "{} сказал(а):",
    "{} escreveu:",
    "{} disse:",
    "{} schreef:",
    "{} zei:",
    "{} napisał(a):",
    "{} pisze:",
    "{} skrev:",
    "{} yazdı:",
    "{} 写道：",
    "{} 寫道:",
    "{} 写了:",
    "{} 说:",
    "{} 說：",
    "{} 发表于 2012-3-4 05:06",
    "{}さんが書きました:",
    "Quote from: {}",
    "Quote from {}:",
    "Quote from {} on May 16, 2024, 8:16 pm",
    "Zitat von {} am 16. Mai 2024, 20:16",
    "Originally Posted by {}",
    "Zitat von: {}",
    "Zitat von {}",
    "Citation de: {}",
    "Envoyé par {}",
    "Cita de: {}",
    "Сообщение от {}",
    "Цитата: {}",
    "引用自: {}",
    "Napisane przez {}:",
    "Quote: {}",
    "Posted by: @{}",
    "@{}:",
    "{}:",
)
NAMES = ("ann", "Boris B.", "老王", "Quoteman", "Mohammed Said", "Said", "Zitator", "Ann on tour", "Hans am See")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (label, name)
        for label in LABELS
        for name in NAMES
        if (label.strip("@"), name) != ("{}:", "Mohammed Said")  # it may be *Mohammed said:*
    ],
)
def test_the_name_in_a_label_is_the_one_that_is_quoted(label: str, name: str) -> None:
    assert quoted_name(label.format(name)) == name


@pytest.mark.parametrize(
    "label",
    [
        "Quote: Ann wrote:",
        "Zitat: Ann schrieb:",
        "Quote from Ann on May 4, 2020:",
        "On 4 May 2020, Ann wrote:",
        "On Mon, May 4, 2020 at 10:00 AM, Ann wrote:",
    ],
)
def test_a_label_with_words_before_and_behind_the_name_has_only_the_name(label: str) -> None:
    assert quoted_name(label) == "Ann"


def quotes(html: str) -> list[Quote]:
    page = Page("https://forum.example/t/1", f"<blockquote>{html}</blockquote>".encode(), "text/html; charset=utf-8")
    return list(quotes_of_any(page.tree.css("blockquote"), Resolver(page.url)))


@pytest.mark.parametrize(
    "line",
    [
        "She said that the reactor is safe.",
        "The committee says no.",
        "Three things matter:",
        "He wrote 4 books.",
        "Er sagte nichts.",
        "Elle a dit que oui.",
        "He wrote on Monday, and she said yes.",
        "Note:",
    ],
)
def test_a_first_line_that_only_has_such_words_is_quoted_text(line: str) -> None:
    [quote] = quotes(f"<p>{line}</p><p>It was in March.</p>")

    assert (quote.author, quote.text) == (None, f"{line}\nIt was in March.")


@pytest.mark.parametrize(
    "label",
    [
        "<p>Boris wrote:</p>",
        "<p><b>Boris</b>:</p>",
        "<p><a href=/u/3>Boris</a>:</p>",
        "<p>Boris schrieb am 4.5.2020:</p>",
        "<p>Boris 写道：</p>",
        "<cite>Boris</cite>",
        "<p>Quote from: Boris</p>",
    ],
)
def test_a_label_is_left_out_of_the_quotation(label: str) -> None:
    [quote] = quotes(f"{label}<p>It was in March.</p>")

    assert (quote.author, quote.text) == ("Boris", "It was in March.")
