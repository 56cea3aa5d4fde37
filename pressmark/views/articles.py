"""An article over all its parts, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.values.timestamps import timestamp14

if TYPE_CHECKING:
    from archive.retrieval.multipart_articles import WholeArticle


def article_json(article: WholeArticle) -> dict[str, Any]:
    """Return the article.

    Title, authors and dates are those of the first part; `missing` names the part that is not archived.
    """
    first = article.parts[0]
    row = first.row
    return {
        "url": first.capture.url,
        "title": row.title,
        "author": row.author,
        "date": row.date,
        "language": row.language,
        "complete": article.complete,
        "missing": list(article.missing),
        "parts": [
            {
                "url": part.capture.url,
                "timestamp": timestamp14(part.capture.at),
                "record_id": part.row.record_id,
                "sha256": part.row.sha256,
            }
            for part in article.parts
        ],
        "text": article.text,
        "markdown": article.markdown,
    }
