"""Score what is kept of formulas and code on pages in the notations of real programs.

    python -m benchmarks.reading.formulas_and_code

A formula is right if the text has it once, as TeX, in a line or on a line of its own as on the page; a code block if
the text has each of its characters, and the Markdown also its language; a page with code if no label is in its text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from benchmarks.machine import called
from benchmarks.reading.made_code import with_code
from benchmarks.reading.made_formulas import with_formulas
from benchmarks.reading.made_page import MadePage
from extractor.html.page import Page
from extractor.reading import extract

_FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>(?:\\.|[^$\\])+?)\$", re.DOTALL)
_ALIKE = {r"\le ": r"\leq", r"\lt ": "<", r"\gt ": ">", r"\,": "", r"\ast ": "*"}


def formulas_of(text: str) -> list[tuple[str, bool]]:
    """Return the formulas of a text and whether they are on lines of their own, without white space and braces."""
    return [
        (plain(found["display"] or found["inline"]), found["display"] is not None) for found in _FORMULA.finditer(text)
    ]


def plain(tex: str) -> str:
    for one, other in _ALIKE.items():
        tex = tex.replace(one, other)
    return re.sub(r"[\s{}]|\\le(?![a-z])", lambda found: r"\leq" if found[0] == r"\le" else "", tex)


def right_formulas(page: MadePage, text: str) -> int:
    """Return how many formulas of a page are in the text, each as often as on the page."""
    found, gold = Counter(formulas_of(text)), Counter((plain(said), display) for said, display in page.formulas)
    return max((found & gold).total() - max(found.total() - gold.total(), 0), 0)


def right_code(page: MadePage, text: str, markdown: str) -> tuple[int, int]:
    """Return how many code blocks are exact in the text, and how many in the Markdown, with their language."""
    folded = text.replace("\xa0", " ")
    marked = markdown.replace("\xa0", " ")
    whole = sum(f"\n{_rstripped(code)}\n" in f"\n{folded}\n" for code, _ in page.code)
    fenced = sum(f"```{language}\n{_rstripped(code)}\n```" in marked for code, language in page.code)
    return whole, fenced


def _rstripped(code: str) -> str:
    return "\n".join(line.rstrip() for line in code.split("\n"))


def labels(page: MadePage, text: str) -> list[str]:
    """Return the lines of a text that are labels around code."""
    return [line for line in text.split("\n") if line.strip() in page.never]


def main() -> None:
    called("benchmarks.reading.formulas_and_code", __doc__).parse_args()
    sums: Counter[str] = Counter()
    for page in (*with_formulas(), *with_code()):
        for line in _scored(page, sums):
            print(line)
    print(f"{sums['pages']} pages")
    for name, right in (("formulas", "right"), ("code blocks", "whole"), ("code blocks in Markdown", "fenced")):
        total = sums["formulas" if name == "formulas" else "code"]
        print(f"{name}: {sums[right]} of {total}, {sums[right] / total:.1%}")
    print(f"pages with code and a label in their text: {sums['labelled']}")


def _scored(page: MadePage, sums: Counter[str]) -> Iterator[str]:
    found = extract(Page("https://example.org/readings/1", page.html.encode(), "text/html; charset=utf-8"))
    text, markdown = (found.text, found.markdown or "") if found is not None else ("", "")
    right, (whole, fenced), said = right_formulas(page, text), right_code(page, text, markdown), labels(page, text)
    sums.update(pages=1, formulas=len(page.formulas), right=right, code=len(page.code), whole=whole, fenced=fenced)
    sums["labelled"] += bool(said)
    kinds = [f"formulas {right}/{len(page.formulas)}"] if page.formulas else []
    kinds += [f"code {whole}/{len(page.code)}, Markdown {fenced}/{len(page.code)}"] if page.code else []
    yield f"{page.name:<26}{', '.join(kinds)}" + (f", labels {said}" if said else "")


if __name__ == "__main__":
    main()
