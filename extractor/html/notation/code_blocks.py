"""Make code blocks hold their code only: no line numbers, no "Copy" beside them, and each line as it is shown.

Highlighters put numbers into table cells, lines into elements, and buttons with labels around the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.notation.code_labels import BOXES, SILENT_IN_CODE, without_copy_labels, without_labels
from extractor.html.regions import ancestors, vocabulary

_NUMBERS = (
    "td.gutter,td.linenos,td.rouge-gutter,td.lntd,td.blob-num,td.code-line-number,td.line-numbers,td.lineno,"
    "td.hljs-ln-numbers,td.ln,td.line-number,td.crayon-nums,th.linenos,th.line-number,div.line-numbers,div.gutter,"
    "div.linenodiv,span.lnt,span.ln,span.lineno,span.linenos,span.linenumber,span.line-number,span.line-numbers,"
    "span.line-numbers-rows,span.react-syntax-highlighter-line-number,span.hljs-ln-n,span.LineNumber,a.lineno,a.ln,"
    "pre.lineno,pre.linenos,pre.line-numbers,code.line-numbers,ul.pre-numbering,ol.pre-numbering,.crayon-nums,"
    ".line-number-rows,.line-numbers-wrapper,.gutter-line,.code-line-numbers"
)
_NUMBER_NAMES = frozenset(re.findall(r"\.([\w-]+)", _NUMBERS.lower()))
_PROMPT_NAMES = vocabulary("prompt jp-inputprompt jp-outputprompt input_prompt output_prompt")
_OTHERS = vocabulary("blockcode syntaxhighlighter js-file-line-container bbc_code codeblock crayon-main")
_OF_CODE = vocabulary("pre code")
_PROMPTS = "div.prompt,.jp-InputPrompt,.jp-OutputPrompt,.input_prompt,.output_prompt"
_IN_PRE = ":is(br,div,p,li,tr,code + code,span.line,span.token-line,a.headerlink,[style*='block'])"
_NOT_IN_PRE = (
    "div.blockcode,div.syntaxhighlighter,table.js-file-line-container,code.bbc_code,div.codeblock .body > code,"
    "div.crayon-main"
)
"""Code blocks of Discuz!, SyntaxHighlighter, GitHub, SMF, MyBB and Crayon, which are in other elements."""
_NUMBERED = "cnblogs_code"
"""The class of code with a number in an element at the start of each line."""
_ALL_NUMBERS = re.compile(r"[\s\d.:|#L-]*")
_LINES = vocabulary("div p li tr dd h1 h2 h3 h4 h5 h6")
_LINE_CLASSES = vocabulary("line token-line code-line react-code-line")
_IS_CODE = re.compile("highlight|crayon-main")
_CODE = "pre,code,td.blob-code,td.hljs-ln-code"
_PROMPT = re.compile(r"\s*(?:In|Out)?\s*\[[\s\d*]{0,6}\]:?\s*")
_LEVELS = 4
_FEW = 24
_MOST = 20_000


def write_code(tree: LexborHTMLParser, tags: Set[str], names: Set[str]) -> bool:
    """Write the code blocks of a page as the text of one element each; return whether elements were removed.

    `tags` and `names` are those of its elements and of their classes.
    """
    changed = False
    if not tags.isdisjoint(_OF_CODE) or not names.isdisjoint(_OTHERS):
        changed = _remove_others(tree, names)
    if "pre" in tags or changed:
        for node in [*_outermost(tree, "pre")][:_MOST]:
            changed = _clean(node) or changed
    if "code-toolbar" in names:
        for node in tree.css(".code-toolbar"):
            node.attrs["class"] = "code-block"  # the box around the code, not the toolbar in it
    return changed


def _remove_others(tree: LexborHTMLParser, names: Set[str]) -> bool:
    """Remove what is not code, and make code in other elements preformatted."""
    changed = False
    if "crayon-main" in names:
        for field in tree.css("div.crayon-plain-wrap"):
            field.decompose()  # the same code again, to copy it from
    if not names.isdisjoint(_NUMBER_NAMES):
        changed = _remove_numbers(tree)
    if _NUMBERED in names:
        changed = _remove_first_numbers(tree) or changed
    if not names.isdisjoint(_PROMPT_NAMES):
        changed = _remove_prompts(tree) or changed
    if not names.isdisjoint(_OTHERS):
        changed = _replace_others(tree) or changed
    return changed


def _clean(pre: LexborNode) -> bool:
    """Remove the labels at a preformatted element and in it, and make its lines text; return whether there were any."""
    changed = without_labels(pre)
    changed = without_copy_labels(pre) or changed
    for code in pre.css("pre > code:only-of-type")[:1]:
        changed = without_labels(code) or changed
    if pre.css_first(_IN_PRE) is None:
        return changed
    _as_text(pre)
    return True


def _replace_others(tree: LexborHTMLParser) -> bool:
    found = [*_outermost(tree, _NOT_IN_PRE)]
    for node in found:
        without_labels(node)
        _as_pre(tree, node)
    return bool(found)


def _outermost(tree: LexborHTMLParser, selector: str) -> Iterator[LexborNode]:
    within: set[int] = set()
    for node in tree.css(f":is({selector})"):
        if node.mem_id not in within:
            within.update(part.mem_id for part in node.css(f":is({selector})"))
            yield node


def _remove_numbers(tree: LexborHTMLParser) -> bool:
    """Remove what has line numbers and nothing else. A table with nothing but code is replaced by the code."""
    known: dict[int, bool] = {}
    tables: dict[int, LexborNode] = {}
    found = False
    for node in [*_outermost(tree, _NUMBERS)][:_MOST]:
        if _ALL_NUMBERS.fullmatch(node.text()) and _is_beside_code(node, known):
            table = next((around for around in islice(ancestors(node), 3) if around.tag == "table"), None)
            if node.tag == "td" and table is not None:
                tables[table.mem_id] = table
            node.decompose()
            found = True
    for table in tables.values():
        _unwrap(table)
    return found


def _unwrap(table: LexborNode) -> None:
    """Replace a table by the only code block in it."""
    cells, codes = table.css("td,th"), table.css("pre")
    filled = [cell for cell in cells if cell.first_child is not None]
    outer = table.parent
    if len(filled) == 1 and len(codes) == 1 and outer is not None and _pre_of(table) is None:
        table.insert_before(codes[0], move=True)
        table.decompose()


def _remove_first_numbers(tree: LexborHTMLParser) -> bool:
    """Remove the elements that number the lines of code, each at the start of its line."""
    found = False
    for node in tree.css(f".{_NUMBERED} pre > span[style]")[:_MOST]:
        before = node.prev
        starts = before is None or (before.is_text_node and (before.text_content or "").endswith("\n"))
        if starts and node.text().strip().isdecimal():
            after = node.next
            if after is not None and after.is_text_node:
                after.replace_with((after.text_content or "").removeprefix(" "))
            node.decompose()
            found = True
    return found


def _remove_prompts(tree: LexborHTMLParser) -> bool:
    """Remove the prompts of a notebook: ``In [3]:``."""
    found = [node for node in _outermost(tree, _PROMPTS) if _PROMPT.fullmatch(node.text())]
    for node in found:
        node.decompose()
    return bool(found)


def _is_beside_code(node: LexborNode, known: dict[int, bool]) -> bool:
    """Return whether an element is in code, or in a table or box with code beside it. `known` is a cache."""
    for around in islice(ancestors(node), _LEVELS + 2):
        if around.tag in ("body", "article", "main"):
            return False
        if around.mem_id not in known:
            named = around.tag in ("pre", "code") or _IS_CODE.search(around.attributes.get("class") or "")
            known[around.mem_id] = bool(named) or (around.tag in BOXES and around.css_first(_CODE) is not None)
        if known[around.mem_id]:
            return True
    return False


def _pre_of(node: LexborNode) -> LexborNode | None:
    """Return the preformatted element around an element of it; the outermost of several."""
    found, around = None, node.parent
    for _ in range(_FEW):
        if around is None:
            break
        if around.tag == "pre":
            found = around
        around = around.parent
    return found


def _as_pre(tree: LexborHTMLParser, node: LexborNode) -> None:
    """Replace a code block in other elements by a preformatted one."""
    text = code_text(node).replace("\xa0", " ")
    text = "\n".join(line if line.strip() else "" for line in text.split("\n"))
    if not text.strip() or (node.tag == "code" and "\n" not in text):
        return
    made = tree.create_node("pre")
    if classes := node.attributes.get("class"):
        made.attrs["class"] = f"brush: {classes.split()[-1]}" if "syntaxhighlighter" in classes else classes
    made.insert_child(text)
    node.replace_with(made)


def _as_text(pre: LexborNode) -> None:
    """Replace the elements in a code block by its text, below the element that names its language."""
    text = code_text(pre).replace("\xa0", " ")
    code = pre.css_first("code")
    for name in ("class", "data-lang", "data-language"):
        if code is not None and (value := code.attributes.get(name)):
            pre.attrs[name] = f"{pre.attributes.get(name) or ''} {_for_pre(value)}".strip()
    while pre.first_child is not None:
        pre.first_child.decompose()
    pre.insert_child(text)


def _for_pre(classes: str) -> str:
    return re.sub(r"(?<!\S)lang-", "language-", classes)


def code_text(root: LexborNode) -> str:
    """Return the text of a code block: each line of elements is a line, and white space stays."""
    parts: list[str] = []
    ends: list[tuple[LexborNode | None, int]] = []
    node = root.first_child
    while node is not None or ends:
        if node is None:
            node, began = ends.pop()
            if began == len(parts) or (began >= 0 and not _at_start(parts)):
                parts.append("\n")
            continue
        if node.is_text_node:
            text = node.text_content or ""
            if not (text.isspace() and "\n" in text and _at_start(parts) and _is_between_lines(node)):
                parts.append(text)
        elif node.tag == "br":
            parts.append("\n")
        elif node.is_element_node and node.tag not in SILENT_IN_CODE and not _is_pressed(node):
            line = _is_line(node)
            if line and not _at_start(parts):
                parts.append("\n")
            ends.append((node.next, len(parts) if line else -1))
            node = node.first_child
            continue
        node = node.next
    return "".join(parts).replace("\r\n", "\n").strip("\r\n")


def _is_pressed(node: LexborNode) -> bool:
    """Return whether an element is a button."""
    return node.tag not in _OF_CODE and "onclick" in node.attributes


def _is_line(node: LexborNode) -> bool:
    """Return whether an element is a line: a block, a span that styles make one, or one of several pieces of code."""
    if node.tag in _LINES:
        return True
    if node.tag == "code":
        return any(beside is not None and beside.tag == "code" for beside in (node.prev, node.next))
    if node.tag != "span":
        return False
    return "display:block" in (node.attributes.get("style") or "").replace(" ", "") or (
        _has_line_class(node) and (_has_line_class(node.next) or _has_line_class(node.prev))
    )


def _has_line_class(node: LexborNode | None) -> bool:
    if node is None or node.tag != "span":
        return False
    return not _LINE_CLASSES.isdisjoint((node.attributes.get("class") or "").split())


def _is_between_lines(node: LexborNode) -> bool:
    """Return whether white space stands before or after a line that is an element: it is of the markup only."""
    return any(beside is not None and beside.is_element_node and _is_line(beside) for beside in (node.prev, node.next))


def _at_start(parts: list[str]) -> bool:
    return not parts or parts[-1].endswith("\n")
