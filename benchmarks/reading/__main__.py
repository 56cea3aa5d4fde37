"""Our extractor compared with peers: text by type of page, fields, posts, and CPU per page.

    python -m benchmarks.reading --data FILE [--peers none|NAME,…] [--folds 5] [--worst N]

Ours is cross-validated by domain: each page is read with a model that was trained without the pages of its domain
(`--folds 0` uses the shipped model, which was trained with these pages). Each peer runs in its own environment, made
with pip at the first run. All get the same decoded pages; a peer's CPU is the time of its call. Each reads the first
page once before measurement; ours also loads its models, as the service does before its first page. Training runs in a
separate process, since its remains in memory would slow reading by some hundredths.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from benchmarks.machine import called
from benchmarks.reading.asking import asked, ended, started
from benchmarks.reading.data import Sample, samples
from benchmarks.reading.environments import NotInstalled, python_with
from benchmarks.reading.report import Answer, report, worst
from benchmarks.reading.train import cross_validated
from extractor.html.page import Page
from extractor.html.trees import Trees
from extractor.reading import extract, load

PEERS = {
    "trafilatura": ("trafilatura==2.3.1", "lxml_html_clean"),
    "trafilatura with metadata": ("trafilatura==2.3.1", "lxml_html_clean"),
    "resiliparse": ("resiliparse==2.0.0",),
    "newspaper4k": ("newspaper4k[all]==0.9.6",),
    "magic-html": ("magic-html",),
    "readability-lxml": ("readability-lxml==0.9", "lxml_html_clean"),
}
REFERENCE = "trafilatura with metadata"
"""The peer for the comparison of CPU."""
_SEEN = datetime(2026, 11, 1, tzinfo=UTC)
_PATIENCE = 60
"""Maximum seconds of a peer for a page."""


def read(sample: Sample, trees: Trees | None) -> Answer:
    """Read a page with our extractor.

    CPU includes parsing, text, fields and posts, without decoding, as for the peers.
    """
    page = _decoded(sample)
    began = time.process_time()
    text = extract(page, trees=trees)
    spent = (time.process_time() - began) * 1000
    if text is None:
        return Answer(cpu=spent)
    thread = text.thread
    posts = [{"author": post.author, "date": post.date, "body": post.text} for post in thread.posts] if thread else []
    return Answer(text.text, text.title, text.author, text.date, posts, spent)


def _decoded(sample: Sample) -> Page:
    page = replace(sample.page, at=_SEEN)
    _ = page.text
    return page


def ours(gathered: Sequence[Sample], folds: int, made: Mapping[int, Trees]) -> Iterator[Answer]:
    load()
    read(gathered[0], None)
    for sample in gathered:
        yield read(sample, made[sample.fold(folds)] if folds else None)


def peer(name: str, gathered: Sequence[Sample]) -> Iterator[Answer]:
    """Yield what a peer reads from the pages. Raises NotInstalled."""
    python = python_with(name.partition(" ")[0], *PEERS[name])
    command = [str(python), str(Path(__file__).with_name("peers.py")), name]
    process = started(command)
    try:
        for sample in gathered:
            question = {"html": sample.page.text, "url": sample.gold.get("url") or ""}
            found = asked(process, question, _PATIENCE)
            if found is None:
                ended(process)
                process = started(command)
                yield Answer(cpu=_PATIENCE * 1000, error=f"no answer within {_PATIENCE} s")
                continue
            fields = {name: found.get(name) or "" for name in ("text", "title", "author", "date")}
            yield Answer(**fields, posts=[], cpu=found["cpu"], error=found["error"])
    finally:
        ended(process)


def main() -> None:
    parser = called("benchmarks.reading", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="packed data (.tar.zst), or a directory of that form")
    parser.add_argument("--peers", default=",".join(PEERS), help="names with commas, or none")
    parser.add_argument("--folds", type=int, default=5, help="parts of the cross-validation; 0: the shipped model")
    parser.add_argument("--worst", type=int, default=0, help="so many of our worst pages are named")
    given = parser.parse_args()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        made = apart.submit(cross_validated, given.data, given.folds).result() if given.folds else {}
    gathered = list(samples(given.data))
    answers = {"pressmark": list(ours(gathered, given.folds, made))}
    for name in PEERS if given.peers != "none" else ():
        if name in given.peers.split(","):
            try:
                answers[name] = list(peer(name, gathered))
            except NotInstalled as problem:
                print(f"{name}: {problem}")
    print(f"{len(gathered)} pages, load {os.getloadavg()[0]:.1f}, {datetime.now(UTC):%Y-%m-%d}")
    print(report(gathered, answers, REFERENCE))
    for line in worst(gathered, answers["pressmark"], given.worst):
        print(line)


if __name__ == "__main__":
    main()
