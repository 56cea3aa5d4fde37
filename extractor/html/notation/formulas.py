"""Put TeX in the place of formulas: of MathJax, KaTeX, MathML, LaTeXML, and images with TeX as their alternative text.

A page has a formula several times: for eyes, for screen readers, and as its source. One `FORMULA` element replaces them
all, so that it is read once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.notation.formula_delimiters import PROCESSED, write_delimited
from extractor.html.notation.formula_signs import signs_of_formulas
from extractor.html.notation.katex_glyphs import glyphs_as_mathml
from extractor.html.notation.mathjax_glyphs import drawing_as_mathml
from extractor.html.notation.mathml import tex_of
from extractor.html.notation.tex import FORMULA, formula, stays_in_line, tex
from extractor.html.regions import classes_of, vocabulary

_OF_FORMULAS = vocabulary("math mjx-container")
_BY_NAME = vocabulary("[data-tex] img[eeimg] img[src*='equation?tex=']")
"""Attributes of Zhihu's formulas, which have class names too."""
_OF_IMAGES = vocabulary("ztext-math latex tex ee_img formulainl formuladsp formula equation wirisformula")
"""Class names of formulas on pages without the letters "math", in lower case."""
_WHOLE = (
    "mjx-container,.katex-display,.katex,.mwe-math-element,math,.ltx_equation,.ltx_equationgroup,.ltx_eqn_table,"
    "script[type^='math/'],[data-tex],span.math.inline,span.math.display,code.math-inline,code.math-display,"
    "code.language-math,code.js-render-math,.latex-rendered"
)
_DRAWN = (
    ".MathJax_Preview,.MathJax_Display,.MathJax_SVG_Display,.MathJax_SVG,.MathJax_CHTML,.MathJax_MathML,"
    ".MathJax_PlainSource,.MathJax_Error,.MathJax_PHTML,.MathJax,.mjx-chtml"
)
"""What MathJax 2 draws beside its script, which has the source."""
_IMAGES = (
    "img[alt].latex,img[alt].tex,img[alt].math,img[alt].ee_img,img[eeimg],img[alt].mwe-math-fallback-image-inline,"
    "img[alt].mwe-math-fallback-image-display,img[alt].formulaInl,img[alt].formulaDsp,img[alt].formula,"
    "img[alt].equation,img[alt].Wirisformula,img[data-latex],img[src*='latex.codecogs.com'],img[src*='equation?tex='],"
    "img[src*='cht=tx'],img[src*='latex.php']"
)
_DISPLAYED = vocabulary(
    "katex-display mwe-math-fallback-image-display mwe-math-element-block formulaDsp display math-display"
    " ltx_display math-block MathJax_Display latex-rendered"
)
_LONGEST = 10_000
_MOST = 20_000
_LOOKS_LIKE_TEX = re.compile(r"[\\^_={}+<>]|^[A-Za-z]$|^\d+$|^[A-Za-z]\(\w\)$")


def write_formulas(tree: LexborHTMLParser, html: bytes, tags: Set[str], names: Set[str]) -> bool:
    """Replace the formulas of a page in UTF-8 by `FORMULA` elements; return whether there are any.

    `tags` and `names` are those of its elements and of their classes.
    """
    signs = signs_of_formulas(html)
    if not signs and tags.isdisjoint(_OF_FORMULAS) and names.isdisjoint(_names()):
        return False
    writer = _Writer(tree)
    writer.replace_elements(*(_there(listed, signs, tags, names) for listed in (_WHOLE, _DRAWN, _IMAGES)))
    return write_delimited(tree, html, signs, names) or writer.changed


@cache
def _names() -> frozenset[str]:
    """Return class names, in lower case, one of which each page has whose formulas show by class names alone."""
    needed = (_evidence(selector)[0] for listed in (_WHOLE, _DRAWN, _IMAGES) for selector in listed.split(","))
    return _OF_IMAGES.union(PROCESSED, *({"math"} & classes or classes for classes in needed))


def _there(selectors: str, signs: bytes, tags: Set[str], names: Set[str]) -> str:
    """Return those of the selectors, separated by commas, that may have elements on this page."""
    return ",".join(selector for selector in selectors.split(",") if _may_be(selector, signs, tags, names))


