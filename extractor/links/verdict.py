"""Classify responses that are not the page: a block, a CAPTCHA, a login, a soft 404, a parked domain; or a shell
whose content scripts create.

The functions are pure, and cheap enough for every page: the title decides, or a few words on a page with little other
text. A page with its own text is a page, whatever form is beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from extractor.html.page import Page
from extractor.links.script_shell import is_shell
from extractor.links.wordiness import has_more_text_than
from extractor.values.verdict import DRAWN, Kind, Verdict

_SMALL = 64 << 10
"""Maximum bytes of a page that is searched for words besides its title."""
_LITTLE, _LEAST = 1_200, 600
"""Maximum characters outside links of a page whose title, or a few words, may give a verdict."""
_HEAD = 32 << 10
_PARAGRAPHS = 12
"""A page with this number of paragraphs or line breaks has more than a few words, and they are cheap to count."""

_TITLE = re.compile(rb"<title[^>]*>(.{0,400}?)</title", re.IGNORECASE | re.DOTALL)

_TITLES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "captcha",
        re.compile(
            r"^(?:just a moment\b|attention required!|security check|are you (?:a )?(?:human|robot)|"
            r"verify you are human|human verification|checking your browser|ddos-guard|robot check|"
            r"人机验证|安全验证|滑动验证)",
            re.IGNORECASE,
        ),
    ),
    (
        "blocked",
        re.compile(
            r"^(?:access (?:to this page (?:has been )?)?denied|403\b|forbidden\b|blocked\b|"
            r"request (?:blocked|rejected)|you have been blocked|too many requests|429\b|"
            r"访问被拒绝|访问(?:受限|过于频繁)|禁止访问)",
            re.IGNORECASE,
        ),
    ),
    (
        "soft-404",
        re.compile(
            r"^(?:(?:error )?404|(?:the )?(?:page|file|article|topic|thread)?\s*"
            r"(?:was |is )?(?:could )?not (?:be )?found\b|"
            r"nothing (?:was )?found\b|seite nicht gefunden|page introuvable|p[aá]gina no encontrada|"
            r"页面(?:不存在|未找到|找不到)|找不到页面|您访问的页面不存在)|"
            r"\b404 (?:error|not found)\b|[-|–—:] ?(?:404|page not found)$",
            re.IGNORECASE,
        ),
    ),
    (
        "login",
        re.compile(r"^(?:log ?in|sign ?in|login required|please log in|anmelden|登录|登錄|用户登录)\b", re.IGNORECASE),
    ),
    (
        "parked",
        re.compile(r"\b(?:domain (?:is )?for sale|domain name for sale|parked domain|域名出售)\b", re.IGNORECASE),
    ),
)
_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        "captcha",
        (
            "challenges.cloudflare.com", "cf-turnstile", "__cf_chl", "g-recaptcha", "h-captcha", "px-captcha",
            "geetest", "captcha-delivery.com", "awswaf", "_incapsula_resource", "请完成安全验证",
        ),
    ),
    (
        "blocked",
        (
            "you have been blocked", "access denied", "unusual traffic from your", "your ip has been",
            "rate limit exceeded", "not authorised to read this", "not authorised to view this",
            "not authorized to read this", "not authorized to view this", "您的访问过于频繁", "您的ip",
            "do not have permission to view this topic", "do not have permissions to access this page",
            "要求阅读权限高于", "没有权限访问该版块", "無權瀏覽",
        ),
    ),
    (
        "login",
        (
            "you must be logged in to view", "you must be logged in to read", "you must be logged in to access",
            "you need to be logged in to view", "please log in to continue", "you must log in to view",
            "please log in to access this page", "please log in to view this", "you need to log in to view",
            "you need to login to view", "you must log in to read", "you must be logged-in to do that",
            "you are not logged in or you do not have permission", "not logged in or do not have permission",
            "requires you to be registered and logged in", "抱歉，您尚未登录", "无法进行此操作", "您需要先登录才能",
            "您需要登录后才可以查看", "请先登录后查看",
        ),
    ),
    (
        "soft-404",
        (
            "page not found", "topic or post does not exist", "requested topic does not exist",
            "thread specified is invalid", "no such thread", "page you requested could not be found",
            "page does not exist", "page doesn't exist", "page no longer exists", "page cannot be found",
            "page can't be found", "page could not be found", "页面不存在", "頁面不存在", "找不到页面", "找不到頁面",
            "指定的主题不存在", "内容已被删除", "thread does not exist", "topic does not exist", "no thread specified",
            "requested thread could not be found", "topic or board you are looking for appears to be",
            "thread has been deleted", "topic has been deleted", "discussion has been deleted",
            "thread has been removed", "topic has been removed", "link you followed is incorrect or outdated",
            "page you are trying to open is invalid", "page that does not exist", "帖子不存在", "帖子已被删除",
            "主题不存在", "主题已被删除", "该帖已被删除", "帖子不存在或已被刪除", "主題不存在", "主題已被刪除",
            "topic doesn't exist", "requested post does not exist", "invalid thread specified",
            "page doesn't exist or is private", "discussion not found", "locate the item you are trying to view",
            "no longer available or invalid", "question was removed from", "question has been hidden",
            "story has been deleted", "page you're looking for doesn't exist", "no such item",
            "贴子不存在", "贴子已被删除", "该贴已被删除", "话题不存在", "话题已被删除", "主题未找到",
            "文章不存在或已被删除",
            "thema existiert nicht", "sujet demandé n'existe pas", "tema solicitado no existe",
            "темы не существует", "тема не существует", "тема удалена", "トピックは存在しません",
            "スレッドは存在しません",
            "tópico solicitado não existe", "argomento richiesto non esiste", "temat nie istnieje",
        ),
    ),
    (
        "parked",
        (
            "this domain is for sale", "buy this domain", "sedoparking", "parkingcrew", "bodis.com",
            "domain has expired", "parked free", "该域名已过期", "此域名出售",
        ),
    ),
)  # fmt: skip


def _spellings(word: str) -> tuple[bytes, ...]:
    """Return a word in the encodings that have all its characters, as `bytes.lower` leaves it.

    That changes only the letters of ASCII: others may begin with a capital, or be capitals.
    """
    written = set()
    others = () if max(word) >= "\u4e00" and "は" not in word else ("cp1252", "cp1251", "shift_jis")
    for form in {word} if word.isascii() else {word, word[0].upper() + word[1:], word.upper()}:
        for encoding in ("utf-8", "gb18030", "big5hkscs", *others):
            with suppress(UnicodeEncodeError):
                written.add(form.encode(encoding).lower())
    return tuple(sorted(written))


_SPELLED = tuple((kind, word, _spellings(word)) for kind, words in _WORDS for word in words)
"""Each word in the possible encodings, so that pages need not be decoded."""
_SPELLED_ASCII = tuple(each for each in _SPELLED if each[1].isascii())
_SPELLED_OTHERWISE = tuple(each for each in _SPELLED if not each[1].isascii())
_STEMS = (
    b"captcha", b"cloudflare.com", b"turnstile", b"cf_chl", b"geetest", b"awswaf", b"incapsula", b"been blocked",
    b"access denied", b"unusual traffic", b"your ip has", b"limit exceeded", b"not authori", b"logged", b"log in to",
    b"login to", b"not found", b"t exist", b"longer exists", b"specified", b"no such thread", b"be found",
    b"open is invalid", b"appears to be", b"been deleted", b"been removed", b"or outdated", b"this domain",
    b"do not have permission", b"discussion not", b"locate the item", b"or invalid", b"was removed", b"been hidden",
    b"such item", b"existiert nicht", b"no existe", b"non esiste", b"nie istnieje",
    b"domain has expired", b"sedoparking", b"parkingcrew", b"bodis.com", b"parked free",
)  # fmt: skip
"""Each ASCII word has one of these stems, which halves the number of searches."""
_WORTH_LOOKING: dict[tuple[bool, bool], tuple[tuple[Kind, str, tuple[bytes, ...]], ...]] = {
    (True, True): _SPELLED_ASCII,
    (True, False): (),
    (False, True): _SPELLED,
    (False, False): _SPELLED_OTHERWISE,
}
"""The possible words in a page, by whether it is ASCII and whether it has a stem."""
_APOSTROPHE = re.compile(rb"&(?:#39|#x27|#8217|#x2019|rsquo|apos);|\xe2\x80\x99")
_LOGIN_AT_END = re.compile(r"[-|–—:·»] ?(?:log ?in|sign ?in|anmelden|登录|登錄)$", re.IGNORECASE)
_PASSWORD = re.compile(rb"<input[^>]{0,400}type=[\"']?password\b", re.IGNORECASE)
_LOGIN_PATH = re.compile(
    r"/(?:login|signin|sign_in|log-in|wp-login\.php|logon)(?:[/?.]|$)|[?&]mode=login\b", re.IGNORECASE
)


def of_page(page: Page) -> Verdict | None:
    """Classify a response with status 200; None for a page."""
    title = _title(page)
    for kind, pattern in _TITLES:
        if title and pattern.search(title) and _text_size(page) <= _LITTLE:
            return Verdict(kind, f'title "{title[:80]}"')
    small = len(page.body) <= _SMALL
    if small and (told := _of_login_form(page, title)):
        return told
    if has_more_text_than(page.body, _LEAST):
        return None
    return (_of_words(page) if small else None) or _of_shell(page)


def of_no_thread(page: Page) -> Verdict | None:
    """Classify a page that a board lists as a thread, and that has no posts; None if it has more than a message."""
    if len(page.body) > _SMALL or _is_long(page) or _text_size(page) > _LITTLE:
        return None
    if _PASSWORD.search(page.body):
        return Verdict("login", "no post, and a field for a password")
    return Verdict("soft-404", "no post, and little else")


def moved_to_login(url: str, target: str) -> Verdict | None:
    """Return a verdict for a redirect from a page to a login."""
    if _LOGIN_PATH.search(target) and not _LOGIN_PATH.search(url):
        return Verdict("login", "it redirects to a login")
    return None


def _has_many(body: bytes, tag: bytes) -> bool:
    """Return whether a tag occurs too often; unlike `count`, stop at the limit."""
    at = -1
    return all((at := body.find(tag, at + 1)) >= 0 for _ in range(_PARAGRAPHS))


def _of_shell(page: Page) -> Verdict | None:
    why = is_shell(page)
    return Verdict(DRAWN, why) if why is not None else None


def _is_long(page: Page) -> bool:
    return _has_many(page.body, b"<p") or _has_many(page.body, b"<br")


def _of_login_form(page: Page, title: str) -> Verdict | None:
    """Return a verdict for a title that ends with a login, on a page with a password field."""
    if _LOGIN_AT_END.search(title) and _PASSWORD.search(page.body) and _text_size(page) <= _LITTLE:
        return Verdict("login", f'title "{title[:80]}"')
    return None


def _of_words(page: Page) -> Verdict | None:
    if _is_long(page) or (page.is_parsed and _text_size(page) > _LEAST):
        return None
    found = next(_found(_APOSTROPHE.sub(b"'", page.body.lower())), None)
    if found is None or _text_size(page) > _LEAST:
        return None
    kind, word = found
    return Verdict(kind, f'the words "{word}"')


def _found(lowered: bytes) -> Iterator[tuple[Kind, str]]:
    """Yield the matching words in a page."""
    has_stem = any(stem in lowered for stem in _STEMS)
    for kind, word, spellings in _WORTH_LOOKING[lowered.isascii(), has_stem]:
        if any(piece in lowered for piece in spellings):
            yield kind, word


def _title(page: Page) -> str:
    """Return the title without parsing the page: most pages need nothing else here."""
    found = _TITLE.search(page.body[:_HEAD])
    if found is None:
        return ""
    piece = found[1]
    if piece.isascii():
        text = piece.decode("ascii")
    else:
        try:
            text = piece.decode("utf-8")
        except UnicodeDecodeError:
            node = page.tree.css_first("title")
            text = node.text() if node else ""
    return " ".join(text.split())


def _text_size(page: Page) -> int:
    """Count the characters of text outside links."""
    tree = page.tree.clone()
    tree.strip_tags(["script", "style", "noscript", "template", "a", "nav", "footer", "select", "option"])
    text = tree.body.text(separator=" ") if tree.body is not None else ""
    return sum(map(len, text.split()))
