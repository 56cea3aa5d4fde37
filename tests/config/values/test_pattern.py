"""Users' regular expressions have limits of size and time."""

from __future__ import annotations

import pytest

from config.values.pattern import LONGEST, Pattern, PatternBudget, SlowPattern

SLOW = "http://[^/]+/(a|a)+$"
URL = "http://h.example/" + "a" * 40 + "!"


def test_a_pattern_matches_anywhere_at_the_beginning_or_the_whole_text() -> None:
    pattern = Pattern("b.")

    assert [pattern.search("abc"), pattern.match("abc"), pattern.match("bcd"), pattern.fullmatch("bcd")] == [
        True, False, True, False,
    ]  # fmt: skip


def test_a_pattern_that_backtracks_is_stopped() -> None:
    with pytest.raises(SlowPattern, match="backtrack"):
        Pattern(SLOW).search(URL)


@pytest.mark.parametrize("pattern", ["(a|a)+$", SLOW, r"^https://[^/]+/(\w|[a-z])*-$"])
def test_a_pattern_that_may_backtrack_is_found_by_probes(pattern: str) -> None:
    found = Pattern(pattern).slow_on()

    assert found is not None
    with pytest.raises(SlowPattern):
        Pattern(pattern).search(found)


@pytest.mark.parametrize("pattern", ["/news/", r"/\d{4}/\d{2}/[^/]+\.html$", r"[?&](?:page|start)=\d+", "(?i)/en/.*"])
def test_a_pattern_that_does_not_backtrack_passes_the_probes(pattern: str) -> None:
    assert Pattern(pattern).slow_on() is None


@pytest.mark.parametrize(
    "pattern", ["(?:(?:(?:a?){1000}){100}){10}", "a{9}{9}{9}{9}{9}{9}", "(?:[a-z]{100}){101}", "a{,20000}"]
)
def test_repeats_that_take_long_to_compile_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is too large: its repeats expand to"):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", [r"\{99999}", "[{99999}]", r"\d{14}", "(?:a{10}){10}", "a{,3}b{2,}"])
def test_other_repeats_are_accepted(pattern: str) -> None:
    Pattern(pattern)


def test_the_patterns_of_one_request_have_one_budget_of_size() -> None:
    budget = PatternBudget(items=100)
    Pattern("a{60}", budget)

    with pytest.raises(ValueError, match="too large together"):
        Pattern("b{60}", budget)
    Pattern("b{60}", PatternBudget(items=100))  # the control


def test_the_patterns_of_one_request_have_one_budget_of_time() -> None:
    budget = PatternBudget(seconds=0.05)
    patterns = [Pattern("a.*b", budget), Pattern("b.*c", budget)]

    with pytest.raises(SlowPattern, match="of this request"):
        while True:
            assert not any(pattern.search("a" * 100) for pattern in patterns)
    with pytest.raises(SlowPattern, match="of this request"):
        patterns[1].search("")
    assert not Pattern("a.*b").search("a" * 100)  # the control


@pytest.mark.parametrize("pattern", ["(", "a" * (LONGEST + 1), "(?P<x"])
def test_an_invalid_regular_expression_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"not a regular expression|too long"):
        Pattern(pattern)
