"""Cost of making Markdown, compared with that of reading.

    python -m benchmarks.reading.markdown FOLDER

FOLDER holds pages as .html files, at any depth.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.machine import called
from extractor.article import article
from extractor.article.blocks import Blocks
from extractor.article.rendering import Line
from extractor.html.page import Page
from extractor.reading import extract
from extractor.values.urls import Resolve

_MAKE = article.markdown


def main(folder: str) -> None:
    spent: list[float] = []
    reading: list[float] = []
    plain = marked = 0

    def timed(blocks: Blocks, lines: list[Line], resolver: Resolve) -> str:
        began = time.process_time()
        made = _MAKE(blocks, lines, resolver)
        spent.append(time.process_time() - began)
        return made

    article.markdown = timed  # type: ignore[assignment]
    for page in _pages(Path(folder).rglob("*.html")):
        began = time.process_time()
        text = extract(page)
        reading.append(time.process_time() - began)
        if text is not None and text.markdown:
            plain, marked = plain + len(text.text.encode()), marked + len(text.markdown.encode())
    share = sum(spent) / sum(reading)
    print(f"{len(reading)} pages, {1e3 * sum(reading) / len(reading):.1f} ms each; {len(spent)} with blocks")
    print(f"Markdown {1e3 * sum(spent) / len(spent):.2f} ms each, {share:.1%} of the reading")
    print(f"octets: {plain} of text, {marked} of Markdown")


def _pages(files: Iterable[Path]) -> Iterable[Page]:
    for number, file in enumerate(sorted(files)):
        yield Page(f"https://example.org/news/{number}", file.read_bytes(), "text/html")


if __name__ == "__main__":
    arguments = called("benchmarks.reading.markdown", __doc__)
    arguments.add_argument("folder")
    main(**vars(arguments.parse_args()))
