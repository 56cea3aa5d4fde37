"""The scorer, the labels and the data of the reading benchmark."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reading.asking import asked, ended, started
from benchmarks.reading.choice import Choice
from benchmarks.reading.data import Sample, digest, samples
from benchmarks.reading.labels import NO_TEXT, TEXT, UNKNOWN, label
from benchmarks.reading.oracle import bounds
from benchmarks.reading.report import Answer, report, worst
from benchmarks.reading.scoring import PostMarks, mark_posts, mark_text

LONG = "the ferry now waits for the tide and the tide for nobody at all"
OTHER = "a choir of nine has been found for the fog signal on the mole"
GOLD = {"id": "1", "ds": "here", "type": "article", "url": "https://news.example.org/a", "text": f"Tide\n{LONG}\nShare"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "here" / "html").mkdir(parents=True)
    (tmp_path / "data" / "here" / "html" / "1.html").write_text(f"<p>{LONG}</p>")
    (tmp_path / "data" / "here" / "gold.jsonl").write_text(json.dumps(GOLD) + "\n")
    return tmp_path / "data"


def packed(data: Path) -> Path:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        archive.add(data, arcname="any-name")
    file = data.parent / "data.tar.zst"
    file.write_bytes(zstandard.compress(plain.getvalue()))
    return file


def test_packed_data_equals_the_directory_it_was_packed_from(data: Path) -> None:
    file = packed(data)

    assert digest(file) == digest(data)
    assert list(samples(file)) == list(samples(data)) == [Sample(GOLD, f"<p>{LONG}</p>".encode())]


def test_a_different_page_has_a_different_digest(data: Path) -> None:
    before = digest(data)
    (data / "here" / "html" / "1.html").write_text("x")

    assert digest(data) != before


def test_pages_of_one_domain_are_in_one_fold() -> None:
    urls = ("https://a.example.co.uk/1", "https://b.example.co.uk/2", "https://example.co.uk/")

    assert {Sample({"url": url}, b"").domain for url in urls} == {"example.co.uk"}
    assert len({Sample({"url": url}, b"").fold(5) for url in urls}) == 1


def test_a_long_block_is_labelled_by_its_words_and_a_short_one_by_its_position() -> None:
    far = [" ".join(f"word{number * 6 + place}" for place in range(6)) for number in range(30)]
    gold = {"text": "\n".join([LONG, "Share", *far])}

    labels = label(gold, ["", LONG, "Share", "Menu", *far, "Share"])

    assert labels == [NO_TEXT, TEXT, TEXT, NO_TEXT, *([TEXT] * 30), NO_TEXT]


def test_text_that_a_page_repeats_and_the_gold_has_once_is_labelled_as_text_once() -> None:
    assert sorted(label({"text": f"{LONG}\n{OTHER}"}, [LONG, OTHER, LONG])) == [NO_TEXT, TEXT, TEXT]


def test_most_blocks_are_unknown_if_the_gold_is_snippets() -> None:
    gold = {"with": ["waits for  the tide"], "without": ["Share"]}

    assert label(gold, [LONG, "Share this", OTHER]) == [TEXT, NO_TEXT, UNKNOWN]


def test_texts_are_scored_by_their_words_and_characters() -> None:
    assert mark_text("渡轮上", "渡轮上的钟").recall == 0.6
    assert mark_text("One two", "one TWO three four").f1 == pytest.approx(2 / 3)
    assert mark_text("", "one").f1 == 0


def test_posts_are_paired_in_order() -> None:
    gold = [
        {"body": LONG, "author": "tarn", "date": "2026-11-14"},
        {"body": OTHER, "author": "/users/oda", "date": None},
    ]
    found = [
        {"body": OTHER, "author": "x", "date": ""},
        {"body": LONG, "author": "Tarn ", "date": "2026-11-14T10:00:00Z"},
        {"body": OTHER, "author": "marit", "date": ""},
    ]

    assert mark_posts(found, gold) == PostMarks(3, 2, 2, (1, 1), (1, 1))
    assert mark_posts([], gold).same == 0


def test_the_report_has_every_reader_and_names_the_worst_pages() -> None:
    sample = Sample(GOLD, b"")
    answers = {"pressmark": [Answer(text="Tide", cpu=2.0)], "other": [Answer(cpu=8.0, error="x")]}

    table = report([sample], answers, "other")

    assert "article (1 pages)" in table
    assert [line.split() for line in table.splitlines() if "0.250" in line] == [
        ["pressmark", "2.0", "2.0", "2.0", "0.250", "0"]
    ]
    assert list(worst([sample], answers["pressmark"], 1)) == ["here/1: precision 1.00, recall 0.06, F1 0.12"]


@pytest.mark.parametrize(
    ("peer", "patience", "answer"),
    [
        ("print(input(), flush=True); input()", 60, {"html": "<p>"}),
        ("import time; time.sleep(600)", 0.1, None),
        ("pass", 60, None),
    ],
    ids=["one that answers", "one that thinks for ever", "one that has ended"],
)
def test_a_peer_answers_in_time_or_counts_as_no_answer(
    peer: str, patience: float, answer: dict[str, str] | None
) -> None:
    process = started([sys.executable, "-c", peer])
    try:
        assert asked(process, {"html": "<p>"}, patience) == answer
    finally:
        ended(process)


@given(st.lists(st.text("abc", max_size=4), max_size=5), st.text("abc", min_size=1, max_size=6))
def test_choosing_blocks_never_lowers_the_score_and_counts_like_the_scorer(texts: list[str], gold: str) -> None:
    blocks = [Counter(text) for text in texts]
    choice = Choice(blocks, Counter(gold), range(len(blocks)))
    before = choice.f1

    choice.improve()

    said = " ".join(" ".join(texts[number]) for number in choice.kept)
    assert choice.f1 >= before
    assert choice.f1 == pytest.approx(mark_text(said, " ".join(gold)).f1)


def test_the_best_choice_of_blocks_omits_what_the_gold_lacks(data: Path) -> None:
    (sample,) = samples(data)
    twice = Sample(sample.gold, f"<p>{LONG}</p><p>{OTHER}</p>".encode())

    assert bounds(twice) == (pytest.approx(bounds(sample)[0]), pytest.approx(bounds(sample)[1]))
    assert max(bounds(sample)) < 1  # the gold has words that the page lacks
