"""The main text as libraries find it, from a tree that was pruned: for pages that our own reading is unsure of."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import version

from extractor.layout import is_laid_out_by_tables, tables_as_blocks
from extractor.page import Page, parse
from extractor.pruning import prune

_RESILIPARSE = version("resiliparse")
_MOST_TAGS = 80_000
_HARDLY_ANYTHING = 500
_MANY_TIMES = 3


@dataclass(frozen=True, slots=True)
class Engine:
    """What made a text: the name and the version of the library, or of our model."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class MainText:
    text: str
    engine: Engine
    markdown: str | None = None
    """The same as Markdown; None where the library gives lines only."""


def read_by_libraries(page: Page, *, thread: bool | None = None, pruned: bool = True) -> MainText | None:
    """By trafilatura; by resiliparse where that finds nothing. None when there is no text.

    `thread` says whether what readers wrote is the text; None leaves it to be told: it is when hardly anything else is
    there. `pruned=False` skips the pruning: it is there to show what pruning is for.
    """
    tree = parse(page.text)
    comments = prune(tree, thread=bool(thread)) if pruned else 0
    source = tree.html or ""
    source = tables_as_blocks(source) if is_laid_out_by_tables(tree) else source
    found = _read(source, bool(thread))
    left = len(found.text) if found else 0
    if thread is None and left < _HARDLY_ANYTHING and comments > left * _MANY_TIMES:
        return read_by_libraries(page, thread=True) or found
    return found


def _read(source: str, thread: bool) -> MainText | None:
    """trafilatura first; of discussions, it would put the answers before the question."""
    for engine in (_resiliparse, _trafilatura) if thread else (_trafilatura, _resiliparse):
        if found := engine(source, thread):
            return found
    return None


def _trafilatura(source: str, thread: bool) -> MainText | None:
    """Not for trees so large that its own walks over them would take half a minute."""
    if source.count("<") > _MOST_TAGS:
        return None
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        text = trafilatura.extract(source, include_comments=thread, with_metadata=False, output_format="txt")
    except MemoryError:
        raise
    except Exception:  # whatever a hostile page makes the library raise: there is a second reader
        return None
    return MainText(text, Engine("trafilatura", trafilatura.__version__)) if text else None


def _resiliparse(source: str, thread: bool) -> MainText | None:
    from resiliparse.extract.html2text import extract_plain_text

    text = extract_plain_text(source, main_content=True, comments=thread, alt_texts=False, list_bullets=False)
    return MainText(text, Engine("resiliparse", _RESILIPARSE)) if text else None
