"""Pages of forum engines as other configurations write them: rewritten URLs, a sub-folder, another language, a theme.

The pages are those of `tests/extractor/forums`: cases and boards were made by the engines or their templates; shapes,
of what these lack, have the markup of the engines, and name their own address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HOST = "https://forum.example"
_FORUMS = Path(__file__).parents[1] / "extractor" / "forums"
Change = Callable[[str], str]
Rules = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ForumPage:
    """A page as an engine writes it in its plain configuration."""

    engine: str
    kind: str
    """index, board or thread"""
    url: str
    html: str

    def __str__(self) -> str:
        return f"{self.engine} {self.kind}"


_FOLDERS = {
    "mybb": "mybb", "phpbb": "phpbb_prosilver", "smf": "smf", "fluxbb": "fluxbb", "discuz": "discuz",
    "flarum": "flarum", "nodebb": "nodebb_harmony", "misago": "misago", "bbpress": "bbpress",
    "flaskbb": "flaskbb_program", "spirit": "spirit_program", "discourse": "discourse_2019",
}  # fmt: skip
_AND = r"(?:&amp;|&)"
_EXTRA = rf"(?:{_AND}extra=[\w%]*)?"
REWRITTEN: Mapping[str, Rules] = {
    "mybb": (
        (rf"forumdisplay\.php\?fid=(\d+){_AND}page=(\d+)(?![\w&])", r"forum-\1-page-\2.html"),
        (r"forumdisplay\.php\?fid=(\d+)(?![\w&])", r"forum-\1.html"),
        (rf"showthread\.php\?tid=(\d+){_AND}page=(\d+)", r"thread-\1-page-\2.html"),
        (rf"showthread\.php\?tid=(\d+){_AND}pid=(\d+)", r"thread-\1-post-\2.html"),
        (rf"showthread\.php\?tid=(\d+){_AND}action=(\w+)", r"thread-\1-\2.html"),
        (r"showthread\.php\?tid=(\d+)(?![\w&])", r"thread-\1.html"),
        (rf"member\.php\?action=profile{_AND}uid=(\d+)", r"user-\1.html"),
    ),
    "discuz": (
        (rf"forum\.php\?mod=forumdisplay{_AND}fid=(\d+){_AND}page=(\d+)", r"forum-\1-\2.html"),
        (rf"forum\.php\?mod=forumdisplay{_AND}fid=(\d+)(?![\w&])", r"forum-\1-1.html"),
        (rf"forum\.php\?mod=viewthread{_AND}tid=(\d+){_EXTRA}{_AND}page=(\d+)(?![\w&])", r"thread-\1-\2-1.html"),
        (rf"forum\.php\?mod=viewthread{_AND}tid=(\d+){_EXTRA}(?![\w&])", r"thread-\1-1-1.html"),
        (rf"home\.php\?mod=space{_AND}uid=(\d+)", r"space-uid-\1.html"),
    ),
    "phpbb": (
        (rf"viewforum\.php\?f=(\d+){_AND}start=(\d+)", r"forum\1-\2.html"),
        (r"viewforum\.php\?f=(\d+)(?![\w&])", r"forum\1.html"),
        (rf"viewtopic\.php\?(?:f=\d+{_AND})?t=(\d+){_AND}start=(\d+)", r"topic\1-\2.html"),
        (rf"viewtopic\.php\?(?:f=\d+{_AND})?t=(\d+)(?![\w&])", r"topic\1.html"),
        (rf"viewtopic\.php\?(?:f=\d+{_AND}t=\d+{_AND})?p=(\d+)", r"post\1.html"),
    ),
    "smf": ((r"index\.php\?(topic|board)=([\w.]+)", r"index.php/\1,\2.html"),),
    "fluxbb": (
        (rf"viewforum\.php\?id=(\d+){_AND}p=(\d+)", r"forum\1-p\2.html"),
        (r"viewforum\.php\?id=(\d+)", r"forum\1.html"),
        (rf"viewtopic\.php\?id=(\d+){_AND}p=(\d+)", r"topic\1-p\2.html"),
        (r"viewtopic\.php\?id=(\d+)", r"topic\1.html"),
        (r"viewtopic\.php\?pid=(\d+)", r"post\1.html"),
    ),
    "xenforo2": ((r"index\.php\?(threads|forums)/", r"\1/"),),
    "vbulletin4": (
        (r"showthread\.php\?(\d+-[\w-]+)", r"threads/\1"),
        (r"forumdisplay\.php\?(\d+-[\w-]+)", r"forums/\1"),
    ),
    "bbpress": (
        (r"/forums/forum/([\w-]+)/page/(\d+)/", r"/?forum=\1&amp;paged=\2"),
        (r"/forums/forum/([\w-]+)/", r"/?forum=\1"),
        (r"/topic/([\w-]+)/page/(\d+)/", r"/?topic=\1&amp;paged=\2"),
        (r"/topic/([\w-]+)/", r"/?topic=\1"),
    ),
}  # fmt: skip
"""The URLs of each engine that has two forms: those of its page are the plain ones, and of bbPress the rewritten."""
_WORDS = {
    "Reply": "Antworten", "Replies": "Antworten", "Next": "Weiter", "Previous": "Zurück", "Page": "Seite",
    "Pages": "Seiten", "Last Post": "Letzter Beitrag", "Last post": "Letzter Beitrag", "Posts": "Beiträge",
    "Thread": "Thema", "Topics": "Themen", "Views": "Zugriffe", "Board index": "Foren-Übersicht", "by": "von",
    "Author": "Verfasser", "Started by": "Begonnen von", "Rating": "Bewertung", "回复": "回覆", "下一页": "下一頁",
}  # fmt: skip
_WORD = re.compile(r"(?<=>)([^<]*)(?=<)")


def in_folder(text: str) -> str:
    """Move a forum to a sub-folder whose name has the words of others."""
    folder = "/community/forum"
    text = re.sub(r'((?:href|src)="?)/(?!/)', rf"\1{folder}/", text).replace(HOST, HOST + folder)
    in_json = HOST.replace("/", "\\/")
    return text.replace(in_json, in_json + folder.replace("/", "\\/"))


def in_language(text: str) -> str:
    """Translate the words of an engine on a page."""
    words = re.compile(rf"\b(?:{'|'.join(map(re.escape, _WORDS))})\b")
    return _WORD.sub(lambda part: words.sub(lambda found: _WORDS[found[0]], part[0]), text).replace(
        'lang="en', 'lang="de'
    )


def in_theme(text: str) -> str:
    """Take away what a theme of one's own leaves out: the ids and classes of the whole page, and the foot."""
    return re.sub(r"<body[^>]*>", "<body class=my-theme><header><h1>Our forum</h1></header>", text)


