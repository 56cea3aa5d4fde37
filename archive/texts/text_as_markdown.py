"""Return the text of a capture as Markdown: the stored Markdown, or one made from its lines or posts."""

from __future__ import annotations

from archive.texts.texts import TextRow
from extractor.article.markdown import escape, image, joined, paragraphs
from extractor.values.thread import Post, Thread

_POSTS = "posts of "


def markdown_of(row: TextRow) -> str | None:
    """Return the lead image with its caption, and the text; None without a text.

    The result is inert: it has no HTML but tables without attributes, and only http and https links.
    """
    if row.text is None:
        return None
    fields = row.fields or {}
    lead = image(fields.get("caption") or "", fields["image"]) if fields.get("image") else None
    return joined([lead, row.markdown or _posts_of(row) or paragraphs(row.text)])


def _posts_of(row: TextRow) -> str | None:
    """Return the posts of a forum page, whose text consists of them."""
    said = ((row.fields or {}).get("origins") or {}).get("text", "")
    thread: Thread | None = row.thread if said.startswith(_POSTS) else None
    return joined(map(_post, thread.posts)) if thread is not None else None


def _post(post: Post) -> str:
    facts = [f"**{escape(post.author)}**" if post.author else "", escape(post.date or "")]
    return joined([", ".join(filter(None, facts)), post.markdown])
