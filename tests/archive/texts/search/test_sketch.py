"""Sketches are equal on every machine, and as similar as their texts."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rensa import RMinHash
from specimens.reprints import AGENCY, AGENCY_ZH, EVENT, EVENT_ZH, OTHER, OTHER_ZH, REPRINTS, REPRINTS_ZH

from archive.texts.search.sketch import SHORTEST, VERSION, bands, likeness, shingles, sketch
from archive.texts.search.thresholds import ALIKE

WORDS = [f"{a}{b}" for a in "bcdfghjklm" for b in ("ala", "eno", "iru", "oty", "upe", "yso")]
MARGIN = 0.2
"""More than five standard deviations of an estimate from 128 slots."""


def sketched(text: str) -> bytes:
    made = sketch(text)
    assert made is not None
    return made


def jaccard(one: str, other: str) -> float:
    first, second = shingles(one), shingles(other)
    return len(first & second) / len(first | second)


def test_a_text_has_this_sketch_on_every_machine() -> None:
    """If this fails, stored sketches can't be compared any more: increase VERSION."""
    both = sketched("\n".join(AGENCY)) + sketched("\n".join(AGENCY_ZH))

    assert (VERSION, RMinHash.ALGORITHM_VERSION) == (1, 2)
    assert hashlib.sha256(both).hexdigest() == "afa97b5fd29d3704e32c30b30fabbf7f3ddaf70899734282d2ad1434c5efb06e"


def test_a_process_with_another_hash_seed_makes_the_same_sketch() -> None:
    code = "import sys; from archive.texts.search.sketch import sketch; print(sketch(sys.argv[1]).hex())"
    made = {
        subprocess.run(
            [sys.executable, "-c", code, EVENT],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert made == {sketched(EVENT).hex()}


@pytest.mark.parametrize("texts", [REPRINTS, REPRINTS_ZH], ids=["English", "Chinese"])
def test_reprints_are_similar_and_share_a_band(texts: dict[str, str]) -> None:
    for (name, one), (other_name, other) in combinations(texts.items(), 2):
        first, second = sketched(one), sketched(other)
        assert likeness(first, second) >= ALIKE, (name, other_name)
        assert any(a == b for a, b in zip(bands(first), bands(second), strict=True)), (name, other_name)


@pytest.mark.parametrize(("one", "other"), [(EVENT, OTHER), (EVENT_ZH, OTHER_ZH)])
def test_two_reports_of_one_event_are_not_similar(one: str, other: str) -> None:
    assert 0 < jaccard(one, other) < 0.3
    assert likeness(sketched(one), sketched(other)) < ALIKE - 0.2


@given(st.integers(0, 1 << 32), st.floats(0, 1), st.integers(100, 600))
def test_the_estimate_is_close_to_the_true_similarity(seed: int, changed: float, length: int) -> None:
    chance = random.Random(seed)
    words = [chance.choice(WORDS) + str(chance.randrange(50)) for _ in range(length)]
    cut = round(length * changed)
    one, other = " ".join(words), " ".join([*words[cut:], *(f"new{n}" for n in range(cut))])

    assert abs(likeness(sketched(one), sketched(other)) - jaccard(one, other)) < MARGIN


@given(st.lists(st.sampled_from([" ", "\n", "\n\n", "\t", "\u3000", " – ", ", "]), min_size=9, max_size=9))
def test_white_space_and_punctuation_between_words_are_ignored(between: list[str]) -> None:
    words = EVENT.split()
    other = "".join(word + between[at % len(between)] for at, word in enumerate(words))

    assert sketch(other) == sketch(EVENT)
    assert sketch("\n".join(EVENT_ZH)) == sketch(EVENT_ZH)


def test_another_word_gives_another_sketch() -> None:
    assert sketch(EVENT.replace("whales", "wolves")) != sketch(EVENT)


@given(st.text(max_size=200))
def test_any_text_has_a_sketch_or_is_too_short(text: str) -> None:
    made = sketch(text)

    assert (made is None) == (len(shingles(text)) < SHORTEST)
    assert made is None or len(made) == 256


def test_a_text_with_one_shingle_less_is_too_short() -> None:
    words = [f"w{n}" for n in range(SHORTEST + 2)]

    assert sketch(" ".join(words)) is not None
    assert sketch(" ".join(words[1:])) is None
