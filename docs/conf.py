"""Configure Sphinx for the documentation site: `make docs` builds and serves it, `make check` builds it with warnings as errors."""

from importlib import metadata

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
