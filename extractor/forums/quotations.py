"""Find the quotations in a post, and their authors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from extractor.forums.bodies import read_body
from extractor.html.lines import in_one_line
from extractor.html.regions import elements
from extractor.values.thread import Quote
from extractor.values.urls import Resolver

_LABELS = "cite,header,[class*=author i],[class*=attribution i],[class*=quote-header i],[class*=quote-title i]"
_LONGEST_LABEL = 120


def outermost(nodes: Sequence[LexborNode]) -> Iterator[LexborNode]:
    """Yield the quotations that are not inside another one."""
    each = {node.mem_id: node for node in nodes}  # a list of selectors finds a node once per selector
    for node in each.values():
        parent, inside = node.parent, False
        for _ in range(64):
            if parent is None or inside:
                break
            inside = parent.mem_id in each
            parent = parent.parent
        if not inside:
            yield node


_VERBS = (
    r"(?:said|says|wrote|has written|has said|schrieb|sagte|hat geschrieben|hat gesagt|a écrit|a dit|escribió|dijo"
    r"|ha scritto|ha detto|(?:на)?писал(?:\(а\)|а)?|сказал(?:\(а\)|а)?|escreveu|disse|schreef|zei|heeft geschreven"
    r"|napisał(?:\(a\)|a)?|powiedział(?:\(a\)|a)?|pisze|skrev|napsal(?:\(a\)|a)?|yazdı|írta)(?!\w)"
)
_VERBS_OF_ASIA = (
    r"(?:写道|寫道|写了|寫了|说道|說道|发表于|發表於|さんが書きました|さんは(?:書|言)いました|[说說](?=\s*[:：]))"
)
_WROTE = rf"(?:\s+{_VERBS}(?!\s+{_VERBS}|\s*{_VERBS_OF_ASIA})|\s*{_VERBS_OF_ASIA})"
"""After a name, as boards of many languages say it before a quotation. A name may be such a word: *Said wrote:*."""
_SAID = re.compile(rf"{_WROTE}.*$", re.IGNORECASE)
_DATED = re.compile(
    r"^(.*\S)\s+(?:on|am|le|el|en|em|il|den|op|kl|w|от|于|於|-)\s+\D{0,20}\d(?=.{0,30}\d{4}).{0,60}$", re.IGNORECASE
)
_DAY_BEFORE = re.compile(r"^on\s.{0,20}\d{4}[^,]{0,20},\s+(?=\S)", re.IGNORECASE)
_END = re.compile(r"\s+on \d.*$|\s*[:：]\s*$", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:(?:quote from|(?:originally )?posted by|quoting|zitat von|verfasst von|citation de|envoyé par|posté par"
    r"|cita de|originalmente publicado por|escrito originalmente por|iniciado por|citazione di|originalmente inviato da"
    r"|сообщение от|napisane przez|geplaatst door)(?:\s*[:：]\s*|\s+)"
    r"|(?:引用自|最初由)\s*[:：]?\s*"
    r"|(?:quote|zitat|citation|cita|citazione|цитата|cytat|citaat|alıntı|引用)(?:\s*[:：]\s*|\s*$))",
    re.IGNORECASE,
)
_LABEL = re.compile(rf"^.{{1,60}}?{_WROTE}(?:\W{{0,3}}$|[^:：]{{0,20}}\d[^.!?]{{0,40}}$)", re.IGNORECASE)
"""The whole of a line that names the author of a quotation, as against one of the quotation: *Ann said that …*."""


def quoted_name(label: str | None) -> str | None:
    """``Bob wrote:`` → Bob; ``Quote from: Ann on May 4, 2020`` → Ann; ``emeka 写道：`` → emeka."""
    if label is None:
        return None
    label = label.strip()
    led = _LEAD.match(label)
    name = _DATED.sub(r"\1", label[led.end() :]) if led else label
    if led is None or (" " not in led[0].strip() and name.endswith((":", "："))):  # Zitat: Hans schrieb:
        name = _SAID.sub("", _DAY_BEFORE.sub("", name))
    return _END.sub("", name).strip(" :：,@") or None


def quotes_of_any(quotes: Sequence[LexborNode], resolver: Resolver) -> Iterator[Quote]:
    """Yield the quotations of any forum: the author from a label, the post from a link."""
    for quote in outermost(quotes):
        label = _label_of(quote)
        read = read_body(quote, resolver, dropped={label.mem_id} if label is not None else ())
        if not read.text:
            continue
        link = label.css_first("a[href*='#']") if label is not None else None
        place, _, fragment = ((link.attrs.get("href") or "") if link is not None else "").rpartition("#")
        url = resolver(place or "#") if fragment else None
        numbers = re.findall(r"\d+", fragment)
        yield Quote(
            text=read.text,
            author=quoted_name(in_one_line(label)) if label is not None else None,
            post=numbers[-1] if numbers else None,
            url=f"{url}#{fragment}" if url else None,
        )


def _label_of(quote: LexborNode) -> LexborNode | None:
    """Return the element with the quoted author: by its name, or a first line like ``Boris wrote:``."""
    named = quote.css_first(_LABELS)
    first = named or next((part for part in elements(quote) if part.mem_id != quote.mem_id), None)
    if first is None or first.mem_id == quote.mem_id:
        return None
    said = in_one_line(first)
    fits = 0 < len(said) <= _LONGEST_LABEL and said != in_one_line(quote)
    return first if fits and (named is not None or _names_author(first, said)) else None


def _names_author(line: LexborNode, said: str) -> bool:
    """Return whether a line is a label: ``Boris wrote:``, ``Quote from Ann``, a linked or bold name with a colon."""
    if _LABEL.match(said) or _LEAD.match(said):
        return True
    name = line.css_first("a,b,strong")
    return name is not None and said.endswith((":", "：")) and in_one_line(name).strip(" :：") == said.strip(" :：")
