"""Configure Sphinx for the documentation site: `make docs` builds and serves it, `make check` builds it with warnings as errors."""

from importlib import metadata

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

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


def setup(app: Sphinx) -> None:
    """Show Mermaid diagrams as their source: Mermaid is a script from another host, and the site loads none."""
    app.add_lexer("mermaid", TextLexer)
