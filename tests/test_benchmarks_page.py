"""docs/benchmarks.md is tables: each under a heading of its own, with one line under it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
LONGEST = 240
"""Characters of the line under a table."""
WIDEST = 160
"""Characters of a cell of the table of bars."""
BARS = "## What grows, and its bars"
PAST = re.compile(r"\b(?:before|earlier|formerly|previously|no longer|used to)\b", re.IGNORECASE)


def strays(page: str) -> list[str]:
    """Return the headings whose section is not one table and one line, or that has none below its sub-headings."""
    parts = re.split(r"^#{1,3} (.+)\n", page, flags=re.MULTILINE)[1:]
    return [head for head, body in zip(parts[::2], parts[1::2], strict=True) if body.strip() and not is_plain(body)]


def is_plain(body: str) -> bool:
    blocks = body.strip().split("\n\n")
    tables = [all(line.startswith("|") for line in block.splitlines()) for block in blocks]
    return tables == [True, False] and "\n" not in blocks[1] and len(blocks[1]) <= LONGEST


def history(page: str) -> list[str]:
    """Return the heads of tables, and the lines under tables, that tell of former versions."""
    heads = [
        line for line, after in zip(page.splitlines(), page.splitlines()[1:], strict=False) if after.startswith("|--")
    ]
    lines = [line for line in page.splitlines() if line and not line.startswith(("|", "#"))]
    return [line for line in [*heads, *lines] if PAST.search(line)]


def wide(page: str) -> list[str]:
    """Return the cells of the table of bars that say more than a figure."""
    table = page.partition(f"\n{BARS}\n")[2].partition("\n## ")[0]
    cells = [cell.strip() for line in table.splitlines() if line.startswith("|") for cell in line.split("|")]
    return [cell for cell in cells if len(cell) > WIDEST]


def silent(page: str, root: Path) -> list[str]:
    """Return the benchmarks of the table of bars that do not say the load of the machine."""
    table = page.partition(f"\n{BARS}\n")[2].partition("\n## ")[0]
    names = sorted(set(re.findall(r"python -m (benchmarks[\w.]*)", table)))
    places = [root / name.replace(".", "/") for name in names]
    files = [place / "__main__.py" if place.is_dir() else place.with_suffix(".py") for place in places]
    return [name for name, file in zip(names, files, strict=True) if "load()" not in file.read_text("utf-8")]


TUNED = "Development data: "
COSTS = ("Cost of a page", "Markdown")


def unnamed(page: str) -> list[str]:
    """Return the headings below that of reading that have figures, and do not say that these are of tuned pages."""
    part = page.partition("\n## A page that is read\n")[2].partition("\n## ")[0]
    return [head for head in re.findall(r"^### (.+)$", part, re.MULTILINE) if not head.startswith((TUNED, *COSTS))]


def claims(page: str) -> list[str]:
    """Return the lines with an F1 that do not say of which pages it is."""
    lines = [line for line in page.splitlines() if re.search(r"\bF1\b.*\b0\.\d{2,3}\b", line)]
    return [line for line in lines if not re.search(r"tuned on|development|unseen|of the data|\d pages", line)]


def test_figures_of_reading_are_of_unseen_sources_or_are_called_development_data() -> None:
    page = PAGE.read_text("utf-8")
    first = page.partition("\n## A page that is read\n")[2].partition("\n### ")[0]

    assert "| on pages of unseen sources |" in first
    assert "nothing was tuned on" in first
    assert unnamed(page) == []
    assert unnamed(page.replace("### Development data: text\n", "### Text\n")) == ["Text"]
    others = [PAGE.parent.parent / "README.md", *(path for path in PAGE.parent.rglob("*.md") if path != PAGE)]
    assert [line for path in others for line in claims(path.read_text("utf-8"))] == []
    assert claims("Articles have F1 0.960.") != []


def test_each_table_of_benchmarks_has_one_line_under_it() -> None:
    assert strays(PAGE.read_text("utf-8")) == []


def test_benchmarks_tell_no_history() -> None:
    assert history(PAGE.read_text("utf-8")) == []


def test_a_cell_of_the_table_of_bars_is_a_figure_and_no_story() -> None:
    page = PAGE.read_text("utf-8")

    assert f"\n{BARS}\n" in page
    assert wide(page) == []
    assert wide(page.replace("\n| service ready", f"\n| {'long ' * 33}", 1)) != []


def test_each_benchmark_of_the_table_of_bars_says_the_load() -> None:
    page = PAGE.read_text("utf-8")

    assert silent(page, PAGE.parent.parent) == []
    assert silent(f"\n{BARS}\n| `python -m benchmarks.crawl.cpu` |\n", PAGE.parent.parent) == ["benchmarks.crawl.cpu"]


@pytest.mark.parametrize(
    "body",
    [
        "| a |\n|---|\n",
        "A line.\n\n| a |\n|---|\n",
        "| a |\n|---|\n\nA line.\n\nAnother one.\n",
        "| a |\n|---|\n\nA line\nthat goes on.\n",
        f"| a |\n|---|\n\n{'long ' * 60}.\n",
    ],
    ids=["no line", "the line is above", "two lines", "a paragraph", "too long"],
)
def test_another_form_is_detected(body: str) -> None:
    assert strays(f"# Benchmarks\n\n## A search\n\n{body}") == ["A search"]
    assert strays("# Benchmarks\n\n## A search\n\n| a |\n|---|\n\nA line.\n") == []


def test_history_is_detected() -> None:
    assert history("| | before | now |\n|---|---|---|\n\nIt was measured earlier.\n") == [
        "| | before | now |",
        "It was measured earlier.",
    ]
