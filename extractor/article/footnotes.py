"""Link references in the text to their notes: footnotes, endnotes, and the references of wikis.

A reference is a short link to an element of the page, raised or in brackets or named as one. Its note is that element,
if it is text further below: neither a heading nor a whole section. In the text, both get the label of the note:
``[1]``. Links from the note back to the text are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import takewhile
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from extractor.article.blocks import KIND, Blocks
from extractor.html.regions import vocabulary, words_of

_LABEL = re.compile(r"[\[(（【〔]?\s*((?:\w{1,2}\s?)?\d{1,3}|[a-z]|[ivx]{1,5}|[*†‡§¶]{1,3})\s*[\])）】〕]?\.?")
_CITATION = re.compile(r"\[([\w.+:&-]{2,20})\]")
"""The label of a work in a list of literature, as in docutils."""
_OF_CITATIONS = vocabulary("citation reference biblioref")
_BRACKETED = re.compile(r"[\[(（【〔].*[\])）】〕]\.?", re.DOTALL)
_BACK = re.compile(r"[\s^↩↵⏎⤴↑⇑←«\ufe0e\ufe0f\[\]]+|back|jump up|return", re.IGNORECASE)
_NAMED = vocabulary("footnote footnotes noteref reference fnref fn endnote sidenote note")
_ROLES = vocabulary("doc-noteref doc-biblioref")
_BACK_WORDS = vocabulary("backlink backref back backward")
_NOTE_ROLES = vocabulary("doc-footnote doc-endnote doc-endnotes doc-biblioentry")
_FOOTNOTES = vocabulary("footnote footnotes endnote endnotes citation")
_HEADINGS = frozenset(KIND[f"h{level}"] for level in range(1, 7))
_NOTES = frozenset(KIND[tag] for tag in ("li", "p", "div", "dd", "dt", "aside", "td", "tr", "section"))
_STOP = re.compile(r"\\?[.:)]\s+")
_SHORT = 24
_LONGEST_NOTE = 3_000
_MOST_NOTES = 0.3
"""Fraction of the text up to which notes belong to it that the model takes for something else."""
_NEAR = 4
"""Elements between a text and its link, or a block and its note."""
_MOST_LABELS = 2_000


@dataclass(frozen=True, slots=True)
class Notes:
    """The references and notes of a text."""

    said: dict[int, str] = field(default_factory=dict)
    """Text nodes that are references, by `mem_id`, with the label; with nothing, those that are left out."""
    notes: dict[int, str] = field(default_factory=dict)
    """The first blocks of notes, with their labels."""
    further: frozenset[int] = frozenset()
    """The other blocks of notes."""


def find_notes(blocks: Blocks, kept: Sequence[int]) -> Notes:
    """Return the references and notes among the kept blocks."""
    links = list(_references(blocks, kept))
    if not links:
        return Notes()
    targets = _targets(blocks, {link.target for link in links})
    notes = Notes()
    labels: dict[int, str] = {}
    further: set[int] = set()
    there = frozenset(kept)
    for link in links[:_MOST_LABELS]:
        note = targets.get(link.target, -1)
        numbers = [number for number in _blocks_of(blocks, note) if number in there]
        if not numbers or link.block >= numbers[0]:
            continue
        if note not in labels:
            label = _free(link.label, set(labels.values()))
            left_out = _links_back(blocks, numbers, label)
            numbers = [number for number in numbers if _is_left(blocks, number, left_out)]
            if not numbers or numbers[0] in notes.notes:
                continue
            labels[note] = notes.notes[numbers[0]] = label
            further.update(numbers[1:])
            notes.said.update(dict.fromkeys(left_out, ""))
        notes.said.update((node.mem_id, labels[note] if place == 0 else "") for place, node in enumerate(link.nodes))
        notes.said.update((node.mem_id, "") for node in _brackets(link.nodes[0]))
    return Notes(notes.said, notes.notes, frozenset(further - set(notes.notes)))


def _brackets(node: LexborNode) -> list[LexborNode]:
    """Return the brackets around a reference that are text nodes of their own: its label gets others."""
    link = _link_of(node)
    beside = [link.prev, link.next] if link is not None else []
    found = [part for part in beside if part is not None and part.is_text_node]
    return found if "".join((part.text_content or "").strip() for part in found) in ("[]", "()") else []


def without_stop(said: str) -> str:
    """Return a note without the sign between its label, which is left out, and its text."""
    found = _STOP.match(said)
    return said[found.end() :] if found else said


def _blocks_of(blocks: Blocks, note: int) -> range:
    return range(blocks.first[note], blocks.end[note]) if note >= 0 and blocks.table[note] < 0 else range(0)


def _is_left(blocks: Blocks, block: int, left_out: Set[int]) -> bool:
    """Return whether a block has text besides what is left out."""
    return any((node.text_content or "").strip() for node in blocks.pieces[block] if node.mem_id not in left_out)


def with_notes(blocks: Blocks, kept: Sequence[int]) -> tuple[int, ...]:
    """Return the kept blocks, with all notes that they refer to if some of them are kept, or if the page names them as
    footnotes and they are short beside the text: to a model of blocks, a short note looks like a menu.
    """
    links = list(_references(blocks, kept))
    if not links:
        return tuple(kept)
    targets = _targets(blocks, {link.target for link in links})
    found = set(kept)
    notes = [
        (note, numbers)
        for link in links[:_MOST_LABELS]
        if (numbers := _blocks_of(blocks, note := targets.get(link.target, -1))) and numbers[0] > link.block
    ]
    some = any(not found.isdisjoint(numbers) for _, numbers in notes)
    belong = {number for note, numbers in notes if some or _is_named(blocks, note) for number in numbers}
    letters = sum(len(blocks.texts[number]) for number in kept)
    if some or sum(len(blocks.texts[number]) for number in belong) <= letters * _MOST_NOTES:
        found |= belong
    return tuple(sorted(found))


def _is_named(blocks: Blocks, note: int) -> bool:
    """Return whether the page names an element, or one around it, as a footnote."""
    for _ in range(_NEAR):
        if note < 0:
            break
        node = blocks.nodes[note]
        if node.attributes.get("role") in _NOTE_ROLES or not words_of(node).isdisjoint(_FOOTNOTES):
            return True
        note = blocks.parent[note]
    return False


@dataclass(frozen=True, slots=True)
class _Reference:
    block: int
    nodes: Sequence[LexborNode]
    label: str
    target: str


def _references(blocks: Blocks, kept: Sequence[int]) -> Iterator[_Reference]:
    for block in kept:
        if blocks.linked[block] and blocks.linked[block] != len(blocks.texts[block]):
            if block not in blocks.references:  # several readers ask for them
                blocks.references[block] = list(_references_in(blocks, block))
            yield from blocks.references[block]


def _references_in(blocks: Blocks, block: int) -> Iterator[_Reference]:
    for link, nodes in _links(blocks, block):
        href = link.attributes.get("href") or ""
        if not href.startswith("#"):
            continue
        said = "".join(node.text_content or "" for node in nodes).strip()
        label = _LABEL.fullmatch(said) or _citation(link, said)
        if label and _is_reference(link, said):
            yield _Reference(block, nodes, label[1], unquote(href[1:]))


def _citation(link: LexborNode, said: str) -> re.Match[str] | None:
    named = link.attributes.get("role") in _ROLES or not words_of(link).isdisjoint(_OF_CITATIONS)
    return _CITATION.fullmatch(said) if named else None


def _links(blocks: Blocks, block: int) -> Iterator[tuple[LexborNode, list[LexborNode]]]:
    """Yield the links of a block with few letters, each with its text nodes."""
    last: LexborNode | None = None
    nodes: list[LexborNode] = []
    for node in blocks.pieces[block]:
        link = _link_of(node) if len(node.text_content or "") <= _SHORT else None
        if last is not None and (link is None or link.mem_id != last.mem_id):
            yield last, nodes
            nodes = []
        last = link
        if link is not None:
            nodes.append(node)
    if last is not None:
        yield last, nodes


def _link_of(node: LexborNode) -> LexborNode | None:
    around = node.parent
    for _ in range(_NEAR):
        if around is None or around.tag == "a":
            return around
        around = around.parent
    return None


def _is_reference(link: LexborNode, said: str) -> bool:
    if _BRACKETED.fullmatch(said) or link.attributes.get("role") in _ROLES or link.attributes.get("epub:type"):
        return True
    parent = link.parent
    raised = parent is not None and parent.tag in ("sup", "sub")
    return raised or link.css_first("sup") is not None or not words_of(link).isdisjoint(_NAMED)


def _targets(blocks: Blocks, wanted: set[str]) -> dict[str, int]:
    """Return the container of the note for each of these ids."""
    numbers = {node.mem_id: number for number, node in enumerate(blocks.nodes)}
    found: dict[str, int] = {}
    for node in blocks.nodes[0].css("[id],a[name]"):
        attributes = node.attributes
        name = next((name for name in (attributes.get("id"), attributes.get("name")) if name in wanted), None)
        if name is None or name in found:
            continue
        around: LexborNode | None = node
        for _ in range(_NEAR):
            if around is None or around.mem_id in numbers:
                break
            around = around.parent
        number = numbers.get(around.mem_id, -1) if around is not None else -1
        if number >= 0 and _is_note(blocks, number):
            found[name] = number
    return found


def _is_note(blocks: Blocks, number: int) -> bool:
    first, end = blocks.first[number], blocks.end[number]
    if blocks.kind[number] not in _NOTES or first == end:
        return False
    kinds = (blocks.kind[blocks.holder[block]] for block in range(first, end))
    return sum(map(len, blocks.texts[first:end])) <= _LONGEST_NOTE and _HEADINGS.isdisjoint(kinds)


def _free(label: str, taken: set[str]) -> str:
    label = "".join(label.split())
    if label not in taken:
        return label
    return next(name for count in range(2, _MOST_LABELS + 2) if (name := f"{label}-{count}") not in taken)


def _links_back(blocks: Blocks, numbers: Sequence[int], label: str) -> Set[int]:
    """Return the text nodes of a note that are links back to the text, or its own label before it, by `mem_id`."""
    found: set[int] = set()
    for block in numbers:
        for link, nodes in _links(blocks, block):
            text = "".join(node.text_content or "" for node in nodes).strip()
            own = _LABEL.fullmatch(text)
            if not (link.attributes.get("href") or "").startswith("#"):
                continue
            around = (link, *filter(None, (link.parent, link.parent and link.parent.parent)))
            back = link.attributes.get("role") == "doc-backlink" or any(
                not words_of(node).isdisjoint(_BACK_WORDS) for node in around
            )
            first = block == numbers[0] and own is not None and own[1] == label
            if back or first or _BACK.fullmatch(text):
                found.update(node.mem_id for node in nodes)
    first_nodes = [node for node in blocks.pieces[numbers[0]] if node.mem_id not in found]
    if found and "".join(node.text_content or "" for node in first_nodes).strip() in ("[]", "()", "[", "]"):
        found.update(node.mem_id for node in first_nodes)
    elif found:  # an arrow before the links back, as in wikis
        arrows = takewhile(lambda node: _BACK.fullmatch(node.text_content or " "), first_nodes)
        found.update(node.mem_id for node in arrows)
    return found
