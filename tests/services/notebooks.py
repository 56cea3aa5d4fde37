"""The notebooks of the docs over a sample archive: run their cells, and draw their pictures."""

from __future__ import annotations

import ast
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot
from services.retrieving import served
from specimens.versions import Version, keep, thread_version

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
PICTURE = "image/svg+xml"
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
_SAME = {"svg.hashsalt": "pressmark", "svg.fonttype": "none", "backend": "svg", "savefig.transparent": False}
"""What makes the same picture of the same numbers; the letters stay letters."""
_UNSAID = dict.fromkeys(("Date", "Creator", "Format", "Type"))


@dataclass(frozen=True, slots=True)
class Result:
    """What a cell shows: its last value as text, and its picture as SVG; empty for none."""

    text: str = ""
    picture: str = ""

    @classmethod
    def stored(cls, cell: dict[str, Any]) -> Result:
        """Return the result that a notebook has."""
        shown = {kind: "".join(lines) for output in cell["outputs"] for kind, lines in output["data"].items()}
        return cls(shown.get("text/plain", "") if "text/plain" in shown else "", shown.get(PICTURE, ""))


@contextmanager
def sample(directory: Path) -> Iterator[str]:
    """Serve the sample archive, and name it to the notebooks by the environment."""
    (directory / "segments").mkdir()
    with open_pressmark(Settings(home=directory / "home")) as service:
        for number, (date, language, title, text) in enumerate(NEWS):
            facts = {"date": date, "language": language}
            page = f"https://example.org/news/{number}"
            version = Version(text, page, number * DAY, title, source="gazette", facts=facts)
            keep(service, directory / "segments", version)
        threads = (thread_version(posts, n * DAY, source="forum") for n, posts in enumerate(POSTS))
        keep(service, directory / "segments", *threads)
        with served(service) as address:
            yield address


def results(notebook: Path, url: str) -> Iterator[tuple[dict[str, Any], Result]]:
    """Run the cells of a notebook, and yield each cell of code with its result."""
    names: dict[str, Any] = {}
    os.environ["PRESSMARK_URL"] = url
    try:
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                with mpl.rc_context(_SAME):
                    yield cell, Result(_run("".join(cell["source"]), names), _drawn())
    finally:
        del os.environ["PRESSMARK_URL"]


def _run(code: str, names: dict[str, Any]) -> str:
    """Run a cell, and return its last expression as a notebook shows it."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return ""
    assert isinstance(last, ast.Expr)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return "" if value is None else repr(value)


def _drawn() -> str:
    """Return the figure that a cell drew, and close it."""
    if not pyplot.get_fignums():
        return ""
    file = io.StringIO()
    pyplot.gcf().savefig(file, format="svg", metadata=_UNSAID)
    pyplot.close("all")
    return file.getvalue()
