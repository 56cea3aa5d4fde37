"""The notebooks of the docs run as they are, and their stored results are those of their code."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import served
from specimens.versions import Version, keep, thread_version

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

NOTEBOOKS = Path(__file__).parents[3] / "docs" / "notebooks"
DAY = 24 * 60
NEWS = [
    ("2026-01-31", "en", "The telescope is delayed", "The telescope will arrive late, the harbour office said."),
    ("2026-02-10", "en", "A quiet month", "Nothing came, and nobody complained about it."),
    ("2026-02-20", "zh", "望远镜推迟", "港口办公室表示，望远镜将推迟到达。"),
    ("2026-03-05", "en", "The telescope has come", "The telescope stood on the quay this morning."),
    ("2026-03-06", "zh", "望远镜到了", "今天早上，望远镜停在码头上。"),
    ("2026-03-07", "en", "Visitors", "Two hundred people came to see the telescope."),
]
POSTS = [
    [("1", "Who has seen it?"), ("2", "I have.")],
    [("1", "Who has seen it?"), ("2", "I have, twice."), ("3", "So have I.")],
    [("1", "Who has seen it?"), ("2", "I have, twice.")],
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, segments = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("segments")
    with open_pressmark(Settings(home=home)) as service:
        for number, (date, language, title, text) in enumerate(NEWS):
            facts = {"date": date, "language": language}
            page = f"https://example.org/news/{number}"
            keep(service, segments, Version(text, page, number * DAY, title, source="gazette", facts=facts))
        keep(service, segments, *(thread_version(posts, n * DAY, source="forum") for n, posts in enumerate(POSTS)))
        with served(service) as address:
            yield address


def results(notebook: Path) -> Iterator[tuple[str, str, str]]:
    """Run the cells of a notebook, and yield the code, the stored result and the present one of each."""
    names: dict[str, Any] = {}
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            stored = "".join(line for output in cell["outputs"] for line in output["data"]["text/plain"])
            code = "".join(cell["source"])
            yield code, stored, run(code, names)


def run(code: str, names: dict[str, Any]) -> str:
    """Run a cell, and return its last expression as a notebook shows it."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return ""
    assert isinstance(last, ast.Expr)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return "" if value is None else repr(value)


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_and_has_the_results_of_its_code(
    notebook: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSMARK_URL", url)
    found = list(results(notebook))

    assert [(code, stored) for code, stored, _ in found] == [(code, present) for code, _, present in found]
    assert sum(bool(present) for *_, present in found) >= 3


def test_there_are_three_notebooks_and_a_changed_result_is_found(tmp_path: Path, url: str) -> None:
    cell = {"cell_type": "code", "source": ["1 + 1"], "outputs": [{"data": {"text/plain": ["3"]}}]}
    (tmp_path / "wrong.ipynb").write_text(json.dumps({"cells": [cell]}))

    assert list(results(tmp_path / "wrong.ipynb")) == [("1 + 1", "3", "2")]
    assert len(list(NOTEBOOKS.glob("*.ipynb"))) == 3