def _may_be(selector: str, signs: bytes, tags: Set[str], names: Set[str]) -> bool:
    if selector in _OF_FORMULAS:
        return selector in tags
    if selector in _BY_NAME:
        return not names.isdisjoint(_OF_IMAGES)
    classes, written = _evidence(selector)
    return classes <= names and all(map(signs.__contains__, written))


@cache
def _evidence(selector: str) -> tuple[frozenset[str], tuple[bytes, ...]]:
    """Return the class names, in lower case, and the bytes that a page with such an element has."""
    values = re.findall(r"'([^']+)'", selector) + [
        name for name in re.findall(r"\[([\w-]+)\]", selector) if name != "alt"
    ]
    return frozenset(re.findall(r"\.([\w-]+)", re.sub(r"'[^']*'", "", selector.lower()))), tuple(
        map(str.encode, values)
    )


class _Writer:
    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self.changed = False

    def replace_elements(self, whole: str, drawn: str, images: str) -> None:
        """Replace the elements of these selectors, which may be empty."""
        found = self._found(whole)
        scripts = any(node.tag == "script" for node in found)
        for node in found:
            self._replace_whole(node)
        for node in self._found(drawn):
            self._replace_drawn(node, scripts)
        for node in self._found(images):
            self._replace_image(node)

    def _found(self, selector: str) -> list[LexborNode]:
        """Return the elements that are in no other of them: replacing one ends those in it."""
        found: list[LexborNode] = []
        within: set[int] = set()
        for node in self._tree.css(f":is({selector})")[:_MOST] if selector else ():
            if node.mem_id not in within:
                found.append(node)
                within.update(part.mem_id for part in node.css(f":is({selector})"))
        return found

    def _replace_whole(self, node: LexborNode) -> None:
        tag, classes = node.tag or "", classes_of(node)
        if any(name.startswith(("ltx_equation", "ltx_eqn")) for name in classes):
            self._replace_equations(node)
        elif tag == "script":
            self._replace_script(node)
        elif tag == "code" or (tag == "span" and "math" in classes):
            self._replace_source(node, classes)
        elif said := _source(node):
            self._put(node, said, display=_is_displayed(node))

    def _replace_script(self, script: LexborNode) -> None:
        kind = (script.attributes.get("type") or "").lower()
        if kind.startswith("math/tex"):
            said = tex(script.text())
        else:
            inner = LexborHTMLParser(f"<body>{script.text()[:_LONGEST]}").css_first("math")
            said = _source(inner) if inner is not None else ""
        if said:
            self._put(script, said, display="display" in kind or 'display="block"' in script.text()[:200])

    def _replace_source(self, node: LexborNode, classes: Sequence[str]) -> None:
        """Replace an element whose text is TeX without delimiters, for a script to render."""
        outer = node.parent
        alone = node.prev is None and node.next is None
        block = node.tag == "code" and outer is not None and outer.tag == "pre" and alone
        written = node.text()
        if node.first_child is None or node.first_child.next is not None or len(written) > _LONGEST:
            return
        shown = block or "display" in classes or "math-display" in classes
        shown = shown or node.attributes.get("data-math-style") == "display"
        if said := tex(written):
            self._put(outer if block and outer is not None else node, said, display=shown)

    def _replace_equations(self, table: LexborNode) -> None:
        """Replace a table in which LaTeXML lays out equations: a formula for each row, with its number."""
        lines: list[tuple[str, str]] = []
        nested = any(part.mem_id != table.mem_id for part in table.css("table")[:2])
        for row in [table] if nested else table.css("tr")[:_MOST] or [table]:
            parts = [said for math in row.css("math") if (said := _source(math))]
            number = next((" ".join(tag.text().split()) for tag in row.css(".ltx_tag_equation")), "")
            if parts:
                lines.append((" ".join(parts), number))
        for said, number in lines:
            made = formula(self._tree, said, display=True, block=True)
            if number:
                made.insert_child(f" {number}")
            table.insert_before(made, move=True)
        if lines:
            table.decompose()

    def _replace_drawn(self, node: LexborNode, scripts: bool) -> None:
        """Remove what MathJax 2 drew, or replace it if its script is missing."""
        held = node if "data-mathml" in node.attributes else node.css_first("[data-mathml]")
        if scripts or "MathJax_Preview" in classes_of(node):
            if _formula_follows(node):
                node.decompose()
            return
        written = (held.attributes.get("data-mathml") or "") if held is not None else ""
        inner = LexborHTMLParser(f"<body>{written[:_LONGEST]}").css_first("math") if written else None
        if inner is not None and (said := _source(inner)):
            self._put(node, said, display=_is_displayed(inner) or "MathJax_Display" in classes_of(node))

    def _replace_image(self, image: LexborNode) -> None:
        attributes = image.attributes
        written = attributes.get("data-latex") or attributes.get("alt") or ""
        url = attributes.get("src") or ""
        if not written and ("?" in url):
            written = _in_address(url)
        said = tex(written)
        if not said or not _LOOKS_LIKE_TEX.search(said) or said.startswith(("http://", "https://")):
            return
        display = not _DISPLAYED.isdisjoint(classes_of(image)) or written.lstrip().startswith((r"\[", "$$"))
        self._put(image, said, display=display)

    def _put(self, node: LexborNode, said: str, *, display: bool) -> None:
        block = display and not stays_in_line(node)
        before = node.prev
        if not block and before is not None and before.tag == FORMULA:
            node.insert_before(" ")
        node.replace_with(formula(self._tree, said, display=display, block=block))


