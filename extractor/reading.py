"""Read a page: from bytes to title, author, date, language and text.

The functions are pure: the same page always gives the same text.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import Literal

from extractor.article.article import ENGINE as BLOCKS
from extractor.article.article import MainText, main_text
from extractor.article.classifier import model, model_version
from extractor.forums.gate import is_on_forum
from extractor.forums.generic import THREAD as GENERIC
from extractor.forums.generic import UNDER_ARTICLE
from extractor.forums.registry import FORUMS, SOCIAL, Thread, forum_of, read_comments, read_thread
from extractor.forums.social.json_pages import is_json
from extractor.html.lines import storable
from extractor.html.page import Page
from extractor.html.trees import Trees
from extractor.mail.message import is_mail, read_mail
from extractor.mail.reading import HTML, dated, html_of, plain_text
from extractor.metadata.metadata import Metadata, read_metadata
from extractor.metadata.page_facts import known
from extractor.metadata.paywall import MOST, payment_notice
from extractor.pdf.document import ENGINE, is_document, read_document
from extractor.values.collector import resting
from extractor.values.language import language_of
from extractor.values.text import EXTRACTOR, VERSION, About, Text

LIMIT = 8 << 20
"""Maximum bytes of a page that are read."""
MOST_ELEMENTS = 400_000
"""Maximum elements of a page that are read: with them, the costliest pages need a few seconds and less than 1 GiB."""
DOCUMENT_LIMIT = 32 << 20
"""Maximum bytes of a PDF or an e-mail that are read."""

SCANNED = "scanned pages, which hold no text"
"""The origin of the text of a PDF whose pages are pictures."""
_LONG_LINE = 40
_ENGINES = frozenset(forum.name for forum in FORUMS)
"""Engines whose posts have better titles and authors of threads than the heads of pages."""
_APART = 0.1
_LEAST_ABOVE = 300
"""Characters of long lines above the first post that an article has, without white space."""


def age_of(version: str) -> Literal["older", "same", "later"]:
    """Return whether a text with that `version` comes from an older, the same, or a later extractor.

    A text from another block model is older.
    """
    major, _, engine = version.partition("+")
    number = int(major) if major.isascii() and major.isdecimal() else 0
    if number != int(VERSION):
        return "older" if number < int(VERSION) else "later"
    ours = f"{BLOCKS}-{model_version()}"
    return "older" if engine.startswith(f"{BLOCKS}-") and engine != ours else "same"


def limit_of(content_type: str | None) -> int:
    """Return how many bytes of a body are read: all of a PDF, since its cross-reference table is at its end, and of an
    e-mail, whose text may stand behind its images.
    """
    return DOCUMENT_LIMIT if "pdf" in (content_type or "").lower() or is_mail(content_type) else LIMIT


def first_elements(body: bytes, most: int = MOST_ELEMENTS) -> tuple[bytes, str | None]:
    """Return the beginning of a page, up to so many elements, and why that is not all of it; None if it is.

    Each `<` that no slash follows counts as an element: all start tags do, and comments.
    """
    if body.count(b"<") <= most or _elements(body, len(body)) <= most:
        return body, None
    low, high = 0, len(body)
    while high - low > 1:  # the elements before `low` are at most `most`, those before `high` are more
        middle = (low + high) // 2
        low, high = (middle, high) if _elements(body, middle) <= most else (low, middle)
    return body[:low], f"the page has more than {most:,} elements: its text is that of the first ones"


def _elements(body: bytes, end: int) -> int:
    return body.count(b"<", 0, end) - body.count(b"</", 0, end + 1)


def load() -> None:
    """Load the models and libraries, so that no page waits for them. Repeating this is harmless."""
    import pypdf  # noqa: F401

    model()
    language_of("The model of languages is loaded with the first words.")


@resting()
def extract(page: Page, *, trees: Trees | None = None) -> Text | None:
    """Read a page, a PDF or an e-mail. Return None if it has no main text, title, author or date.

    `trees` replaces the default block model.

    Raises UnreadableDocument for a damaged or encrypted PDF.
    """
    if is_document(page.body, page.content_type):
        return _of_document(page)
    if is_mail(page.content_type):
        return _of_mail(page, trees)
    if len(page.body) > LIMIT:
        page = replace(page, body=page.body[:LIMIT])
    return _of_posts(page) if is_json(page) else _of_page(page, trees)


def _of_page(page: Page, trees: Trees | None) -> Text | None:
    metadata = read_metadata(page)
    thread, main, marked, comments = read_thread(page), None, None, None
    if thread is None or not thread.text or _may_be_comments(thread, metadata):
        comments = read_comments(page) or (thread if thread is not None and thread.engine == UNDER_ARTICLE else None)
        said_apart = False if comments is not None else metadata.thread
        wrote = comments.posts if comments is not None else ()
        main = main_text(page, title=metadata.title, thread=said_apart, besides=wrote, trees=trees)
        alone = _without_comments(page, metadata, main, thread, trees) if comments is None else None
        if alone is not None:
            main, comments = alone, thread
    if thread is not None and thread.text and (main is None or (comments is None and not _is_apart(main, thread))):
        said, origin, engine = thread.text, f"posts of {thread.engine}", "posts"
        metadata = with_opener(metadata, thread)
    elif main is not None:
        metadata = _as_stub(page, metadata, main.text)
        marked = main.markdown
        said, origin, engine = main.text, main.origin, f"{main.engine.name}-{main.engine.version}"
        thread = comments or (thread if thread is not None and thread.text else None)
    else:
        said, origin, engine, thread = "", "", "", None
    if not (said or metadata.title or metadata.authors or metadata.date):
        return None
    language, language_origin = language_of(said, metadata.language)
    origins = {name: origin for name, origin in metadata.origins.items() if name != "language"}
    if language:
        origins["language"] = language_origin if language_origin == "text" else metadata.origins["language"]
    return Text(
        title=storable(metadata.title) if metadata.title else None,
        authors=tuple(filter(None, map(storable, metadata.authors))),
        date=metadata.date,
        modified=metadata.modified,
        language=language,
        text=storable(said),
        extractor=EXTRACTOR,
        version=f"{VERSION}+{engine}" if said else VERSION,
        origins=origins | ({"text": origin} if said else {}),
        thread=thread,
        about=_storable_facts(metadata.about),
        markdown=storable(marked) if marked else None,
    )


def _of_posts(page: Page) -> Text | None:
    """Read posts in JSON. Other JSON has no text."""
    if forum_of(page) is None or (thread := read_thread(page)) is None or not thread.text:
        return None
    metadata = with_opener(Metadata(), thread)
    language, origin = language_of(thread.text, None)
    found = {"text": f"posts of {thread.engine}"} | ({"language": origin} if language else {})
    return Text(
        title=storable(metadata.title) if metadata.title else None,
        authors=tuple(filter(None, map(storable, metadata.authors))),
        date=metadata.date,
        modified=None,
        language=language,
        text=storable(thread.text),
        extractor=EXTRACTOR,
        version=f"{VERSION}+posts",
        origins=metadata.origins | found,
        thread=thread,
    )


def _of_document(page: Page) -> Text | None:
    document = read_document(page.body)
    if not (document.text or document.title or document.authors or document.date):
        return None
    language, language_origin = language_of(document.text, document.language)
    origins = {name: origin for name, origin in document.origins.items() if name != "language"}
    if language:
        origins["language"] = language_origin if language_origin == "text" else "pdf"
    return Text(
        title=storable(document.title) if document.title else None,
        authors=tuple(filter(None, map(storable, document.authors))),
        date=document.date,
        modified=document.modified,
        language=language,
        text=storable(document.text),
        extractor=EXTRACTOR,
        version=f"{VERSION}+{ENGINE}" if document.text else VERSION,
        origins=origins | ({"text": SCANNED} if document.scanned else {"text": "pypdf"} if document.text else {}),
        markdown=storable(document.markdown) if document.markdown else None,
    )


def _of_mail(page: Page, trees: Trees | None) -> Text | None:
    """Read an e-mail: its HTML as an article, or else its plain text, under its own Subject, From and Date."""
    mail = read_mail(page.body)
    html, plain = html_of(mail), storable(plain_text(mail))
    said: Text | None = None
    if html is not None:
        said = _of_page(Page(page.url, first_elements(html[:LIMIT])[0], HTML, page.at), trees)
    if said is None or not said.text:
        language = language_of(plain, None)[0] if plain else None
        version = f"{VERSION}+plain" if plain else VERSION
        told = {"text": "plain text of the e-mail"} | ({"language": "text"} if language else {}) if plain else {}
        said = Text(None, (), None, None, language, plain, EXTRACTOR, version, told)
    title, senders, date = storable(mail.subject), tuple(filter(None, map(storable, mail.senders))), dated(mail)
    if not (said.text or title or senders or date):
        return None
    origins = {name: origin for name, origin in said.origins.items() if name in ("text", "language")}
    fields = {"title": (title, "Subject"), "author": (senders, "From"), "date": (date, "Date")}
    origins |= {name: origin for name, (value, origin) in fields.items() if value}
    return replace(
        said,
        title=title or None,
        authors=senders,
        date=date,
        modified=None,
        thread=None,
        about=About(),
        origins=origins,
    )


def with_opener(metadata: Metadata, thread: Thread) -> Metadata:
    """Set author and date of a thread from its opener, which is on its first page only.

    The ``meta`` author of forums is their software or the site.
    """
    first = thread.posts[0]
    if thread.page not in (None, 1):
        return metadata
    found = {}
    known = thread.engine in _ENGINES
    of_site = known and metadata.origins.get("author") == "meta"
    if first.author and (not metadata.authors or of_site or thread.engine in SOCIAL):
        found["author"] = "first post"
        metadata = replace(metadata, authors=(first.author,))
    if first.date:
        found["date"] = "first post"
        metadata = replace(metadata, date=first.date)
    if thread.title and (known or not metadata.title):
        found["title"] = "posts"
        metadata = replace(metadata, title=thread.title)
    return replace(metadata, origins=metadata.origins | found)


def _as_stub(page: Page, metadata: Metadata, text: str) -> Metadata:
    """Mark a short page that asks for payment or login as paywalled, even if its metadata does not."""
    if metadata.about.free is not None or len(text) > MOST or not (asked := payment_notice(page)):
        return metadata
    about = replace(metadata.about, free=False)
    return replace(metadata, about=about, origins=metadata.origins | {"free": f'the words "{asked}"'})


def _storable_facts(about: About) -> About:
    """Return metadata without characters that can't be stored."""
    lines = {name: storable(value) for name, value in known(about) if isinstance(value, str)}
    return replace(about, **lines, tags=tuple(filter(None, map(storable, about.tags))))  # type: ignore[arg-type]


