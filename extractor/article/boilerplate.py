"""Recognize elements that are never the text, by their markup: menus, forms and the like, comments, hidden elements,
the line with date and author.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.article.fields import bears_article
from extractor.article.scores import ArticleScores
from extractor.html.class_words import APPARATUS, COMMENTS, CONSENT, OTHERS, READ_ALOUD, WALL, WHEN, class_bits
from extractor.html.consent import asks_for_consent
from extractor.html.hidden_elements import is_not_shown, is_panel
from extractor.html.names_of_most import BY_NAME, MOST_OF_IT, NEARLY_ALL, Words, names_of_most, telling_names
from extractor.html.page import Page
from extractor.html.prose import letters, prose, prose_text
from extractor.html.regions import (
    APPARATUS_ROLES,
    APPARATUS_TAGS,
    DATELINE,
    FRAME,
    HEADINGS,
    ancestors,
    heads_page,
    vocabulary,
    words_in,
    words_of,
)

SHARE = 0.3
"""Fraction of the page's prose from which on a hidden element or a form stays."""
_TELLING = APPARATUS_TAGS | {"header", "time", "noscript"}
"""Elements whose purpose is clear without attributes."""
_TELLING_WORDS = APPARATUS | COMMENTS | WHEN | READ_ALOUD | WALL
_TELLING_ATTRIBUTES = vocabulary("hidden aria-hidden style role itemprop itemtype")
_OF_A_COMMENT = APPARATUS | COMMENTS
_HEADS = ",".join(sorted(HEADINGS))
_MOST_OF_A_NAME = 2
_LEVELS_BESIDE_HEADING = 2
"""Elements around the heading, and around what is beside it."""
_LONGEST_ID = 200
_TEXT_TAGS = frozenset(("main", "article"))
_TEXT = "main,article"
_DIALOGS = frozenset(("dialog", "alertdialog"))
_KEPT_ASIDES = vocabulary("footnote footnotes admonition")
_CONTROLS = ":is([data-toggle=tab],[data-bs-toggle=tab],[data-toggle=pill],[data-bs-toggle=pill],a[role=tab])"
"""The controls of tabs in Bootstrap and jQuery UI."""
_TABBED = vocabulary("nav-tabs nav-pills ui-tabs-nav")
"""The classes of the lists of these controls."""
_BESIDE_COMMENTS = "form,h2,h3,h4"
"""Elements among comments that are not comments; a form with much text surrounds them."""
_LONGEST_BESIDE, _MOST_BESIDE = 400, 20
_LONGEST_DATELINE = 160
_LONGEST_NOTICE = 400
"""Maximum bytes of running text in the notice of a paywall; a longer one holds the rest of the article."""


def may_show_purpose(tag: str, attributes: dict[str, str | None], bits: int) -> bool:
    """Return whether an element's markup may show its purpose. `bits` are those of `extractor.html.class_words`."""
    return bits & _TELLING_WORDS > 0 or tag in _TELLING or not _TELLING_ATTRIBUTES.isdisjoint(attributes)


def has_heading(node: LexborNode) -> bool:
    """Return whether an element contains a heading."""
    return node.css_first(_HEADS) is not None


