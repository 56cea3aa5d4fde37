"""Draw the packages and their rooms from the contracts of import-linter in pyproject.toml.

Mermaid for `docs/architecture.md`, as forges show it; SVG for the documentation site, which runs no script for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

_BOX, _HEIGHT, _GAP, _TOP = 96, 30, 8, 64
"""Pixels: the width and the height of a room, the space between two, and where the rooms begin."""
_STYLE = """\
<style>
text { font: 13px sans-serif; fill: #1c2530; text-anchor: middle; }
.package { font-weight: bold; font-size: 15px; }
.frame { fill: #eef3f8; stroke: #9fb3c8; }
.room { fill: #ffffff; stroke: #5a7896; }
.arrow { stroke: #33475c; stroke-width: 2; fill: none; marker-end: url(#head); }
</style>
<defs><marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">\
<path d="M0,0 L8,4 L0,8 z" fill="#33475c"/></marker></defs>
"""


def layers() -> dict[str, list[list[str]]]:
    """Return the layers of each package from top to bottom, with the rooms of each; the packages in their order."""
    contracts = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    packages, *_ = (one["layers"] for one in contracts if one["type"] == "layers" and "containers" not in one)
    rooms = {one["containers"][0]: one["layers"] for one in contracts if one.get("containers")}
    return {package: [layer.split(" | ") for layer in rooms.get(package, [])] for package in packages}


def mermaid() -> str:
    """Return the flowchart: a subgraph a package, a node a layer, and an arrow to what may be imported."""
    columns = layers()
    lines = ["flowchart LR"]
    for package, rows in columns.items():
        names = [f"{package}{number}" for number in range(len(rows))]
        lines += [f"  subgraph {package}", "    direction TB"]
        lines += [f'    {name}["{" · ".join(row)}"]' for name, row in zip(names, rows, strict=True)]
        lines += [f"    {' --> '.join(names)}", "  end"]
    lines.append(f"  {' --> '.join(columns)}")
    return "".join(f"{line}\n" for line in lines)


def picture() -> str:
    """Return the SVG: a column a package, a row a layer, an arrow from each package to the next."""
    columns = layers()
    tallest = max(map(len, columns.values()))
    height = _TOP + tallest * (_HEIGHT + _GAP) + 2 * _GAP
    parts, left = list[str](), _GAP
    for package, rows in columns.items():
        width = max([1, *map(len, rows)]) * (_BOX + _GAP) + _GAP
        parts += _column(package, rows, left, width, height)
        left += width + 4 * _GAP
        parts.append(f'<path class="arrow" d="M{left - 4 * _GAP},{_TOP - 30} h{4 * _GAP - 1}"/>')
    width = left - 3 * _GAP
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n',
            "<title>The packages of Pressmark and their rooms; each imports those to its right and below it</title>\n",
            _STYLE,
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n',
            *(f"{part}\n" for part in parts[:-1]),
            "</svg>\n",
        ]
    )


def _column(package: str, rows: Sequence[Sequence[str]], left: int, width: int, height: int) -> Iterator[str]:
    yield f'<rect class="frame" x="{left}" y="{_GAP}" width="{width}" height="{height - 2 * _GAP}" rx="6"/>'
    yield _text(package, left + width // 2, _TOP - 25, "package")
    for number, row in enumerate(rows):
        top = _TOP + number * (_HEIGHT + _GAP)
        box = (width - _GAP) // len(row) - _GAP
        for place, room in enumerate(row):
            x = left + _GAP + place * (box + _GAP)
            yield f'<rect class="room" x="{x}" y="{top}" width="{box}" height="{_HEIGHT}" rx="4"/>'
            yield _text(room, x + box // 2, top + 20, "")


def _text(text: str, x: int, y: int, kind: str) -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x}" y="{y}">{escape(text)}</text>'
