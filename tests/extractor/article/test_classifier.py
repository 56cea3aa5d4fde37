"""The model, and the selection from its output."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from extractor.article.blocks import blocks_of
from extractor.article.classifier import MODEL, best, choose, model, once
from extractor.article.features import PageContext, features, names, words_of_blocks
from extractor.html.page import Page
from extractor.html.trees import Trees

PROSE = "The ferry now waits for the tide, and the tide for nobody, which the harbour master calls a step forward. "


def test_the_model_uses_existing_features() -> None:
    assert model().columns == names()


def test_the_model_is_small_and_describes_its_training_data() -> None:
    note = json.loads(MODEL.with_suffix(".json").read_text())

    assert MODEL.stat().st_size < 100_000
    assert len(note["data_sha256"]) == 64
    assert sum(note["pages"].values()) > 500


@pytest.mark.parametrize("html", ["", "<p>", "<p>a", "<p>\ud800</p>", "<p>\U0001f600</p>", "<table><tr><td>x"])
def test_every_block_of_every_page_has_finite_features(html: str) -> None:
    blocks = blocks_of(Page("", f"{html}<p>{PROSE}</p>".encode("utf-8", "surrogatepass")))

    rows = features(blocks, PageContext("a", True))

    assert rows.shape == (len(blocks.texts), len(names()))
    assert np.isfinite(rows).all()


def test_words_are_counted_by_letters_and_ideographs() -> None:
    blocks = blocks_of(Page("", f"<p>渡轮上的光学钟<p>{'letter' * 5}".encode()))

    assert words_of_blocks(features(blocks, PageContext())).round().tolist() == [7, 5]


def test_trees_give_the_sum_of_one_leaf_each() -> None:
    trees = Trees(
        ("a", "b"),
        np.array([[0, 1], [1, 1]], dtype=np.int16),
        np.array([[0.5, 2.0], [1.0, np.inf]], dtype=np.float32),
        np.array([[1, 2, 4, 8], [10, 20, 30, 40]], dtype=np.float32),
        0.25,
    )

    votes = trees.evaluate(np.array([[0, 0], [1, 0], [0, 3], [1, 3]], dtype=np.float32))

    assert votes.tolist() == [11.25, 12.25, 24.25, 28.25]
    assert len(trees.evaluate(np.zeros((0, 2), dtype=np.float32))) == 0


def test_rows_give_the_same_result_one_by_one_and_by_the_thousand() -> None:
    rows = np.random.default_rng(1).uniform(0, 100, (5_000, len(names()))).astype(np.float32)

    assert np.array_equal(model().evaluate(rows)[4_990:], model().evaluate(rows[4_990:]))


def test_a_saved_model_is_loaded_unchanged(tmp_path: Path) -> None:
    model().save(tmp_path / "again.npz")

    again = Trees.load(tmp_path / "again.npz")

    assert again.columns == model().columns
    assert np.array_equal(again.leaves, model().leaves)
    assert np.array_equal(again.border, model().border)


def test_a_clear_page_gives_likely_blocks_and_a_doubtful_one_is_not_reduced_to_nothing() -> None:
    words = np.ones(4, dtype=np.float32)

    clear = best(np.array([6, 6, -0.5, -6], dtype=np.float32), words)
    doubtful = best(np.array([-0.5, -0.6, -0.7, -6], dtype=np.float32), words)

    assert (clear.kept, doubtful.kept) == ((0, 1), (0, 1, 2))
    assert doubtful.expected < 0.6 < 0.8 < clear.expected


@pytest.mark.parametrize(
    ("texts", "odds", "kept"),
    [
        ([PROSE, "a", PROSE], [1, 2, 1], (0, 1)),
        ([PROSE, "a", PROSE], [1, 2, 1.5], (1, 2)),
        ([PROSE, "a", PROSE], [4, 2, 5], (0, 1, 2)),
        (["a", PROSE, "a"], [1, 2, 1], (0, 1, 2)),
        ([PROSE, PROSE, PROSE], [1, 2, 1], (0, 1, 2)),
    ],
    ids=["the first of two", "the likelier of two", "both that are sure", "both that are short", "all of three"],
)
def test_a_text_that_occurs_twice_on_a_page_is_kept_once(
    texts: list[str], odds: list[float], kept: tuple[int, ...]
) -> None:
    assert once((0, 1, 2), texts, np.array(odds, dtype=np.float32)) == kept


def test_a_page_without_blocks_has_no_text() -> None:
    assert choose(blocks_of(Page("", b"<body><script>x</script></body>")), PageContext()).kept == ()
