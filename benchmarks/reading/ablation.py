"""Print what each rule and each list of words of the reader gains on pages of each source.

    python -m benchmarks.reading.ablation --data FILE

Each page is read with a model that was trained without the pages of its source: once with everything, and once without
each part. The pages that programs build of our texts are one more source, read with the shipped model. A part is a rule
about doubtful blocks (`extractor.article.doubtful_blocks`), or the verdict of a list of class words
(`extractor.article.boilerplate`); without the verdict, the words still are evidence to the model. The gain is the F1
that the part adds, in thousandths, and the number of pages on which it changes the text. *Least* is the mean gain
without the source that gains most: a part that only helps on the pages that it was made from gains nothing there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from unittest.mock import patch

from benchmarks.machine import called
from benchmarks.reading.data import Sample, samples
from benchmarks.reading.programs.every import built_pages
from benchmarks.reading.scoring import mark_text
from benchmarks.reading.train import without_each_source
from extractor.article import doubtful_blocks
from extractor.article.article import PageLayout, known_of, lay_out
from extractor.article.boilerplate import Boilerplate
from extractor.article.classifier import choose, model
from extractor.article.features import PageContext
from extractor.html.class_words import APPARATUS, COMMENTS, CONSENT, OTHERS, WALL, WHEN
from extractor.html.trees import Trees
from extractor.metadata.metadata import read_metadata

MADE = "programs"
VERDICTS = {
    "apparatus": APPARATUS | WALL,
    "comments": COMMENTS,
    "consent": CONSENT,
    "lists of others": OTHERS,
    "when": WHEN,
}
RULES = {rule.__name__.strip("_"): rule for rule in doubtful_blocks.RULES}


@contextmanager
def without_rule(name: str) -> Iterator[None]:
    """Leave out a rule about doubtful blocks."""
    kept = tuple(rule for rule in doubtful_blocks.RULES if rule is not RULES[name])
    with patch.object(doubtful_blocks, "RULES", kept):
        yield


@contextmanager
def without_verdict(bit: int) -> Iterator[None]:
    """Leave out the verdict of a list of class words."""
    holds = Boilerplate.holds

    def unworded(self: Boilerplate, node: object, tag: str, attributes: dict[str, str | None], bits: int) -> bool:
        return holds(self, node, tag, attributes, bits & ~bit)  # type: ignore[arg-type]

    with patch.object(Boilerplate, "holds", unworded):
        yield


def gains(sample: Sample, trees: Trees) -> Mapping[str, float]:
    """Return the F1 that each part adds to the text of a page, for the parts that change it."""
    metadata = read_metadata(sample.page)
    laid = lay_out(sample.page, metadata.thread)
    known = known_of(laid, metadata.title)
    whole = _text(laid, known, trees)
    found: dict[str, str] = {}
    for name in RULES:
        with without_rule(name):
            found[name] = _text(laid, known, trees)
    for name, bit in VERDICTS.items():
        with without_verdict(bit):
            other = lay_out(sample.page, metadata.thread)
        if other.blocks.texts != laid.blocks.texts:
            found[f"verdict: {name}"] = _text(other, known_of(other, metadata.title), trees)
    gold = sample.gold["text"]
    changed = {name: text for name, text in found.items() if text != whole}
    reached = mark_text(whole, gold).f1 if changed else 0.0
    return {name: reached - mark_text(text, gold).f1 for name, text in changed.items()}


def _text(laid: PageLayout, known: PageContext, trees: Trees) -> str:
    return "\n".join(laid.blocks.texts[number] for number in choose(laid.blocks, known, trees).kept)


def table(gathered: Sequence[Sample], models: Mapping[str, Trees]) -> Iterator[str]:
    """Yield a line for each part."""
    added: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    pages: dict[str, int] = defaultdict(int)
    for sample in gathered:
        pages[sample.source] += 1
        for name, gain in gains(sample, models[sample.source]).items():
            added[name][sample.source].append(gain)
    sources = sorted(pages)
    yield f"{'gain in thousandths of F1 (pages)':<34}" + "".join(f"{name:>20}" for name in sources) + f"{'least':>9}"
    for name in (*RULES, *(f"verdict: {words}" for words in VERDICTS)):
        each = {source: 1000 * sum(added[name][source]) / pages[source] for source in sources}
        shown = "".join(f"{each[source]:>14.2f} ({len(added[name][source]):>3})" for source in sources)
        used = [each[source] for source in sources if added[name][source]]
        least = fmean(sorted(used)[:-1]) if len(used) > 1 else 0.0
        yield f"{name:<34}{shown}{least:>9.2f}"


def judged(data: Path) -> list[Sample]:
    """Return the articles and pages of documentation with a gold text: posts of forums are not chosen by the model."""
    wanted = ("article", "documentation")
    return [sample for sample in samples(data) if sample.gold.get("text") and sample.gold["type"] in wanted]


def made() -> list[Sample]:
    """Return the pages that programs build, without those that are set apart."""
    return [
        Sample({"ds": MADE, "id": page.text.name, "url": page.url, "text": page.text.gold}, page.html)
        for page in built_pages()
        if not page.program.apart
    ]


def main() -> None:
    parser = called("benchmarks.reading.ablation", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="packed data (.tar.zst), or a directory of that form")
    given = parser.parse_args()
    models = {**without_each_source(given.data), MADE: model()}
    for line in table([*judged(given.data), *made()], models):
        print(line)


if __name__ == "__main__":
    main()
