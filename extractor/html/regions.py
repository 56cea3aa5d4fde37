"""Recognize the regions of a page by tags, roles and class names.

Class names are split into words (``td-comments-title-wrap`` → td, comments, title, wrap): themes join them differently,
but use the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from selectolax.lexbor import LexborNode

_BETWEEN = re.compile(r"[\W_]+")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NO_PART = re.compile(
    r"(?<!\S)(?:\S*[\[(:]\S*"
    r"|(?:\S*[-_])?(?:no|with|without|has)[-_](?:\S*[-_])?sidebars?(?![a-z])\S*"
    r"|(?:\S*[-_])?(?:grid|layout|template)-(?:\S+-)?(?:content|main)-sidebars?(?![a-z])\S*"
    r"|(?:\S*[-_])?sidebars?(?:[-_]\S*)?[-_](?:enabled|disabled|layout|true|false)(?![a-z])\S*)"
)
"""Class names for appearance and layout: those of Tailwind with a condition or a value, and those that say whether
there is a sidebar.
"""
_OF_MODULE = re.compile(r"(?<=[^\s_]_)([A-Za-z0-9-]+)__[\w+/-]{5}(?!\S)")
"""The ending of class names from CSS modules: `table_root__adKqa` is the root of a table, and not an `ad`."""
_LONGEST = 300
_NOTHING: frozenset[str] = frozenset()
_HIGHEST = 64
_LONGEST_SIGN = 3
ENTRY_CONTENT = frozenset({"e-content", "entry-content", "TRS_Editor", "artibody"})


def vocabulary(listed: str) -> frozenset[str]:
    """Return the words of a string, separated by spaces."""
    return frozenset(listed.split())


HEADINGS = vocabulary("h1 h2 h3 h4 h5 h6")
FRAME = vocabulary("html body main")
"""Elements that contain the whole page, whatever their classes."""

APPARATUS_TAGS = vocabulary("nav footer aside form menu dialog")
APPARATUS_ROLES = vocabulary(
    "navigation banner contentinfo complementary search menu menubar toolbar dialog alertdialog alert status tooltip"
)
APPARATUS_WORDS = vocabulary(
    "nav navbar navigation menu submenu footer foot sidebar pagination pager paging pagenavi toolbar topbar"
    " masthead login copyright editsection backword share sharing sharethis sharedaddy addtoany addthis social"
    " tagcloud tags signup promo promotion ad ads adsbygoogle consent gdpr usercentrics popup modal tooltip taboola"
    " outbrain recirc recirculation disclaimer"
)
APPARATUS_BEGINNINGS = tuple(
    vocabulary("breadcrumb related recommend newsletter subscri advert sponsor cookie testimon")
)
_APPARATUS_PAIRS = tuple(
    map(
        vocabulary,
        (
            *("prev next", "author box", "author bio", "about author", "read also", "also like", "most read"),
            *("comment guidelines", "comments guidelines", "comment policy", "comments policy", "comment rules"),
            *("unauthorized message", "pmpro message"),
            "usa banner",
        ),
    )
)
"""`usa-banner` is the note above US government pages, from their design system."""
_IN_PAIRS = frozenset().union(*_APPARATUS_PAIRS)
_WALLS = vocabulary("paywall regwall")
_NOTICES = vocabulary("overlay prompt message banner gate")
_UNDER_NOTICES = vocabulary("content contents body text")
"""Words for what lies under the notice of a wall: the rest of the article."""
DATELINE = vocabulary("byline dateline date datetime pubdate pubtime timestamp published author authors")
"""Words for elements with date and author."""
COMMENT_WORDS = vocabulary("respond disqus livefyre replies pinglun liuyan")
_NO_COMMENT = ("commentar", "commented")


@lru_cache(maxsize=8192)
def words(name: str) -> frozenset[str]:
    """Return the words of class names or an id, in lower case; parts with digits are not words."""
    return frozenset(words_in(name))


def words_in(name: str) -> list[str]:
    """Return these words in their order."""
    if name.isalpha() and name.islower():
        return [name]
    found: list[str] = []
    if "__" in name:
        name = _OF_MODULE.sub(r"\1", name)
    if ":" in name or "[" in name or "(" in name or "sidebar" in name:
        name = _NO_PART.sub("", name)
    for part in name.replace("-", " ").replace("_", " ").split():
        if part.isalpha():
            if part.islower():
                found.append(part)
            else:
                found += map(str.lower, _WORD.findall(part))
        elif not part.isalnum():
            for piece in _BETWEEN.split(part):
                found += words_in(piece)
    return found


def words_of(node: LexborNode) -> frozenset[str]:
    """Return the words of an element's classes and id."""
    return _words_of(node.attributes)


