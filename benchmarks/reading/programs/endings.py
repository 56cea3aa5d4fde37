"""Shorten the pages that programs build so that each ends with every block of its text in turn, and count lost ends.

    python -m benchmarks.reading.programs.endings [--only NAME,…] [--worst N]

A page is cut after each block of its text: the elements of the later blocks are removed, and what the program writes
around the text stays. The end is lost if the extracted text is without the last line of the last block. A page of
which a block can't be found, or whose text would be a single block, is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from benchmarks.machine import called
from benchmarks.reading.programs.every import built_pages
from benchmarks.reading.programs.program import BuiltPage
from benchmarks.reading.programs.written import Block, Kind
from extractor.html.page import Page
from extractor.reading import extract

_LEAST = 2
"""Blocks that a page has at least."""
_FRAME = frozenset(("html", "body", "main", "article"))


@dataclass(frozen=True, slots=True)
class Ending:
    """A page that ends with a block of its text."""

    page: BuiltPage
    last: Block
    html: bytes


def endings(page: BuiltPage) -> Iterator[Ending]:
    """Yield a page, ended after each of its blocks that is not a heading; the longest first."""
    tree = LexborHTMLParser(page.html.decode("utf-8"))
    blocks = page.text.blocks
    for number in range(len(blocks) - 1, _LEAST - 2, -1):
        if blocks[number].kind is not Kind.HEADING:
            yield Ending(page, blocks[number], (tree.html or "").encode())
        element = _element(tree, blocks, number)
        if element is None:
            return
        element.decompose()


def _element(tree: LexborHTMLParser, blocks: Sequence[Block], number: int) -> LexborNode | None:
    """Return the element of a block: the largest around its last line without a line of the block before it."""
    line, before = (
        _squeezed(last_line(blocks[number])),
        _squeezed(blocks[number - 1].lines[-1].strip("|").split("|")[0]),
    )
    found = [node for node in tree.css("p, li, h2, h3, pre, td, blockquote") if line in _squeezed(node.text())]
    if not found:
        return None
    element = found[-1]
    first = _squeezed(_first_line(blocks[number]))
    while (around := element.parent) is not None and around.tag not in _FRAME:
        said = _squeezed(around.text())
        if before in said or (first in _squeezed(element.text()) and len(said) > 2 * len(_squeezed(element.text()))):
            break
        element = around
    return element


def last_line(block: Block) -> str:
    """Return the words that a reader must find of a block: those of its last line, or of its last cell."""
    if block.kind is Kind.TABLE:
        return block.rows[-1][-1]
    return block.lines[-1].replace("`", "")


def _first_line(block: Block) -> str:
    return block.rows[0][0] if block.kind is Kind.TABLE else block.lines[0].replace("`", "")


def _squeezed(text: str) -> str:
    """Return the letters and digits of a text: programs change white space and quotation marks."""
    return "".join(filter(str.isalnum, text))


def keeps(ending: Ending) -> bool:
    """Return whether our extractor keeps the end of a page."""
    found = extract(Page(ending.page.url, ending.html, "text/html; charset=utf-8"))
    return found is not None and _squeezed(last_line(ending.last)) in _squeezed(found.text)


def main() -> None:
    parser = called("benchmarks.reading.programs.endings", __doc__)
    parser.add_argument("--only", default="", help="parts of names of programs and themes, with commas")
    parser.add_argument("--worst", type=int, default=0, help="so many lost ends, none of them apart, are named")
    given = parser.parse_args()
    counts: dict[str, list[bool]] = defaultdict(list)
    lost: list[str] = []
    for page in built_pages(given.only.split(",")):
        for ending in endings(page):
            kept = keeps(ending)
            counts["apart" if page.program.apart else page.program.label].append(kept)
            counts[f"ends with {ending.last.kind.name.lower()}"].append(kept)
            if not kept and not page.program.apart:
                lost.append(f"{page.program.theme}/{page.text.name}: {last_line(ending.last)}")
    for label, kept_ends in counts.items():
        print(f"{label:<40}{len(kept_ends):>6} pages{kept_ends.count(False):>5} ends lost")
    print("\n".join(lost[: given.worst]))


if __name__ == "__main__":
    main()
