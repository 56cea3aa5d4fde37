"""Change a YAML list in place: the comments of its items stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken


def may_edit(node: Any, before: Sequence[Any]) -> bool:
    """Return whether a node is a list with these items, one per line, that nothing else in the file refers to."""
    return (
        isinstance(node, CommentedSeq)
        and not node.fa.flow_style()
        and node.yaml_anchor() is None
        and len(node) == len(before)
    )


def edit_list(node: CommentedSeq, before: Sequence[Any], after: Sequence[Any]) -> None:
    """Turn the items `before` of a list into `after`, which has some.

    The comment beside an item is removed with it. The lines above a removed item stay, above the next one.
    """
    sources = list(_sources(before, after))
    above, beside = _comments(node)
    places = {old: new for new, old in enumerate(sources) if old is not None}
    new_above = [""] * (len(after) + 1)
    carried = ""
    for old, lines in enumerate(above):
        carried += lines
        place = len(after) if old == len(before) else places.get(old)
        if place is not None:
            new_above[place] += carried
            carried = ""
    values = [
        node[old] if old is not None and before[old] == value else value
        for old, value in zip(sources, after, strict=True)
    ]
    node[:] = []
    node.extend(values)
    node.ca.items.clear()
    for place, came_from in enumerate(sources):
        token = None if came_from is None else beside[came_from]
        text, mark = (token.value.partition("\n")[0], token.start_mark) if token else ("", CommentMark(0))
        lines = new_above[place + 1]
        first = [CommentToken(new_above[0], CommentMark(0), None)] if place == 0 and new_above[0] else None
        if text or lines or first:
            after_it = CommentToken(f"{text}\n{lines}", mark, None) if text or lines else None
            node.ca.items[place] = [after_it, first, None, None]


def _sources(before: Sequence[Any], after: Sequence[Any]) -> Iterator[int | None]:
    """Yield for each new item the former one that it is, or replaces; None for one that was added."""
    matched = SequenceMatcher(None, [str(one) for one in before], [str(one) for one in after], autojunk=False)
    for _, first, end, new_first, new_end in matched.get_opcodes():
        for number in range(new_end - new_first):
            yield first + number if first + number < end else None


def _comments(node: CommentedSeq) -> tuple[list[str], list[Any]]:
    """Return the comment lines above each item, with those below the last, and the comment that begins beside each."""
    above, beside = [""] * (len(node) + 1), [None] * len(node)
    for place, tokens in node.ca.items.items():
        above[place] = above[place] + "".join(token.value for token in tokens[1] or ())
        if tokens[0] is not None:
            beside[place] = tokens[0]
            above[place + 1] = tokens[0].value.partition("\n")[2]
    return above, beside