def rewritten(rules: Rules) -> Change:
    def change(text: str) -> str:
        for pattern, replacement in rules:
            text = re.sub(pattern, replacement, text)
        return text

    return change


def forum_pages() -> Iterator[ForumPage]:
    """Yield the list of boards, a board and a thread of each engine, as far as there is one."""
    for engine in _FOLDERS:
        for kind, folder in (("board", "boards"), ("thread", "cases")):
            directory = _FORUMS / folder / _folder(engine, kind)
            if directory.is_dir():
                told = json.loads((directory / "expected.json").read_text("utf-8"))
                yield ForumPage(engine, kind, told["url"], (directory / "page.html").read_text("utf-8"))
    told = json.loads((_FORUMS / "boards/discuz_index/expected.json").read_text("utf-8"))
    yield ForumPage("discuz", "index", told["url"], (_FORUMS / "boards/discuz_index/page.html").read_text("utf-8"))
    for path in sorted((_FORUMS / "shapes").iterdir()):
        engine, _, kind = path.stem.partition("_")
        html = path.read_text("utf-8")
        yield ForumPage(engine, kind, html.partition('rel="self" href="')[2].partition('"')[0], html)


def _folder(engine: str, kind: str) -> str:
    folder = _FOLDERS.get(engine, "-")
    return folder if kind == "thread" else folder.removesuffix("_2019")