def _words_of(attributes: Mapping[str, str | None]) -> frozenset[str]:
    names, own = attributes.get("class"), attributes.get("id")
    if not names and not own:
        return _NOTHING
    return words(f"{(names or '')[:_LONGEST]} {(own or '')[:_LONGEST]}")


def child_elements(node: LexborNode) -> list[LexborNode]:
    """Return the elements directly in an element."""
    found, child = [], node.first_child
    while child is not None:
        if child.is_element_node:
            found.append(child)
        child = child.next
    return found


def elements(node: LexborNode) -> Iterator[LexborNode]:
    """Yield an element and all elements in it, without comments."""
    return (part for part in node.traverse() if part.is_element_node)


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements around a node, from the inside out, 64 at most."""
    parent = node.parent
    for _ in range(_HIGHEST):
        if parent is None or not parent.is_element_node:
            return
        yield parent
        parent = parent.parent


def element_before(node: LexborNode) -> LexborNode | None:
    """Return the element before a node in the same parent, ignoring texts and comments."""
    before = node.prev
    while before is not None and not before.is_element_node:
        before = before.prev
    return before


def is_apparatus(node: LexborNode) -> bool:
    """Return whether markup shows a menu, header, footer, sidebar, share bar, advertisement, sign-up or the like."""
    tag = node.tag
    if tag in FRAME:
        return False
    attributes = node.attributes
    if tag in APPARATUS_TAGS or (attributes.get("role") or "").lower() in APPARATUS_ROLES:
        return True
    if tag == "header":
        return heads_page(node)
    return apparatus_words(_words_of(attributes))


def heads_page(header: LexborNode) -> bool:
    """Return whether a `header` is the page's, and not that of an article or a section."""
    return not any(parent.tag in ("article", "li", "section", "main") for parent in ancestors(header))


@lru_cache(maxsize=8192)
def apparatus_words(named: frozenset[str]) -> bool:
    """Return whether these words mean a menu, a share bar, an advertisement or the like."""
    return any(map(apparatus_word, named)) or apparatus_pair(named) or wall_words(named)


@lru_cache(maxsize=8192)
def apparatus_word(word: str) -> bool:
    """Return whether a single word means this."""
    return word in APPARATUS_WORDS or word.startswith(APPARATUS_BEGINNINGS)


def apparatus_pair(named: frozenset[str]) -> bool:
    """Return whether two words mean this together."""
    return len(named) > 1 and not named.isdisjoint(_IN_PAIRS) and any(pair <= named for pair in _APPARATUS_PAIRS)


def wall_words(named: frozenset[str]) -> bool:
    """Return whether these words mean the notice of a paywall; `paywall-overlay-content` is the text under it."""
    return not named.isdisjoint(_WALLS) and not named.isdisjoint(_NOTICES) and named.isdisjoint(_UNDER_NOTICES)


def is_comments(node: LexborNode) -> bool:
    """Return whether markup shows readers' comments, or their form."""
    if node.tag in FRAME:
        return False
    attributes = node.attributes
    if attributes.get("role") == "comment" or "comment" in (attributes.get("itemprop") or "").split():
        return True
    if (attributes.get("itemtype") or "").endswith(("/Comment", "/UserComments")):
        return True
    return comment_words(_words_of(attributes))


@lru_cache(maxsize=8192)
def comment_words(named: frozenset[str]) -> bool:
    """Return whether these words mean readers' comments."""
    return any(map(comment_word, named))


@lru_cache(maxsize=8192)
def comment_word(word: str) -> bool:
    """Return whether a single word means this."""
    return word in COMMENT_WORDS or (word.startswith("comment") and not word.startswith(_NO_COMMENT))


def is_entry_content(node: LexborNode) -> bool:
    """Return whether an element is named as the content of an entry.

    The names are those of microformats: `e-content` of h-entry, `entry-content` of hAtom, which WordPress themes use;
    and those of Chinese publishing systems (`TRS_Editor`) and of Sina (`artibody`).
    """
    return node.id in ENTRY_CONTENT or not ENTRY_CONTENT.isdisjoint(classes_of(node))


def is_sign_of_heading(link: LexborNode) -> bool:
    """Return whether a link in a heading is only a sign, such as ¶ or #, that leads to the heading itself."""
    if "#" not in (link.attributes.get("href") or "") or (link.prev is None and link.next is None):
        return False
    said = link.text().strip()
    return len(said) <= _LONGEST_SIGN and not any(map(str.isalnum, said))


def classes_of(node: LexborNode) -> list[str]:
    """Return the class names of an element."""
    return (node.attributes.get("class") or "").split()


def enclosing(node: LexborNode, tag: str, prefix: str) -> LexborNode | None:
    """Return the nearest element around `node` with this tag and an id with this prefix."""
    return next((p for p in ancestors(node) if p.tag == tag and (p.attrs.get("id") or "").startswith(prefix)), None)
