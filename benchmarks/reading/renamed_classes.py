"""Read the pages of forums in tests/extractor/forums/cases with all their class names replaced.

    python -m benchmarks.reading.renamed_classes

A forum in a theme of its own has other class names. Without them, no engine is known, and posts are found by what
repeats: names, times, ids, links. *Whole* is a page on which each post is found once, and its text has at most three
tenths or 20 characters more or less.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path

from benchmarks.machine import called, load
from extractor.forums.registry import read_thread
from extractor.html.page import Page
from extractor.values.thread import Post

_CASES = Path(__file__).parents[2] / "tests" / "extractor" / "forums" / "cases"
_CLASSES = re.compile(r"(?s)<script\b.*?</script>|(\bclass\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
"""Scripts stay as they are: HTML in their JSON would not be JSON any more."""
_SEEN = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)


def renamed(html: str) -> str:
    """Return a page with other class names, the same one for the same name."""

    def other(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        names = found[2].strip("\"'").split()
        return f'{found[1]}"{" ".join("k" + md5(name.encode()).hexdigest()[:6] for name in names)}"'

    return _CLASSES.sub(other, html)


def compared() -> Iterator[tuple[str, int, int, bool]]:
    """Yield the name of a case, its posts, those that are found with their author and day, and whether it is whole."""
    for case in sorted(path for path in _CASES.iterdir() if (path / "page.html").exists()):
        told = json.loads((case / "expected.json").read_text("utf-8"))
        page = Page(told["url"], (case / "page.html").read_bytes(), at=_SEEN)
        before = read_thread(page)
        if before is not None:
            after = read_thread(replace(page, body=renamed(page.body.decode("utf-8", "replace")).encode()))
            found = after.posts if after is not None else ()
            named = sum(any(_is_named(post, other) for other in found) for post in before.posts)
            same = all(any(_is_same(post, other) for other in found) for post in before.posts)
            yield case.name, len(before.posts), named, same and len(found) == len(before.posts)


def _is_named(post: Post, other: Post) -> bool:
    one, two = _letters(post), _letters(other)
    day = (post.date or "-")[:10] == (other.date or "-")[:10]
    return (one in two or two in one) and day and post.author == other.author


def _is_same(post: Post, other: Post) -> bool:
    one, two = _letters(post), _letters(other)
    return (one in two or two in one) and two != "" and abs(len(one) - len(two)) <= max(20, len(one) * 3 // 10)


def _letters(post: Post) -> str:
    return "".join(post.text.split())


def main() -> None:
    called("benchmarks.reading.renamed_classes", __doc__).parse_args()
    rows = list(compared())
    for name, posts, named, whole in rows:
        print(f"{name:24} {named} of {posts} posts with author and day{', whole' if whole else ''}")
    whole, complete, none = (
        sum(row[3] for row in rows),
        sum(not row[3] and row[1] == row[2] for row in rows),
        sum(row[2] == 0 for row in rows),
    )
    print(f"{len(rows)} cases: {whole} whole, {complete} more with all authors and days, {none} without any")
    print(load())


if __name__ == "__main__":
    main()