def _may_be_comments(thread: Thread, metadata: Metadata) -> bool:
    """Return whether posts may be comments under an article: only repeated elements indicate a thread."""
    return thread.engine in (GENERIC, UNDER_ARTICLE) and metadata.thread is not True


def _without_comments(
    page: Page, metadata: Metadata, main: MainText | None, posts: Thread | None, trees: Trees | None
) -> MainText | None:
    """Return the article if the posts are comments on it, although address or markup indicate a forum; else None."""
    if main is None or posts is None or is_on_forum(page.url) or not _has_article_above(main, posts):
        return None
    alone = main_text(page, title=metadata.title, thread=False, besides=posts.posts, trees=trees)
    return alone if alone is not None and _has_article_above(alone, posts) else None


def _has_article_above(main: MainText, posts: Thread) -> bool:
    """Return whether the main text has several paragraphs above the first post: then the posts are comments on them.
    Posts that are only the names of their authors were not read well: they say nothing of a text.
    """
    if all(post.text in ("", post.author) for post in posts.posts):
        return False
    said = "".join(posts.text.split())
    first = "".join(posts.posts[0].text.split())[:_LONG_LINE]
    lines = ("".join(line.split()) for line in main.text.split("\n") if len(line) >= _LONG_LINE)
    above = list(takewhile(lambda line: line not in said and not line.startswith(first), lines))
    return len(above) > 1 and sum(map(len, above)) >= _LEAST_ABOVE


def _is_apart(main: MainText, posts: Thread) -> bool:
    """Return whether the main text has almost no line in common with the posts: then they are comments under it."""
    said = "".join(posts.text.split())
    lines = ["".join(line.split()) for line in main.text.split("\n") if len(line) >= _LONG_LINE]
    shared = sum(len(line) for line in lines if line in said)
    return shared < _APART * sum(map(len, lines))
