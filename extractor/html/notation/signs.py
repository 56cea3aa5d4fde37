"""Write signs into the text that pages show as images or beside hidden words: ❤, the bar of a fraction, a minus sign.

Without them, a half would be read as 12, and −5 degrees as 5.
"""

from __future__ import annotations

from collections.abc import Set

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import classes_of, vocabulary

_FRACTIONS = vocabulary("frac sfrac")
_SPOKEN = ".frac .sr-only,.frac .visualhide,.sfrac .sr-only,.sfrac .visualhide"
"""What screen readers say between the parts of a fraction of MediaWiki, which a style shows as a gap or a bar."""
_SAID = {"+": " ", "/": "/"}
_EMOJI = vocabulary("emoji wp-smiley emojione twemoji joypixels")
_LONGEST_EMOJI = 16
_SIGNS = frozenset("-+/%$−–×±°£€")
_TEXTUAL = vocabulary("p li td th h1 h2 h3 h4 h5 h6 span em strong b i a font dd dt blockquote")
_MOST = 5_000


def write_signs(tree: LexborHTMLParser, names: Set[str], *, images: bool, signs: bool) -> None:
    """Write the signs of a page. `names` are its classes and ids; `images` and `signs` say whether some image, and some
    element that is hidden from screen readers, may be one.
    """
    if not names.isdisjoint(_FRACTIONS):
        for node in tree.css(_SPOKEN)[:_MOST]:
            if (said := _SAID.get(node.text().strip())) is not None:
                node.replace_with(said)
        for node in tree.css(".sfrac")[:_MOST]:
            before = node.prev
            if before is not None and before.is_text_node and (before.text_content or "")[-1:].isdecimal():
                node.insert_before(" ")  # three, and a quarter
    if images or not names.isdisjoint(_EMOJI):
        for image in tree.css("img[alt]")[:_MOST]:
            if _stands_for_text(image):
                image.replace_with(image.attributes.get("alt") or "")
    if signs:
        for node in tree.css("[aria-hidden=true]")[:_MOST]:
            if may_be_sign(node) and _is_at_number(node):
                del node.attrs["aria-hidden"]


def may_stand_for_text(image: LexborNode) -> bool:
    """Return whether the alternative text of an image is one character."""
    return len((image.attributes.get("alt") or "").strip()) == 1


def may_be_sign(hidden: LexborNode) -> bool:
    """Return whether an element that is hidden from screen readers shows a sign."""
    return hidden.first_child is not None and hidden.text().strip() in _SIGNS


def _stands_for_text(image: LexborNode) -> bool:
    """Return whether an image shows an emoji, or one character in a line of text."""
    alt, outer = (image.attributes.get("alt") or "").strip(), image.parent
    if not _EMOJI.isdisjoint(classes_of(image)):
        return 0 < len(alt) <= _LONGEST_EMOJI and not alt.isascii()  # no name of one, and no ":)"
    is_one = len(alt) == 1 and (alt.isalnum() or not alt.isascii())
    return is_one and outer is not None and outer.tag in _TEXTUAL and (_is_text(image.prev) or _is_text(image.next))


def _is_text(node: LexborNode | None) -> bool:
    return node is not None and node.is_text_node and bool((node.text_content or "").strip())


def _is_at_number(node: LexborNode) -> bool:
    """Return whether a number follows a sign, or ends before it. What is read aloud in its place may be between."""
    after = node.next
    if after is not None and after.is_element_node and after.tag == "span":
        after = after.next
    before = node.prev
    follows = after is not None and after.is_text_node and (after.text_content or "")[:1].isdecimal()
    return follows or (before is not None and before.is_text_node and (before.text_content or "")[-1:].isdecimal())
