"""Put into the text of a tree what inline elements say: raised and lowered figures, quotation marks.

Without it, "10<sup>6</sup>" would be read as 106, and a reading in ruby as a part of the word.
"""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.notation.struck_words import BLOCKS
from extractor.html.notation.tex import FORMULA
from extractor.html.regions import ancestors, vocabulary

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SIGNS = frozenset("+-−=()")
_FIGURES = frozenset("0123456789+-−")
_CODE_WORDS = re.compile(r"code|highlight|language-|lang-|brush|source|prettyprint|hljs|prism", re.IGNORECASE)
_ORDINALS = vocabulary(
    "st nd rd th er re ère ème eme nde ième ieme ers res es me mes lle lles te ste ter ro do to mo vo no os as gr le"
)
"""Endings of ordinal numbers and abbreviations, in English, French, German, Spanish: they stay as they are."""
_SHORT_ORDINALS = vocabulary("e o a r d h ᵉ è")
"""The same after a figure, a Roman numeral, a capital or a dot only: after a small letter, they are exponents."""
_SIGNED = {"tm": "™", "sm": "℠", "r": "®", "c": "©"}
_PLAIN = _ORDINALS | _SHORT_ORDINALS | _SIGNED.keys()
_NOTE_WORDS = re.compile(r"foot-?note|noteref|reference|citation|\bfn|endnote|cite|bibr", re.IGNORECASE)
_NOTE = re.compile(r"[\w,;–-]{1,12}")
_LIST = re.compile(r"\d{1,3}(?:\s*[,–-]\s*\d{1,3})+")
_FEW = 16
_LONGEST = 24
_MOST = 20_000
_QUOTES = {
    "de": "„“‚‘", "da": "„“‚‘", "cs": "„“‚‘", "pl": "„”‚’", "fr": "«»“”", "ru": "«»„“", "uk": "«»„“", "it": "«»“”",
    "es": "«»“”", "pt": "«»“”", "ja": "「」『』", "sv": "””’’", "fi": "””’’",
}  # fmt: skip
_DEFAULT_QUOTES = "“”‘’"
_ANY_QUOTE = frozenset("\"'“”„‟‘’‚«»‹›「」『』")


def write_marks(tree: LexborHTMLParser, tags: Set[str]) -> None:
    """Write what the inline elements of a page say into its text. `tags` are in its markup."""
    if tags & {"ruby", "rt"}:
        for node in tree.css("ruby rp, ruby rt, ruby rtc"):
            _empty(node)
    if tags & {"sup", "sub"}:
        _write_scripts(tree, "pre" in tags)
    if "q" in tags:
        _write_quotes(tree)
    if "kbd" in tags:
        for node in tree.css("kbd + kbd")[:_MOST]:
            before = node.prev
            if before is not None and before.tag == "kbd" and _pre_around(node) is None:
                node.insert_before(" ")


def _write_scripts(tree: LexborHTMLParser, preformatted: bool) -> None:
    codes = {pre.mem_id for pre in tree.css("pre")[:_MOST] if _is_code(pre)} if preformatted else frozenset()
    for node in reversed(tree.css("sup,sub")[:_MOST]):
        pre = _pre_around(node) if preformatted else None
        if pre is None:
            _write_script(node)
        elif pre.mem_id not in codes:
            _write_figures(node)


def _empty(node: LexborNode) -> None:
    for part in [*_short(node)[1]]:
        part.replace_with("")


def _short(node: LexborNode, most: int = _LONGEST) -> tuple[str, list[LexborNode]]:
    """Return the text of an element and its text nodes; empty if it is longer, or not simple."""
    text, nodes = "", []
    for number, part in enumerate(islice(node.traverse(include_text=True), _FEW + 1)):
        if number == _FEW or part.tag in BLOCKS or part.tag == FORMULA:
            return "", []
        if part.is_text_node:
            text += part.text_content or ""
            nodes.append(part)
            if len(text) > most:
                return "", []
    return text, nodes


def _before(node: LexborNode) -> str:
    """Return the end of the text before an element in its line; empty if there is none."""
    for around in (node, *islice(ancestors(node), 3)):
        if around.tag in BLOCKS:
            return ""
        before = around.prev
        if before is not None and before.tag != "br":
            for _ in range(_FEW):
                if before is None or not before.is_element_node:
                    break
                before = before.last_child
            return (before.text_content or "")[-3:] if before is not None and before.is_text_node else ""
    return ""


def _pre_around(node: LexborNode) -> LexborNode | None:
    """Return the preformatted element around an element."""
    return next((around for around in islice(ancestors(node), _FEW) if around.tag == "pre"), None)


def _is_code(pre: LexborNode) -> bool:
    """Return whether a preformatted element holds code, whose letters are exact, and no verses or figures."""
    named = (pre, *islice(ancestors(pre), 2))
    return pre.css_first("code,samp,kbd") is not None or any(
        _CODE_WORDS.search(around.attributes.get("class") or "") for around in named
    )