def _source(node: LexborNode) -> str:
    """Return the TeX of an element: written in it, or converted from its MathML."""
    return next(filter(None, _sources(node)), "")


def _sources(node: LexborNode) -> Iterator[str]:
    """Yield the TeX from each source in an element, the best first; empty where there is none."""
    for name in ("data-tex", "data-latex"):
        yield tex(node.attributes.get(name) or "")
    if "data-attrs" in node.attributes:
        yield _of_substack(node.attributes.get("data-attrs") or "")
    for part in node.css("annotation")[:4]:
        if "tex" in (part.attributes.get("encoding") or "").lower():
            yield tex(part.text())
    math = node if node.tag == "math" else node.css_first("math")
    if math is not None:
        yield tex(math.attributes.get("alttext") or math.attributes.get("data-latex") or "")
        yield " ".join(tex_of(math).split())
    if math is None and (glyphs := node.css_first(".katex-mathml")) is not None:
        yield tex(([line for line in glyphs.text().split("\n") if line.strip()] or [""])[-1])
    for name in ("data-latex", "alt"):
        held = node.css_first(f"[{name}]")
        yield tex((held.attributes.get(name) or "") if held is not None else "")
    if math is None and (drawn := node.css_first(".katex-html")) is not None:
        yield _of_markup(glyphs_as_mathml(drawn))
    if math is None and node.tag == "mjx-container":
        yield _of_markup(drawing_as_mathml(node))


def _of_substack(written: str) -> str:
    """Return the TeX in the JSON of a formula of Substack."""
    try:
        said = json.loads(written)
    except (ValueError, RecursionError):
        return ""
    source = said.get("persistentExpression") if isinstance(said, dict) else None
    return tex(source) if isinstance(source, str) else ""


def _of_markup(mathml: str) -> str:
    made = LexborHTMLParser(f"<body>{mathml}").css_first("math")
    return " ".join(tex_of(made).split()) if made is not None else ""


def _is_displayed(node: LexborNode) -> bool:
    attributes = node.attributes
    if attributes.get("display") in ("block", "true") or not _DISPLAYED.isdisjoint(classes_of(node)):
        return True
    if "mode=display" in (attributes.get("type") or "") or attributes.get("data-display") == "true":
        return True
    math = node.css_first("math") if node.tag != "math" else None
    if math is not None and math.attributes.get("display") == "block":
        return True
    return node.css_first(".mwe-math-fallback-image-display,.mwe-math-mathml-display") is not None


def _formula_follows(node: LexborNode) -> bool:
    """Return whether the source of a drawn formula stands after it, with other drawn forms between them."""
    after = node.next
    for _ in range(6):
        if after is None:
            return False
        if after.tag == FORMULA or (after.tag == "div" and after.css_first(FORMULA) is not None):
            return True
        if after.is_element_node and after.tag not in ("span", "div", "nobr"):
            return False
        after = after.next
    return False


def _in_address(url: str) -> str:
    parts = urlsplit(url)
    if "codecogs.com" in url:
        return re.sub(r"^(?:\\(?:inline|dpi\{\d+\}|\w?bg\w*|\w+_white|large|small)\s*)+", "", unquote(parts.query))
    asked = parse_qs(parts.query)
    return next((asked[name][0] for name in ("tex", "chl", "latex") if asked.get(name)), "")
