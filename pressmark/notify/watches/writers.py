"""Who wrote a sentence of a page: its author, or the author of a post."""

from __future__ import annotations

from archive.index.changes import PageChange
from config.groups.watches import Watch
from pressmark.notify.watches.matching import finds, plain


class Writers:
    """What the people of a watch wrote on a page."""

    def __init__(self, watch: Watch, change: PageChange) -> None:
        self._names = watch.authors
        self._by_page = any(map(self._is_wanted, change.authors))
        posts = [plain(post.text) for post in change.posts]
        # The text of a thread is that of its posts. Below an article, comments are not part of its text.
        self._posts = posts if all(post in plain(change.text) for post in posts) else []
        self._theirs = [plain(post.own) for post in change.posts if self._is_wanted(post.author or "")]

    def wrote(self, sentence: str) -> bool:
        """Return whether one of them wrote a sentence of the text: in a thread the posts that have it decide.

        Elsewhere, the author of the page wrote it. A quotation is not what its post's author wrote.
        """
        said = plain(sentence)
        if any(said in post for post in self._posts):
            return any(said in own for own in self._theirs)
        return self._by_page

    def _is_wanted(self, name: str) -> bool:
        return finds(self._names, name)