class Boilerplate:
    """Recognizes the elements of a page that are never the text.

    With `thread`, comments are text; with `lenient`, comments, menus and the like are not searched for. Class names
    with the words in `spared` exclude nothing. With `dated`, lines with a day or an author alone are text.
    """

    def __init__(
        self,
        page: Page,
        thread: bool,
        weighing: ArticleScores,
        *,
        lenient: bool = False,
        dated: bool = False,
        spared: AbstractSet[Words] = frozenset(),
    ) -> None:
        self.comments = 0
        """Characters of comments found so far."""
        self._by_name: list[LexborNode] = []
        """The elements that only a class or an id excludes."""
        self._large: list[LexborNode] = []
        """Those that it does not, since they have most of the running text."""
        self._around_heading: set[int] = set()
        self._spared = spared
        self._page = page
        self._thread = thread
        self._lenient = lenient
        self._undated = not (thread or dated)
        self._weighing = weighing

    def holds(self, node: LexborNode, tag: str, attributes: dict[str, str | None], bits: int) -> bool:
        """Return whether an element is never the text. The container of the article is text, whatever its name. Hidden
        source of the page only repeats the text.
        """
        if tag in FRAME or tag == "a":
            return False
        if self._spared and bits & BY_NAME and not self._spared.isdisjoint(telling_names(attributes)):
            bits &= ~BY_NAME
        if bits & _OF_A_COMMENT and _links_to_itself(node, tag, attributes):
            bits = 0
        elif bits & _OF_A_COMMENT and _is_named_by_heading(node, tag, attributes):
            bits = class_bits(attributes.get("class"), None)
        if not self._lenient:
            if not self._thread and _is_comments(attributes, bits):
                return self._is_comments_only(node)
            if self._is_apparatus(node, tag, attributes, bits):
                share = NEARLY_ALL if _is_apparatus_itself(tag, attributes, bits) else MOST_OF_IT
                outside = not self._bears_much(node, share) or (_may_ask(attributes, bits) and self._is_apart(node))
                if bits & BY_NAME and tag not in _TELLING and not _has_apparatus_role(attributes):
                    (self._by_name if outside else self._large).append(node)
                return outside
        if tag == "noscript" or (is_not_shown(tag, attributes) and not self._is_opened(attributes)):
            return tag == "pre" or not self._weighing.has_share(node, SHARE)
        return self._undated and (tag == "time" or bits & WHEN > 0) and _is_dateline(node)

    def bears(self, node: LexborNode) -> bool:
        """Return whether an element contains the page's heading, or the element marked as the article's body."""
        return self._weighing.bears(node)

    def begin(self, heading: LexborNode) -> None:
        """Note the heading of the page: names of what is above it do not count as names of the text."""
        self._by_name.clear()
        self._large.clear()
        around = islice(ancestors(heading), _LEVELS_BESIDE_HEADING)
        self._around_heading = {node.mem_id for node in around if node.tag not in ("html", "body")}

    def names_beside_heading(self) -> frozenset[Words]:
        """Return the names that exclude something beside the heading, which is the page if there is nothing else."""
        beside = (
            node
            for node in self._by_name
            if any(outer.mem_id in self._around_heading for outer in islice(ancestors(node), _LEVELS_BESIDE_HEADING))
        )
        return frozenset().union(*(telling_names(node.attributes) for node in beside if not asks_for_consent(node)))

    def names_of_most(self, texts: Iterable[str]) -> frozenset[Words]:
        """Return the names that exclude most of the page's running text. `texts` are what is not excluded."""
        return names_of_most(self._by_name, self._large, texts, self._page.running)

    def _is_opened(self, attributes: dict[str, str | None]) -> bool:
        """Return whether a control opens a hidden element: by its id, or by what it says of itself."""
        return attributes.get("id") in self._opened or is_panel(attributes)

    @cached_property
    def _opened(self) -> frozenset[str]:
        """The ids of elements that the page's controls open: panels of tabs, answers below questions."""
        index = self._page.tree_index
        named = [control.attributes.get("aria-controls") for control in index.all("[aria-controls]")]
        tabbed = not self._page.names.isdisjoint(_TABBED)
        for control in self._page.tree.css(_CONTROLS) if tabbed else ():
            attributes = control.attributes
            aim = attributes.get("data-bs-target") or attributes.get("data-target") or attributes.get("href") or ""
            named.append(aim[1:] if aim.startswith("#") else None)
        return frozenset(" ".join(filter(None, named)).split())

    def _is_comments_only(self, node: LexborNode) -> bool:
        if self._weighing.bears(node):
            return False
        lengths = map(letters, node.css(_BESIDE_COMMENTS)[:_MOST_BESIDE])
        beside = sum(length for length in lengths if length < _LONGEST_BESIDE)
        self.comments += max(letters(node) - beside, 0)
        return True

    def _is_apparatus(self, node: LexborNode, tag: str, attributes: dict[str, str | None], bits: int) -> bool:
        """Like `extractor.html.regions.is_apparatus`.

        In a discussion, only the reply form and its help count: engines use such names for everything.
        """
        if self._thread:
            asks = tag == "form" and node.css_first("textarea") is not None
            return asks or bits & _OF_A_COMMENT == _OF_A_COMMENT
        if tag in APPARATUS_TAGS or _has_apparatus_role(attributes):
            return not (tag == "footer" and _is_quoted(node)) and not (tag == "aside" and _is_note(node))
        if tag == "header":
            return heads_page(node)
        return bits & APPARATUS > 0 or (bits & WALL > 0 and prose(node) <= _LONGEST_NOTICE)

    def _is_apart(self, dialog: LexborNode) -> bool:
        """Return whether it asks for consent, and a text or a title is elsewhere, than which it can be longer."""
        if dialog.tag in _TEXT_TAGS or dialog.css_first(_TEXT) is not None or not asks_for_consent(dialog):
            return False
        around = {node.mem_id for node in (dialog, *ancestors(dialog))}
        if any(text.mem_id not in around and prose(text) for text in self._page.tree.css(_TEXT)):
            return True
        within = {heading.mem_id for heading in dialog.css("h1")}
        return any(heading.mem_id not in within for heading in self._page.tagged("h1"))

    def _bears_much(self, node: LexborNode, share: float) -> bool:
        return self._weighing.bears(node) or self._weighing.has_share(node, share)


