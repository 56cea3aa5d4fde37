"""Templates are compiled for each language, with their sentences translated."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup, escape
from services.calls import calls

from pressmark.http.catalog import LANGUAGES, translator
from pressmark.http.reader import Reader, reader
from pressmark.http.render import environment


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_without_values_is_translated_when_its_template_is_compiled(language: str) -> None:
    said = environment(language).from_string('<p title="{{ _("Search") }}">{{ _("Search") if on else "" }}</p>')

    word = translator(language)("Search")
    assert said.render(_=None, on=True) == f'<p title="{word}">{word}</p>'


def test_a_sentence_with_values_is_translated_when_it_is_shown() -> None:
    template = environment("zh-Hans").from_string('{{ _("Times are in %(zone)s.", zone=zone) }}')

    before = reader.set(Reader("zh-Hans"))
    try:
        shown = template.render(zone="<UTC>")
    finally:
        reader.reset(before)
    assert shown == translator("zh-Hans")("Times are in %(zone)s.", zone="<UTC>")
    with pytest.raises((UndefinedError, TypeError)):
        template.render(zone="UTC", _=None)


def test_what_a_translation_says_is_escaped() -> None:
    assert environment("en").from_string('{{ _("a < b & c") }}').render() == "a &lt; b &amp; c"


class _Name(str):
    pass


class _Marked:
    def __html__(self) -> str:
        return "<b>"


@pytest.mark.parametrize(
    "value", ["a < b & 'c' \"d\" >", "量子", "", Markup("<i>"), _Name("<"), _Marked(), None, 7, [Markup("&")]]
)
def test_each_value_is_escaped_as_markupsafe_escapes_it(value: object) -> None:
    shown = environment("en").from_string('<p title="{{ value }}">{{ value }}</p>').render(value=value)

    assert shown == f'<p title="{escape(value)}">{escape(value)}</p>'


def test_a_page_of_ten_sentences_takes_no_more_calls_than_a_page_of_one() -> None:
    one, ten, looked_up = (
        environment("zh-Hans").from_string(source)
        for source in ('{{ _("Search") }}', '{{ _("Search") }}' * 10, '{% set it = "Search" %}' + "{{ _(it) }}" * 10)
    )

    assert calls(one.render) == calls(ten.render) < calls(looked_up.render) - 10
