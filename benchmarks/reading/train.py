"""Train the model that separates the text of a page from the rest.

    python -m benchmarks.reading.train --data FILE [--out extractor/article/model/blocks.npz]

The data is unpacked in memory; CatBoost fits the trees in a separate environment. The same data gives the same model. A
file beside it describes the training data.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import called
from benchmarks.reading.data import Sample, digest, samples
from benchmarks.reading.environments import python_with
from benchmarks.reading.examples import Examples, examples
from extractor.article.classifier import MODEL
from extractor.article.features import names
from extractor.html.trees import Trees

FOLDS = 5
WHOLE = -1
CATBOOST = "catboost==1.2.10"
_LICENCE = "The model is part of Pressmark, Apache-2.0. docs/training-data.md names the data that it was made from."


def fit(learnt: Examples, folds: Sequence[int]) -> dict[int, Trees]:
    """Return, for each fold, the trees of all examples outside the fold; for WHOLE, of all."""
    python = python_with("catboost", CATBOOST)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        np.savez(
            directory / "examples.npz",
            rows=learnt.rows,
            labels=learnt.labels,
            weights=learnt.weights,
            folds=learnt.folds,
        )
        command = [python, Path(__file__).with_name("fit.py"), directory / "examples.npz", directory]
        subprocess.run([*map(str, command), *map(str, folds)], check=True)
        return {fold: _trees(json.loads((directory / f"{fold}.json").read_text())) for fold in folds}


def cross_validated(data: Path, folds: int) -> Mapping[int, Trees]:
    """Return, for each fold, trees that were trained without its pages."""
    return fit(examples(list(samples(data)), partial(Sample.fold, folds=folds)), range(folds))


def without_each_source(data: Path) -> Mapping[str, Trees]:
    """Return, for each source, trees that were trained without its pages, in any encoding."""
    gathered = [sample for sample in samples(data) if sample.gold["type"] != "encoding"]
    sources = sorted({sample.source for sample in gathered})
    made = fit(examples(gathered, lambda sample: sources.index(sample.source)), range(len(sources)))
    return {source: made[number] for number, source in enumerate(sources)}


def _trees(model: dict[str, Any]) -> Trees:
    """Read trees from CatBoost's JSON. Missing levels of a shallower tree get a condition that is never true."""
    trees = model["oblivious_trees"]
    depth = max(len(tree["splits"]) for tree in trees)
    asked = np.zeros((len(trees), depth), dtype=np.int16)
    border = np.full((len(trees), depth), np.inf, dtype=np.float32)
    leaves = np.zeros((len(trees), 2**depth), dtype=np.float32)
    scale, bias = model["scale_and_bias"]
    for number, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"]):
            asked[number, level], border[number, level] = split["float_feature_index"], split["border"]
        leaves[number, : len(tree["leaf_values"])] = tree["leaf_values"]
    return Trees(names(), asked, border, leaves * scale, float(bias[0]))


def save(trees: Trees, learnt: Examples, gathered: Iterable[Sample], data: Path, out: Path) -> None:
    """Save the model, with a JSON file that describes its training data."""
    out.parent.mkdir(parents=True, exist_ok=True)
    trees.save(out)
    pages: dict[str, int] = {}
    for sample in gathered:
        pages[sample.gold["ds"]] = pages.get(sample.gold["ds"], 0) + 1
    note = {
        "version": hashlib.sha256(out.read_bytes()).hexdigest()[:8],
        "data_sha256": digest(data),
        "pages": pages,
        "blocks": len(learnt.labels),
        "made_by": f"python -m benchmarks.reading.train, {CATBOOST}",
        "licence": _LICENCE,
    }
    out.with_suffix(".json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = called("benchmarks.reading.train", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="packed data (.tar.zst), or a directory of that form")
    parser.add_argument("--out", type=Path, default=MODEL, help="the model's file; a note is written beside it")
    given = parser.parse_args()
    gathered = list(samples(given.data))
    learnt = examples(gathered, partial(Sample.fold, folds=FOLDS))
    trees = fit(learnt, [WHOLE])[WHOLE]
    save(trees, learnt, gathered, given.data, given.out)
    print(f"{given.out}: {len(trees.asked)} trees from {len(learnt.labels)} blocks of {len(gathered)} pages")


if __name__ == "__main__":
    main()
