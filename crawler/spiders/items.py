"""The items that walks yield: what an answer says of the site, beside the URLs that it leads to.

They go into the frontier of the run, from which its outcome and its completeness are read.
"""

from __future__ import annotations

from typing import NamedTuple

from crawler.policy.rows import Link
from crawler.policy.skip_reasons import LISTS, NO_LISTS
from crawler.policy.thread_pages import Noted


class Counted(NamedTuple):
    """An answer of a kind that the run counts."""

    kind: str
    """A name of the tally, such as those in `skip_reasons`."""


def listed(is_list: bool) -> Counted:
    """Return the item of a feed or sitemap that was read, or of a page that was found in its place."""
    return Counted(LISTS if is_list else NO_LISTS)


Item = Counted | Noted
Found = Link | Item | None
"""What `parse` yields: a request, an item, or None, at which other runs have their turn."""
