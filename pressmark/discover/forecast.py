"""What a walk archives of a site, and what is known of its first run, in sentences. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from archive.values.plural import counted
from config.source import Walk
from pressmark.discover.inspect import SiteInspection

_ALL = (
    "To archive the whole site instead, choose the crawl method (walk) site: use the option --walk site, or write "
    "`walk: site` in the source file"
)
_WHOLE = "Pressmark will archive all pages of the site that it finds by following links."
_SITE, _BELOW = "the whole site", "all pages below {}"


PARTS = {
    "feed": f"this page and the articles that the feed lists, now and in later runs. {_ALL}",
    "sitemap": f"this page and the pages listed in the sitemaps. {_ALL}",
    "listing": f"this list, its further pages, and the articles that they list. {_ALL}",
    "forum": f"the boards of the forum, and all pages of their threads. {_ALL}",
    "site": "",
    "page": f"only this page. {_ALL}",
    "series": "the documents of the series, each from its date on",
}


"""By the walk: which part of a site is archived."""


_FIRST = {
    "feed": "this page, the feed and the items on the feed's first page",
    "sitemap": "this page, the sitemaps and the pages they list",
    "listing": "this page and the pages it lists",
    "forum": "this page, and the forum boards and threads that it links to",
    "site": "this page and the pages it links to",
    "page": "the page at this URL",
    "series": "the documents of the series that are due",
}


"""By the walk: what one inspected page shows of a first run."""


_ITSELF = {
    "feed": (
        f"the feed and the articles it lists, now and in later runs. {_ALL}",
        "the feed and the items on its first page",
    ),
    "sitemap": (f"the pages listed in the sitemaps. {_ALL}", "the sitemaps and the pages they list"),
}


"""Both, if the given URL is the feed or the sitemap itself."""


_SOCIAL = (
    "the posts that are listed here, now and in later runs, with the replies that everyone can see",
    "this list and the posts on it",
)
"""Both, if the given URL lists the posts of a social network."""

_THREAD = (f"all pages of this thread, now and in later runs. {_ALL}", "the first page of the thread")
"""Both, if the given URL is a thread of a forum."""

_REST_OF_THREAD = (
    "this page of the thread and the pages after it. To archive the pages before it, too, give the URL of the first "
    "page of the thread",
    "the page at this URL",
)
"""Both, if it is a later page that does not tell which is the first."""


def archived_part(seen: SiteInspection, walk: Walk) -> str:
    """Describe which part of the site a walk archives, and how to archive more of it, as a sentence.

    The walk ``site`` keeps to the directories of the seeds (`crawler.policy.scope`).
    """
    part, (directory, root) = _forecast_of(seen, walk)[0], _places(seen.url)
    if directory == root:
        return f"Pressmark will archive {part}." if part else _WHOLE
    if part:
        return f"Pressmark will archive {part.replace(_SITE, _BELOW.format(directory))}."
    return (
        f"Pressmark will archive all pages below {directory} that it finds by following links. To archive the whole "
        f"site instead, add {root}"
    )


def _places(url: str) -> tuple[str, str]:
    """Return the directory of a URL, and the root of its site."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    return f"{root}{parts.path.rpartition('/')[0]}/", f"{root}/"


def from_now_on(first: str) -> str:
    """Describe which documents of a series are archived if nobody named the first one, as a sentence."""
    return (
        f"Pressmark will archive the documents of the series from {first} on. For older documents, write an earlier "
        "one behind first, in the line series of the source."
    )


def forecast(seen: SiteInspection, walk: Walk, pages: int, *, leads_on: bool) -> str:
    return f"{'at least ' if leads_on else ''}{counted(pages, 'page')}: {_forecast_of(seen, walk)[1]}"


def _forecast_of(seen: SiteInspection, walk: Walk) -> tuple[str, str]:
    """Describe which part of the site is archived, and what is known of a first run."""
    if seen.social and walk == "forum":
        return _SOCIAL
    if seen.thread and walk == "forum":
        return _THREAD if seen.thread.first else _REST_OF_THREAD
    return (walk == seen.itself and _ITSELF.get(walk)) or (PARTS[walk], _FIRST[walk])
