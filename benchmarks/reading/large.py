"""Read the largest pages that are read: what that costs, by kind.

    python -m benchmarks.reading.large [--only KIND,…]

A page has 8 MiB and is nearly all of one kind. Each is read in a process of its own. CPU is that of the reading alone;
memory is the peak of the process.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count

from benchmarks.machine import called, load
from extractor.html.page import Page
from extractor.reading import LIMIT, extract, first_elements
from extractor.reading import load as load_models

MOST_CPU, MOST_MEMORY = 10.0, 1 << 30
_WORDS = (
    *("harbour", "city", "council", "report", "science", "forum", "policy"),
    *("minister", "energy", "research", "water", "light", "money", "people"),
)
_HEAD = "<title>A long page</title><main><h1>A long page</h1><p>What follows is long.</p>"


def said(number: int, words: int) -> str:
    """Return a sentence of that many words; the same number gives the same one."""
    start, step = number * 7919, number % 13 + 1
    return " ".join(_WORDS[(start + step * place) % len(_WORDS)] for place in range(words)).capitalize() + "."


def row(number: int) -> str:
    return f"<tr><td>{number}<td>{said(number, 3)}<td>{number * 7}<td>{said(number + 1, 2)}</tr>"


KINDS: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda number: f"<p>{said(number, 40)}</p>",
    "one table": row,
    "one table of numbers": lambda number: f"<tr>{''.join(f'<td>{number + n}</td>' for n in range(12))}</tr>",
    "small tables": lambda number: f"<h2>{number}</h2><table>{''.join(map(row, range(number, number + 9)))}</table>",
    "tables of one cell": lambda number: f"<table><tr><td>{number}</td></tr></table>",
    "one block of code": lambda number: f"    value_{number} = function(a, {number})  # {said(number, 4)}\n",
    "coloured code": lambda number: f"<span class=k>def</span> <span class=n>f{number}</span>(x):\n",
    "small blocks of code": lambda number: f"<p>{said(number, 10)}</p><pre><code>f({number})\nf()</code></pre>",
    "one list": lambda number: f"<li>{said(number, 8)}</li>",
    "links": lambda number: f"<li><a href='/x/{number}'>{said(number, 5)}</a></li>",
    "comments in comments": lambda number: f"<ul class=children><li class=comment><p>{said(number, 20)}",
    "formulas": lambda number: f"<p>{said(number, 6)} <math><mi>x</mi><mo>=</mo><mn>{number}</mn></math></p>",
    "inline markup": lambda number: f"<b>{said(number, 1)}</b> <a href='/y{number}'>{said(number, 2)}</a> ",
}
_AROUND = {
    "one table": "table",
    "one table of numbers": "table",
    "one block of code": "pre",
    "coloured code": "pre",
    "one list": "ul",
    "links": "ul",
    "inline markup": "p",
}


def page_of(kind: str) -> bytes:
    """Return the page of a kind."""
    around = _AROUND.get(kind, "div")
    parts, size = [_HEAD, f"<{around}>"], 0
    for number in count():
        parts.append(KINDS[kind](number))
        size += len(parts[-1])
        if size > LIMIT - 200:
            return "".join([*parts, f"</{around}>"]).encode()[:LIMIT]
    raise AssertionError


def measure(kind: str) -> None:
    page = Page("http://long.example/page", first_elements(page_of(kind))[0], "text/html; charset=utf-8")
    load_models()
    before = time.process_time()
    text = extract(page)
    used = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    met = used <= MOST_CPU and memory <= MOST_MEMORY and text is not None
    print(f"{kind:34} {used:6.2f} s  {memory / (1 << 20):6.0f} MiB  {'' if met else 'NOT met'}", flush=True)


def main() -> None:
    arguments = called("benchmarks.reading.large", __doc__)
    arguments.add_argument("--only", default=",".join(KINDS))
    arguments.add_argument("--alone", help="the kind that this process measures")
    given = arguments.parse_args()
    if given.alone:
        measure(given.alone)
        return
    for kind in given.only.split(","):
        subprocess.run([sys.executable, "-m", "benchmarks.reading.large", "--alone", kind], check=True)
    print(load())


if __name__ == "__main__":
    main()
