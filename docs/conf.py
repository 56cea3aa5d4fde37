"""Configure Sphinx for the documentation site: `make docs` builds and serves it, `make check` builds it with warnings as errors."""

import re
from importlib import metadata
from typing import Any

project = "Pressmark"
release = metadata.version("pressmark")
author = "the Pressmark authors"
extensions = ["myst_parser"]
root_doc = "index"
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sourcelink = False

MERMAID = re.compile(r"```mermaid\n.*?```", re.DOTALL)
ROOMS = """![Six columns: pressmark, scheduler, crawler, archive, extractor, config. Each package imports those to its right. In each column
the rooms of the package lie in layers, and each room imports those below it.](pictures/rooms.svg)"""
"""The same picture as the Mermaid chart of `architecture.md`: the site needs no script to show it."""


def draw_rooms(_app: Any, page: str, source: list[str]) -> None:
    """Show the chart of the rooms as a picture."""
    if page == "architecture":
        source[0] = MERMAID.sub(ROOMS, source[0])


def setup(app: Any) -> None:
    app.connect("source-read", draw_rooms)
