"""The notebooks of the docs run as they are, and their stored results and pictures are those of their code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.notebooks import NOTEBOOKS, Result, results, sample

PICTURES = NOTEBOOKS.parent / "pictures"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sample(tmp_path_factory.mktemp("notebooks")) as address:
        yield address


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_and_has_the_results_of_its_code_and_its_picture(notebook: Path, url: str) -> None:
    found = list(results(notebook, url))
    [drawn] = [result.picture for _, result in found if result.picture]

    assert [(cell["source"], Result.stored(cell)) for cell, _ in found] == [
        (cell["source"], one) for cell, one in found
    ]
    assert sum(bool(result.text) for _, result in found) >= 3
    assert (PICTURES / f"{notebook.stem}.svg").read_text("utf-8") == drawn


def test_there_are_three_notebooks_and_a_changed_result_or_picture_is_found(tmp_path: Path, url: str) -> None:
    outputs = [{"data": {"text/plain": ["3"], "image/svg+xml": ["<svg/>"]}}]
    code = "from matplotlib import pyplot\naxes = pyplot.plot([1, 2])\n1 + 1"
    cell = {"cell_type": "code", "source": [code], "outputs": outputs}
    (tmp_path / "wrong.ipynb").write_text(json.dumps({"cells": [cell]}))
    [(again, result)] = results(tmp_path / "wrong.ipynb", url)
    [(_, twice)] = results(tmp_path / "wrong.ipynb", url)

    assert Result.stored(again) == Result("3", "<svg/>")
    assert result.text == "2" and "<path" in result.picture
    assert result == twice, "the same numbers make the same picture"
    assert len(list(NOTEBOOKS.glob("*.ipynb"))) == 3
