"""The items that walks yield: what an answer says of the site, beside the URLs that it leads to.

They go into the frontier of the run, from which its outcome and its completeness are read.
"""

from __future__ import annotations

from typing import NamedTuple

from crawler.policy.rows import Link
from crawler.policy.skip_reasons import LISTS, NO_LISTS
from crawler.policy.thread_pages import ThreadPosition


class CountedAnswer(NamedTuple):
    """An answer of a kind that the run counts."""

    kind: str
    """A name of the tally, such as those in `skip_reasons`."""


def listed(is_list: bool) -> CountedAnswer:
    """Return the item of a feed or sitemap that was read, or of a page that was found in its place."""
    return CountedAnswer(LISTS if is_list else NO_LISTS)


Item = CountedAnswer | ThreadPosition
Found = Link | Item | None
"""What `parse` yields: a request, an item, or None, at which other runs have their turn."""