def _links_to_itself(node: LexborNode, tag: str, attributes: dict[str, str | None]) -> bool:
    """Return whether a heading has a link to its own place, as headings of a text have: Docusaurus gives them a class
    for the navigation bar that covers them.
    """
    own = attributes.get("id")
    if not own or tag not in HEADINGS:
        return False
    return any(link.attributes.get("href") == f"#{own}" for link in node.css("a[href^='#']"))


def _is_named_by_heading(node: LexborNode, tag: str, attributes: dict[str, str | None]) -> bool:
    """Return whether an id consists of more than two words of a heading, like `what-share-of-adolescents`: the id of
    the heading itself, or of a section whose heading links to it, as in documentation.
    """
    own = attributes.get("id")
    if not own or len(words_in(own[:_LONGEST_ID])) <= _MOST_OF_A_NAME:
        return False
    if tag in HEADINGS:
        return True
    heading = node.css_first(_HEADS)
    link = heading.css_first("a[href]") if heading is not None else None
    return link is not None and link.attributes.get("href") == f"#{own}"


def _is_note(aside: LexborNode) -> bool:
    """Return whether it is a footnote or an admonition of docutils, which is part of the text."""
    return not words_of(aside).isdisjoint(_KEPT_ASIDES)


def _has_apparatus_role(attributes: dict[str, str | None]) -> bool:
    return "role" in attributes and (attributes["role"] or "").lower() in APPARATUS_ROLES


def _may_ask(attributes: dict[str, str | None], bits: int) -> bool:
    """Return whether an element may be a consent dialog: by its role, or by a class."""
    return bits & CONSENT > 0 or (attributes.get("role") or "").lower() in _DIALOGS


def _is_apparatus_itself(tag: str, attributes: dict[str, str | None], bits: int) -> bool:
    """Return whether tag or role mark it as navigation, as a list of other pages, or as a consent dialog, which is
    often longer than the article. A form does not count: in old engines, it contains the page.
    """
    if tag == "header" or (tag in APPARATUS_TAGS and tag != "form"):
        return True
    return bits & (OTHERS | CONSENT) > 0 or _has_apparatus_role(attributes)


def _is_comments(attributes: dict[str, str | None], bits: int) -> bool:
    """Like `extractor.html.regions.is_comments`."""
    if bits & COMMENTS or attributes.get("role") == "comment":
        return True
    if "itemprop" in attributes and "comment" in (attributes["itemprop"] or "").split():
        return True
    return "itemtype" in attributes and (attributes["itemtype"] or "").endswith(("/Comment", "/UserComments"))


def _is_dateline(node: LexborNode) -> bool:
    """Return whether an element has only date and author: metadata, which is read elsewhere."""
    if node.tag == "time":
        return not (_is_text(node.prev) or _is_text(node.next))
    if words_of(node).isdisjoint(DATELINE) or node.tag in FRAME:
        return False
    return (
        len(prose_text(node)) <= _LONGEST_DATELINE
        and not prose(node)
        and not _is_quoted(node)
        and not bears_article(node)
    )


def _is_text(node: LexborNode | None) -> bool:
    return node is not None and node.is_text_node and bool((node.text_content or "").strip())


def _is_quoted(node: LexborNode) -> bool:
    """Return whether a footer is in a quotation: it names the source."""
    return any(parent.tag == "blockquote" for parent in ancestors(node))