def _write_figures(node: LexborNode) -> None:
    """Write a raised or lowered text in preformatted text: only figures, which would become parts of others."""
    written, nodes = _short(node)
    text = " ".join(written.split())
    if text and all(letter in _FIGURES for letter in text):
        _say(nodes, _script(text, _before(node)[-1:], _RAISED if node.tag == "sup" else _LOWERED, "", ""))


def _write_script(node: LexborNode) -> None:
    written, nodes = _short(node)
    text = " ".join(written.split())
    if not text or len(nodes) == 0:
        if node.first_child is not None and _before(node)[-1:].isalnum():
            node.insert_before(" ")
        return
    if node.tag == "sup" and _write_note(node, text, nodes):
        return
    word = _before(node)
    if (
        node.tag == "sup"
        and len(text) > 1
        and text.isalpha()
        and text.lower() not in _PLAIN
        and word[-2:].isalpha()
        and len(word) > 1
    ):
        node.insert_before(" ")  # a label at a word
        return
    before = word[-1:]
    said = raised(text, before) if node.tag == "sup" else lowered(text, before)
    if said != text:
        _say(nodes, said)


def _say(nodes: list[LexborNode], said: str) -> None:
    nodes[0].replace_with(said)
    for other in nodes[1:]:
        other.replace_with("")


def _write_note(node: LexborNode, text: str, nodes: list[LexborNode]) -> bool:
    """Put a mark of a footnote into brackets, so that it does not become a part of the word before it."""
    before = _before(node)[-1:]
    if not _is_note(node, text, before):
        return False
    if _NOTE.fullmatch(text) or _LIST.fullmatch(text):
        nodes[0].insert_before("[")
        nodes[-1].insert_after("]")
    return True


def _is_note(node: LexborNode, text: str, before: str) -> bool:
    if node.css_first("a") is not None or any(
        around.tag == "a" and (around.text() or "").strip() == text for around in islice(ancestors(node), 2)
    ):
        return text.lower() not in _ORDINALS and text.lower() not in _SIGNED
    attributes = node.attributes
    named = f"{attributes.get('class') or ''} {attributes.get('role') or ''} {attributes.get('id') or ''}"
    if _NOTE_WORDS.search(named):
        return True
    return (
        bool(_LIST.fullmatch(text))
        and not text.startswith("-")
        and (before.isalpha() or before in tuple(".,;:!?)”。，"))
    )


def raised(text: str, before: str) -> str:
    """Return a raised text after the character `before`: figures as such, 4th and ™ plain, other exponents after ^."""
    low = text.lower()
    if low in _SIGNED and (len(low) > 1 or not before.isalnum()) and before:
        return _SIGNED[low]
    if low in _ORDINALS and (len(low) > 2 or before.isalnum() or before == "."):
        return text
    if low in _SHORT_ORDINALS and (
        before.isdecimal() or before.isupper() or before == "." or (low == "o" and before in "nN")
    ):
        return text
    return _script(text, before, _RAISED, "^", "ni")


def lowered(text: str, before: str) -> str:
    """Return a lowered text after the character `before`: figures as such, other indices after _."""
    return _script(text, before, _LOWERED, "_", "")


def _script(text: str, before: str, table: dict[int, int], sign: str, letters: str) -> str:
    """Return a raised or lowered text: figures as such, other exponents and indices after a sign."""
    plain = text.replace(" ", "")
    figures = all(
        (letter.isascii() and letter.isdecimal()) or letter in _SIGNS or letter in letters for letter in plain
    )
    if figures:
        return plain.translate(table) if before or plain.isdecimal() else text
    if _is_bracketed(text) or not before or not (before.isalnum() or before in ")]}|′'"):
        return text
    if not (text[0].isalnum() or text[0] in "({[+-−"):
        return text
    if " " in text and len(text) > 8:
        return f" {text}"
    return f"{sign}{text}" if text.isalpha() or text.isdecimal() else f"{sign}({text})"


def _is_bracketed(text: str) -> bool:
    """Return whether a text has brackets of its own, and is a mark or a remark."""
    return text[0] + text[-1] == "[]" or not text.isprintable() or (text[0] == "(" and not text.isascii())


def _write_quotes(tree: LexborHTMLParser) -> None:
    html = tree.root
    language = ((html.attributes.get("lang") or "") if html is not None else "").lower()[:2]
    signs = _QUOTES.get(language, _DEFAULT_QUOTES)
    for node in tree.css("q")[:_MOST]:
        first, last = node.first_child, node.last_child
        if first is None or last is None:
            continue
        parts = [*islice(node.traverse(include_text=True), 4 * _FEW)]
        said = next((part.text_content or "" for part in parts if part.is_text_node), "")
        if (
            any(part.tag in BLOCKS for part in parts)
            or said.lstrip()[:1] in _ANY_QUOTE
            or _before(node)[-1:] in _ANY_QUOTE
            or _pre_around(node) is not None
        ):
            continue
        inner = 2 * (sum(around.tag == "q" for around in islice(ancestors(node), 8)) % 2)
        first.insert_before(signs[inner])
        last.insert_after(signs[inner + 1])
