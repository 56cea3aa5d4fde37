"""Sphinx with the themes that it ships and others."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.reading.environments import python_with
from benchmarks.reading.programs.program import Program, run
from benchmarks.reading.programs.written import Block, Kind, Written

SHIPPED = (
    *("alabaster", "classic", "sphinxdoc", "scrolls", "agogo", "traditional", "nature", "haiku", "pyramid"),
    *("bizstyle", "basic", "furo"),
)
PACKAGES = {
    "sphinx_rtd_theme": ("sphinx-rtd-theme",), "pydata_sphinx_theme": ("pydata-sphinx-theme",),
    "sphinx_book_theme": ("sphinx-book-theme",), "piccolo_theme": ("piccolo-theme",), "shibuya": ("shibuya",),
    "sphinxawesome_theme": ("sphinxawesome-theme",), "insipid": ("insipid-sphinx-theme",),
}  # fmt: skip
APART = ("shibuya", "insipid")


def sphinx_sites() -> Iterator[Program]:
    for theme in (*SHIPPED, *PACKAGES):
        yield Program("Sphinx", theme, partial(_build, theme), theme in APART)


def _build(theme: str, texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    python = python_with(theme, "sphinx", *PACKAGES[theme]) if theme in PACKAGES else Path(sys.executable)
    (site / "conf.py").write_text(f'project = "Harbour office"\nauthor = "Ada Holm"\nhtml_theme = "{theme}"\n')
    listed = "\n".join(f"   {text.name}" for text in texts)
    (site / "index.rst").write_text(f"Harbour office\n==============\n\n.. toctree::\n\n{listed}\n")
    for text in texts:
        (site / f"{text.name}.rst").write_text(restructured(text))
    run(python, "-m", "sphinx", "-q", "-b", "html", site, site / "out", at=site)
    return {text.name: site / "out" / f"{text.name}.html" for text in texts}


def restructured(text: Written) -> str:
    """Return a text as reStructuredText."""
    return "\n\n".join([_headed(text.title, "="), *map(_block, text.blocks)]) + "\n"


def _block(block: Block) -> str:
    lines = [line.replace("`", "``") for line in block.lines]
    match block.kind:
        case Kind.HEADING:
            return _headed(lines[0], "-")
        case Kind.ITEMS:
            return "\n".join(f"- {line}" for line in lines)
        case Kind.STEPS:
            return "\n".join(f"#. {line}" for line in lines)
        case Kind.QUOTE:
            return "..\n\n" + "\n".join(
                f"    {line}" for line in lines
            )  # without the dots it would continue the code above
        case Kind.CODE:
            return f".. code-block:: {block.language}\n\n" + "\n".join(f"   {line}".rstrip() for line in block.lines)
        case Kind.TABLE:
            cells = (f"   {' ' if place else '*'} - {cell}" for row in block.rows for place, cell in enumerate(row))
            return ".. list-table::\n   :header-rows: 1\n\n" + "\n".join(cells)
        case Kind.PARAGRAPH:
            return "\n".join(lines)


def _headed(title: str, line: str) -> str:
    return f"{title}\n{line * 4 * len(title)}"
