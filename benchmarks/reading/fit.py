"""Fit trees to examples with CatBoost, in a separate environment.

python fit.py EXAMPLES.npz DIRECTORY FOLD...

For each fold, `DIRECTORY/FOLD.json` is the model of the examples of all other folds; for -1, of all. With one thread
and a fixed seed, the same examples give the same model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

SETTINGS = {
    "iterations": 250,
    "depth": 6,
    "learning_rate": 0.12,
    "l2_leaf_reg": 5,
    "border_count": 64,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.8,
    "rsm": 0.5,
    "random_seed": 6,  # other seeds are as good, except for pages of a few words: docs/decisions/0011
    "thread_count": 1,
    "verbose": 0,
    "allow_writing_files": False,
}


def main(examples: Path, directory: Path, folds: list[int]) -> None:
    from catboost import CatBoostClassifier

    with np.load(examples) as arrays:
        rows, labels, weights, of = (arrays[name] for name in ("rows", "labels", "weights", "folds"))
    for fold in folds:
        learnt = of != fold
        model = CatBoostClassifier(**SETTINGS)
        model.fit(rows[learnt], labels[learnt], sample_weight=weights[learnt])
        model.save_model(str(directory / f"{fold}.json"), format="json")


if __name__ == "__main__":
    form = argparse.RawDescriptionHelpFormatter
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks.reading.fit", description=__doc__, formatter_class=form
    )
    arguments.add_argument("examples", type=Path)
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("folds", type=int, nargs="+")
    main(**vars(arguments.parse_args()))
