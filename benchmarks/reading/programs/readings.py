"""A page of every structure, built by Sphinx with its themes and others, and by MkDocs, with known gold.

The model is not trained on these pages. Each program runs in its own environment, made with pip at the first
run; Sphinx itself is installed for our documentation.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reading.environments import NotInstalled, python_with
from benchmarks.reading.made_page import PROSE
from benchmarks.reading.programs.mkdocs_sites import PINS
from benchmarks.reading.programs.sphinx_sites import PACKAGES, SHIPPED

_CODE = (
    "def tide(t):\n    # the reading, in metres\n    if t < 0:\n        raise ValueError('before')\n\n    return fit(t)"
)
_FORMULA = r"h(t) = h_0 + \sum_{i=1}^{n} a_i \cos(\omega_i t)"
_ROWS = (("Gauge", "Height", "Since"), ("North", "1.4", ""), ("South", "", "1950"), ("West", "2.7", "1988"))
_NOTE = "The first gauge was a board with marks, and a keeper who looked at it."


@dataclass(frozen=True, slots=True)
class ProgramPage:
    """A page with its gold."""

    name: str
    url: str
    html: bytes
    text: str
    rows: Sequence[Sequence[str]]
    code: str
    formula: str
    note: tuple[str, str]
    """The word before the reference, and the note."""


_GOLD = "\n".join(
    (
        PROSE[0], PROSE[1], "What a gauge says", f"{PROSE[2]} It was so from the start [1].",
        *("\t".join(row) for row in _ROWS), PROSE[3], _CODE, "The sum of all",
        f"{PROSE[4]} The height is", f"$${_FORMULA}$$", "and it holds for a day.", "Keeper", "Who reads the gauge.",
        "Harbour", "Where the gauge stands.", "Read the gauge.", "Write down what it says.", "Look at it again.",
        "Never read a gauge in the dark.", f"[1] {_NOTE}",
    )
)  # fmt: skip


def _rst() -> str:
    table = "\n".join(
        f"   {'*' if not place else ' '} - {cell}".rstrip() for row in _ROWS for place, cell in enumerate(row)
    )
    code = "\n".join(f"   {line}".rstrip() for line in _CODE.split("\n"))
    return f"""Readings
========

{PROSE[0]}

{PROSE[1]}

What a gauge says
-----------------

{PROSE[2]} It was so from the start [#one]_.

.. list-table::
   :header-rows: 1

{table}

{PROSE[3]}

.. code-block:: python
   :linenos:

{code}

The sum of all
--------------

{PROSE[4]} The height is

.. math:: {_FORMULA}

and it holds for a day.

Keeper
   Who reads the gauge.

Harbour
   Where the gauge stands.

#. Read the gauge.
#. Write down what it says.

   - Look at it again.

.. warning:: Never read a gauge in the dark.

.. [#one] {_NOTE}
"""


def _markdown() -> str:
    table = [" | ".join(row) for row in _ROWS]
    rows = "\n".join([f"| {table[0]} |", "| --- | --- | --- |", *(f"| {row} |" for row in table[1:])])
    return f"""# Readings

{PROSE[0]}

{PROSE[1]}

## What a gauge says

{PROSE[2]} It was so from the start [^1].

{rows}

{PROSE[3]}

```python
{_CODE}
```

## The sum of all

{PROSE[4]} The height is

$$
{_FORMULA}
$$

and it holds for a day.

Keeper
:   Who reads the gauge.

Harbour
:   Where the gauge stands.

1. Read the gauge.
2. Write down what it says.

    - Look at it again.

!!! warning
    Never read a gauge in the dark.

[^1]: {_NOTE}
"""


_OTHER = "# {name}\n\nAnother page of the keepers, with words of its own on {name}.\n"
_OTHERS = ("Tides", "Ferries", "Ice")


def _write_sphinx(source: Path) -> None:
    for name in _OTHERS:
        text = f"{name}\n{'=' * len(name)}\n\nAnother page, with words of its own on {name}.\n"
        (source / f"{name.lower()}.rst").write_text(text)
    listed = "\n".join(f"   {name}" for name in ("readings", *map(str.lower, _OTHERS)))
    (source / "index.rst").write_text(f"Harbour office\n==============\n\n.. toctree::\n\n{listed}\n")
    (source / "readings.rst").write_text(_rst())
    (source / "conf.py").write_text('project = "Harbour office"\nauthor = "Ada"\nextensions = ["sphinx.ext.mathjax"]\n')


def _build_sphinx(source: Path, out: Path, theme: str) -> Sequence[str]:
    return ("-m", "sphinx", "-q", "-D", f"html_theme={theme}", "-b", "html", str(source), str(out))


_MKDOCS = """site_name: Harbour office
theme: {{name: {theme}}}
markdown_extensions:
  - footnotes
  - tables
  - def_list
  - admonition
  - pymdownx.arithmatex: {{generic: true}}
  - pymdownx.highlight: {{linenums: true}}
  - pymdownx.superfences
extra_javascript: [https://cdn.example.org/mathjax@3/es5/tex-mml-chtml.js]
"""


def _write_markdown(source: Path) -> None:
    (source / "docs").mkdir()
    (source / "docs" / "index.md").write_text("# Harbour office\n\nThe pages of the office.\n")
    (source / "docs" / "readings.md").write_text(_markdown())
    for name in _OTHERS:
        (source / "docs" / f"{name.lower()}.md").write_text(_OTHER.format(name=name))


def _build_mkdocs(source: Path, out: Path, theme: str) -> Sequence[str]:
    (source / "mkdocs.yml").write_text(_MKDOCS.format(theme=theme))
    return ("-m", "mkdocs", "build", "-q", "-f", str(source / "mkdocs.yml"), "-d", str(out))


_MORE_SPHINX = ("sphinx_rtd_theme", "pydata_sphinx_theme", "sphinx_book_theme")


def program_pages() -> Iterator[ProgramPage]:
    """Yield the pages of all programs that can be installed; print which can't."""
    for theme in SHIPPED:
        yield _made(f"Sphinx, {theme}", sys.executable, _write_sphinx, _build_sphinx, theme, "readings.html")
    for theme in _MORE_SPHINX:
        if (python := _installed(theme, "sphinx", *PACKAGES[theme])) is not None:
            yield _made(f"Sphinx, {theme}", python, _write_sphinx, _build_sphinx, theme, "readings.html")
    if (python := _installed("mkdocs", *PINS)) is not None:
        for theme in ("mkdocs", "readthedocs", "material"):
            yield _made(f"MkDocs, {theme}", python, _write_markdown, _build_mkdocs, theme, "readings/index.html")


def _installed(name: str, *packages: str) -> str | None:
    try:
        return str(python_with(name, *packages))
    except NotInstalled as problem:
        print(f"{name}: {problem}")
        return None


def _made(
    name: str,
    python: str,
    write: Callable[[Path], None],
    build: Callable[[Path, Path, str], Sequence[str]],
    theme: str,
    page: str,
) -> ProgramPage:
    with tempfile.TemporaryDirectory() as directory:
        source, out = Path(directory) / "source", Path(directory) / "out"
        source.mkdir()
        write(source)
        subprocess.run((python, *build(source, out, theme)), check=True, cwd=source, capture_output=True, timeout=300)
        html = (out / page).read_bytes()
    url = f"https://docs.example/{page}"
    return ProgramPage(name, url, html, _GOLD, _ROWS, _CODE, _FORMULA, ("start", _NOTE))
