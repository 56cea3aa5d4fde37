"""Which part of a site a proposed source archives, and what its first run would fetch, in sentences."""

from __future__ import annotations

from pressmark.http.words import N_

PROPOSALS = (
    N_(
        "Pressmark will archive %(part)s. To archive the whole site instead, choose the crawl method "
        "(walk) site: use the option --walk site, or write `walk: site` in the source file."
    ),
    N_(
        "Pressmark will archive %(part)s. To archive all pages below %(directory)s instead, choose the crawl method "
        "(walk) site: use the option --walk site, or write `walk: site` in the source file."
    ),
    N_("Pressmark will archive all pages of the site that it finds by following links."),
    N_(
        "Pressmark will archive all pages below %(directory)s that it finds by following links. To archive the whole "
        "site instead, add %(root)s"
    ),
    N_(
        "Pressmark will archive the posts that are listed here, now and in later runs, with the replies that everyone "
        "can see."
    ),
    N_("this page and the articles that the feed lists, now and in later runs"),
    N_("the feed and the articles it lists, now and in later runs"),
    N_("the pages listed in the sitemaps"),
    N_("this page and the pages listed in the sitemaps"),
    N_("this list, its further pages, and the articles that they list"),
    N_("the boards of the forum, and all pages of their threads"),
    N_("only this page"),
    N_("at least %(count)s pages: %(which)s"),
    N_("at least %(count)s page: %(which)s"),
    N_("1 page: the page at this URL"),
    N_("%(count)s pages: %(which)s"),
    N_("this page, the feed and the items on the feed's first page"),
    N_("the feed and the items on its first page"),
    N_("the sitemaps and the pages they list"),
    N_("this page, the sitemaps and the pages they list"),
    N_("this page and the pages it lists"),
    N_("this page, and the forum boards and threads that it links to"),
    N_("this page and the pages it links to"),
    N_("this list and the posts on it"),
    N_("Pressmark will archive the documents of the series, each from its date on."),
    N_(
        "Pressmark will archive the documents of the series from %(first)s on. For older documents, write an earlier "
        "one behind first, in the line series of the source."
    ),
    N_("the documents of the series that are due"),
)
