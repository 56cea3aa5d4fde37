"""Recognize pages with only the beginning of an article, which ask readers to pay or to log in."""

from __future__ import annotations

import re

from extractor.html.hidden_elements import is_not_shown
from extractor.html.lines import in_one_line
from extractor.html.page import Page

MOST = 2_000
"""Maximum characters of main text in a stub: a page with more shows the article."""
_UNASKED = ["script", "style", "noscript", "template", "nav", "header", "footer"]
_ASKS = re.compile(
    r"(?:subscribe|register|sign (?:in|up)|log ?in)\b[^.!?]{0,40}? to (?:continue|keep|finish) reading|"
    r"to (?:continue|keep|finish) reading\b[^.!?]{0,80}?(?:subscri|sign (?:in|up)|log ?in|register|create an account)|"
    r"subscribe (?:now |today )?to (?:read|unlock|access) (?:the (?:full|whole|rest)|this|full)|"
    r"(?:article|story|content) is (?:only |exclusively )?(?:available )?(?:for|to) (?:our |paying |registered )*"
    r"(?:subscribers|members)|"
    r"(?:nur|exklusiv) für abonnenten|abonnieren,? (?:um|und) weiter(?:zu)?lesen|"
    r"réservée? aux abonnés|abonnez-vous pour (?:lire|continuer)|"
    r"(?:exclusivo|s[oó]lo) para suscriptores|suscr[ií]bete para (?:leer|seguir)|"
    r"(?:付费|付費|订阅|訂閱|会员|會員|登录|登入|购买|購買)[^。！？展]{0,10}(?:阅读|查看|閱讀)(?:全文|剩余|剩餘|完整)|"
    r"本文[为為]?(?:付费|付費|会员|會員|订阅|訂閱)|"
    r"(?:剩余|剩餘)\d{1,2}% ?(?:内容|內容)?[^。]{0,10}(?:付费|付費|订阅|訂閱|会员|會員)",
    re.IGNORECASE,
)
_BEARING = {
    " reading": ("p reading", "e reading", "h reading"),
    "ribe ": ("ribe to ", "ribe now to ", "ribe today to "),
    "bers": ("scribers", "members"),
}
_BEARING_BEYOND_ASCII = {
    "bonn": ("r abonnenten", "r Abonnenten", "bonnieren", "bonnés", "bonnez-vous"),
    "suscriptores": ("suscriptores",),
    "bete para": ("cribete para", "críbete para"),
    "全文": ("全文",),
    "剩": ("剩余", "剩餘"),
    "完整": ("完整",),
    "本文": ("本文付", "本文会", "本文會", "本文订", "本文訂", "本文为", "本文為"),
}
"""Every match of `_ASKS` contains one of these, which are cheap to find, especially common parts. A page in ASCII is
in no language with the second ones."""
_AROUND = 160
_MOST_PLACES = 50


def _may_ask(words: str) -> bool:
    """Return whether the text of a page, visible or not, may ask for this."""
    bearing = _BEARING if words.isascii() else _BEARING | _BEARING_BEYOND_ASCII
    for word in (word for common, those in bearing.items() if common in words for word in those):
        at = -1
        for _ in range(_MOST_PLACES):
            at = words.find(word, at + 1)
            if at < 0:
                break
            if _ASKS.search(" ".join(words[max(at - _AROUND, 0) : at + _AROUND].split())):
                return True
    return False


def payment_notice(page: Page) -> str | None:
    """Return the words with which a page asks; otherwise None. Hidden text, headers and footers are ignored, since many
    sites have such words on each page.
    """
    if not _may_ask(page.words):
        return None
    tree = page.tree.clone()
    tree.strip_tags(_UNASKED)
    for node in tree.css("[hidden],[aria-hidden],[style],[class*=hidden]"):
        if is_not_shown(node.tag or "", node.attributes):
            node.decompose()
    asked = _ASKS.search(in_one_line(tree.body)) if tree.body is not None else None
    return asked[0][:80] if asked else None
