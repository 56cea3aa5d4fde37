"""Run another extractor in its own environment, with the standard library and that extractor alone.

    python peers.py NAME < QUESTIONS > ANSWERS

A request is a line of JSON with `html` and `url`; a response has `text`, `title`, `author`, `date`, `cpu` (user and
system time in milliseconds, without decoding) and `error`. All extractors get decoded pages. The first page is read
twice, so that no figure includes the one-time work of a library.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]


def trafilatura(html: str, url: str) -> Answer:
    from trafilatura import extract

    return {"text": extract(html, url=url)}


def trafilatura_with_metadata(html: str, url: str) -> Answer:
    from trafilatura import bare_extraction

    found = bare_extraction(html, url=url, with_metadata=True)
    return {name: getattr(found, name) for name in ("text", "title", "author", "date")} if found else {}


def resiliparse(html: str, _url: str) -> Answer:
    from resiliparse.extract.html2text import extract_plain_text

    return {"text": extract_plain_text(html, main_content=True)}


def newspaper4k(html: str, url: str) -> Answer:
    from newspaper import Article

    article = Article(url or "https://example.org/", fetch_images=False)  # it would download them
    article.download(input_html=html)
    article.parse()
    date = str(article.publish_date or "")
    return {"text": article.text, "title": article.title, "author": "; ".join(article.authors), "date": date}


def magic_html(html: str, url: str) -> Answer:
    from lxml.html import fromstring
    from magic_html import GeneralExtractor

    found = GeneralExtractor().extract(html, base_url=url or "https://example.org/")
    body = fromstring(found["html"]) if (found.get("html") or "").strip() else None
    return {"text": _lines(body) if body is not None else "", "title": found.get("title")}


def readability_lxml(html: str, _url: str) -> Answer:
    from lxml.html import fromstring
    from readability import Document

    document = Document(html)
    return {"text": _lines(fromstring(document.summary())), "title": document.short_title()}


def _lines(body: Any) -> str:
    """Return text nodes, separated: the scorer counts words."""
    return "\n".join(part.strip() for part in body.itertext() if part.strip())


READERS: dict[str, Callable[[str, str], Answer]] = {
    "trafilatura": trafilatura,
    "trafilatura with metadata": trafilatura_with_metadata,
    "resiliparse": resiliparse,
    "newspaper4k": newspaper4k,
    "magic-html": magic_html,
    "readability-lxml": readability_lxml,
}


def main(name: str) -> None:
    logging.disable(logging.CRITICAL)
    read = READERS[name]
    for number, line in enumerate(sys.stdin):
        question = json.loads(line)
        if number == 0:
            _answer(read, question)
        sys.stdout.write(json.dumps(_answer(read, question)) + "\n")
        sys.stdout.flush()


def _answer(read: Callable[[str, str], Answer], question: dict[str, str]) -> Answer:
    began = time.process_time()
    try:
        answer = read(question["html"], question["url"])
        error = None
    except Exception as problem:  # counts against the extractor
        answer, error = {}, f"{type(problem).__name__}: {problem}"[:200]
    return {**answer, "cpu": (time.process_time() - began) * 1000, "error": error}


if __name__ == "__main__":
    form = argparse.RawDescriptionHelpFormatter
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks.reading.peers", description=__doc__, formatter_class=form
    )
    arguments.add_argument("name", choices=READERS)
    main(**vars(arguments.parse_args()))
