"""The fast reader reads a text as ruamel.yaml does, or leaves it to ruamel.yaml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import LONG, figure
from hypothesis import example, given, settings
from hypothesis import strategies as st
from services.calls import calls

from config.errors import ConfigError
from config.files.document import read_document
from config.files.marked_yaml import load_marked, unmarked
from config.files.plain_yaml import _OF_TEXT, _PERHAPS_A_NUMBER, MOST, UnusualYaml, read_plain
from config.schema import SCHEMA_FILE
from config.source_files.parse import parse_sources

EXAMPLES = [file.read_text(encoding="utf-8") for file in sorted((SCHEMA_FILE.parent / "sources").glob("*.yaml"))]
SMALL = "source: a\nseeds: [https://a.example/?a=b&c=#x, 'https://b.example/']\nscope: {include: [/a/], depth: 3}\n"
WORDS = [*"a10-~!>=%@_eé[]{}:'\\&#", "1.5", "true", "no", "http://x.y/?a&b=*c", "*a", "k:", "'q'", "2d", "2020-01-01"]
SPACED = ["b: ", "- ", "? ", ": ", ", ", " # c", "<<: ", "&a ", "0 */6 * * *", '"', '"w"', "\t", "\u00a0", "\u2028"]
LINES = ["\n", "\n  ", "\n- ", "|\n", "---\n", "...\n"]
PIECES = st.sampled_from([*WORDS, *SPACED, *LINES])
MUTATIONS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 2), st.sampled_from("ab:-?,[]{}#&*!|>'\"%\n 0.~=<\\é_")))


def by_ruamel(text: str) -> Any:
    return unmarked(load_marked(text, None), None)


def mutated(text: str, changes: list[tuple[float, int, str]]) -> str:
    for place, cut, new in changes[:3]:
        at = int(place * len(text))
        text = text[:at] + new + text[at + cut :]
    return text


def typed(value: Any) -> Any:
    """Return a value with its types, since 1, 1.0 and True are equal in Python."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    return [typed(inner) for inner in value] if isinstance(value, list) else (type(value), value)


def check_alike(text: str) -> bool:
    """Return whether the fast reader accepts the text; if so, assert that ruamel.yaml reads the same."""
    try:
        fast = read_plain(text)
    except UnusualYaml:
        return False
    assert typed({} if fast is None else fast) == typed(by_ruamel(text)), text
    return True


@given(text=st.lists(PIECES, max_size=9).map("".join))
@settings(max_examples=figure(200, 2_000, 50_000))
@example(text="- i\n...\n...\n")
@example(text="a: #\n  b\n")
@example(text='["a":, b]')
def test_both_readers_read_pieces_of_yaml_alike(text: str) -> None:
    check_alike(text)


@given(text=st.sampled_from([*EXAMPLES, SMALL]), changes=MUTATIONS)
@settings(max_examples=figure(30, 1_000, 20_000))
def test_both_readers_read_a_source_with_typing_errors_alike(text: str, changes: list[Any]) -> None:
    check_alike(mutated(text, changes))


@given(word=st.text("0123456789abcdefxobtTzZ:.+-_ eEinfINFanAN~=<", min_size=1, max_size=11))
@settings(max_examples=figure(200, 5_000, 100_000))
def test_both_readers_distinguish_numbers_and_times_from_words_alike(word: str) -> None:
    check_alike(f"a: {word}")


def test_usual_source_files_are_read_by_the_fast_reader() -> None:
    words = "b: [on, off, yes, no, y, 7d, 12h, 0 5 * * *, 10.0.0.0/8, -3, 17, true, ~, '1', \"\\u00e9\", a: b]"

    assert all(
        check_alike(text) for text in (*EXAMPLES, SMALL, "", "# nothing\n", "---\na: b\n", words.replace(", a: b", ""))
    )
    assert not check_alike(words)


ODD = ["b\na: c", "\u0085", "|\n  x\n  y", ">\n  x\n  y", "x\n  y", "'x\n  y'", "[" * 49 + "]" * 49, "{<<: {b: c}}"]
ODD += ["010", "0o17", "0x1F", "0b11", "1_000", "1e3", "-1.5", ".inf", ".nan", "+1", "20:30:40", "!!str 1", "&a b"]
ODD += ["{1: a}", "2026-11-28", "2026-11-28T08:00Z", '"\\x41"', '"\\/"']


@pytest.mark.parametrize("value", ODD)
def test_values_that_parsers_read_differently_are_read_as_ruamel_does(value: str) -> None:
    def outcome(read: Callable[[str], Any]) -> Any:
        try:
            return typed(read(text))
        except ConfigError as error:
            return str(error)

    text = f"a: {value}"

    assert repr(outcome(lambda text: read_document(text).data)) == repr(outcome(by_ruamel))


@pytest.mark.parametrize("text", ["- " * 60 + "a", "[" * 60 + "]" * 60, "[" * 3000, "- " * 3000])
def test_deep_nesting_is_left_to_the_other_reader(text: str) -> None:
    with pytest.raises(UnusualYaml):
        read_plain(text)


@pytest.mark.skipif(not LONG, reason="three seconds for a limit that is one comparison")
def test_too_many_values_are_left_to_the_other_reader() -> None:
    with pytest.raises(UnusualYaml):
        read_plain(f"[{'1,' * MOST}]")


def test_the_lines_of_mistakes_are_those_of_the_file() -> None:
    with pytest.raises(ConfigError) as told:
        parse_sources("# a\nsource: a\n\nseeds:\n- https://a.example/\n- b.example\nlimits: {pages: no}\n")

    assert [problem.line for problem in told.value.problems] == [6, 7]


def test_a_duplicate_key_is_reported_with_its_line() -> None:
    with pytest.raises(ConfigError, match="line 3: source: duplicate key 'source'"):
        parse_sources("source: a\nseeds: [https://a.example/]\nsource: b\n")


def test_a_comment_that_ruamel_cannot_read_is_reported() -> None:
    with pytest.raises(ConfigError, match="a comment between a key and its value can't be read; move the comment"):
        parse_sources("source: #\n  a\n \n ")


def test_a_valid_source_costs_at_most_a_tenth_of_the_instructions_of_ruamel() -> None:
    text = EXAMPLES[1]
    by_ruamel(text)

    assert calls(lambda: read_document(text)) * 10 < calls(lambda: by_ruamel(text))


def test_no_number_time_or_merge_begins_as_words_that_are_not_looked_at() -> None:
    begins = {
        text[0] for text in ("1", "-1", "+1", ".5", "_", "e5", "E5", "inf", "Inf", "nan", "NaN", "<<", "=", "0x1")
    }

    assert not _OF_TEXT & begins
    assert all(
        _PERHAPS_A_NUMBER.fullmatch(text) is None
        for text in (one + rest for one in _OF_TEXT for rest in ("", "1", "e5"))
    )
