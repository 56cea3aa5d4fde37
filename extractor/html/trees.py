"""Evaluate gradient-boosted trees: for each row, the sum of one leaf of every tree.

The trees are symmetric: all nodes of a level compare the same column with the same value. The results are the bits of
the leaf's number (so no tree is deeper than eight), and all rows of a page are evaluated at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 2_000
"""Rows asked at once: what is held between is this times the trees."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A model. Arrays are indexed by tree, then by level or leaf."""

    columns: tuple[str, ...]
    """What the columns of the rows are, in order."""
    asked: NDArray[np.int16]
    """Which column a level asks about."""
    border: NDArray[np.float32]
    leaves: NDArray[np.float32]
    bias: float

    @classmethod
    def load(cls, path: Path) -> Trees:
        """Load a file that `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(
                tuple(map(str, arrays["columns"])),
                arrays["asked"],
                arrays["border"],
                arrays["leaves"].astype(np.float32),
                float(arrays["bias"]),
            )

    def save(self, path: Path) -> None:
        """Save the model, with leaves in half precision: a thousandth of a vote does not matter."""
        np.savez_compressed(
            path,
            columns=np.array(self.columns),
            asked=self.asked.astype(np.int16),
            border=self.border.astype(np.float32),
            leaves=self.leaves.astype(np.float16),
            bias=np.array(self.bias),
        )

    def evaluate(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return one number for each row: the log odds, for which the trees were trained."""
        parts = [self._evaluate(rows[start : start + _AT_ONCE]) for start in range(0, len(rows), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)

    def _evaluate(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        values = np.ascontiguousarray(rows.T)
        leaf = np.zeros((len(self.asked), len(rows)), dtype=np.uint8)
        for level in reversed(range(self.asked.shape[1])):
            leaf += leaf
            leaf += values.take(self.asked[:, level], axis=0) > self.border[:, level, np.newaxis]
        first = np.arange(len(self.leaves), dtype=np.intp)[:, np.newaxis] * self.leaves.shape[1]
        votes: NDArray[np.float32] = self.leaves.ravel().take(leaf + first).sum(axis=0, dtype=np.float32)
        return votes + np.float32(self.bias)
