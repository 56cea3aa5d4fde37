"""The text of a capture as Markdown: as it was kept, or made of the lines or the posts that are."""

from __future__ import annotations

from archive.texts.texts import TextRow
from extractor.article.markdown import escape, image, joined, paragraphs
from extractor.values.thread import Post, Thread

_POSTS = "posts of "


def markdown_of(row: TextRow) -> str | None:
    """The lead image with its caption, and the text; None where there is no text.

    Inert: without HTML, and without links but to http and https.
    """
    if row.text is None:
        return None
    fields = row.fields or {}
    lead = image(fields.get("caption") or "", fields["image"]) if fields.get("image") else None
    return joined([lead, row.markdown or _posts_of(row) or paragraphs(row.text)])


def _posts_of(row: TextRow) -> str | None:
    """Of a page of a forum, whose text is what its posts say."""
    said = ((row.fields or {}).get("origins") or {}).get("text", "")
    thread: Thread | None = row.thread if said.startswith(_POSTS) else None
    return joined(map(_post, thread.posts)) if thread is not None else None


def _post(post: Post) -> str:
    facts = [f"**{escape(post.author)}**" if post.author else "", escape(post.date or "")]
    return joined([", ".join(filter(None, facts)), post.markdown])
