"""All programs with their themes, and the pages that they build of our texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.reading.programs.hexo_sites import hexo_sites
from benchmarks.reading.programs.mkdocs_sites import mkdocs_sites
from benchmarks.reading.programs.node_sites import node_sites
from benchmarks.reading.programs.program import BuiltPage, Program, built
from benchmarks.reading.programs.python_blogs import python_blogs
from benchmarks.reading.programs.sphinx_sites import sphinx_sites
from benchmarks.reading.programs.wordpress_themes import themed_pages
from benchmarks.reading.programs.written import texts


def every_program() -> Iterator[Program]:
    yield from sphinx_sites()
    yield from mkdocs_sites()
    yield from python_blogs()
    yield from hexo_sites()
    yield from node_sites()


def built_pages(only: Sequence[str] = ("",)) -> Iterator[BuiltPage]:
    """Yield the pages of programs whose label has one of these parts. Print which this machine can't build."""
    written = texts()
    for program in every_program():
        if any(part in program.label for part in only):
            yield from built(program, written)


def all_pages(only: Sequence[str] = ("",)) -> Iterator[BuiltPage]:
    """Yield these, and the pages in the shapes of WordPress themes."""
    yield from built_pages(only)
    yield from themed_pages(texts(), only)
