"""pressmark add: from a URL to a source."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import DryRun, Json, Yes
from pressmark.cli.runtime import agreed, door_of, fail, reported
from pressmark.cli.terminal.output import counted, print_note, show, show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pressmark.discover.drafted_source import DraftedSource
    from pressmark.discover.inspect import SiteInspection
    from pressmark.discover.lists import FoundSitemap

_SHOWN = 12


@reported
def add(
    context: typer.Context,
    url: Annotated[
        str, typer.Argument(help="The URL of any page of the site, of its feed or of its sitemap.", metavar="URL")
    ],
    *,
    name: Annotated[
        str | None, typer.Option(help="Name of the new source (default: taken from the host name of the URL).")
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(help="Crawl at a fixed interval, such as 15m (15 minutes), 6h (6 hours) or 1d (1 day)."),
    ] = None,
    cron: Annotated[
        str | None,
        typer.Option(
            help='Crawl at fixed times, written as for the Unix program cron: "0 */6 * * *" means every six hours.'
        ),
    ] = None,
    walk: Annotated[
        Literal["page", "site", "listing", "feed", "sitemap", "forum", "series"] | None,
        typer.Option(
            help="How to find the pages of the site: page (only the URL itself), site (follow all links), listing "
            "(pages of links to articles), feed, sitemap, forum (boards and threads), or series (documents "
            "whose URLs differ by a number or a date). By default, Pressmark detects the best method."
        ),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="For a URL with places such as {year} and {month:02}: the first document of the series, such as "
            "2024-01, 2024-01-31, 2024-W05, 2024 or 12 (default: today's; a series of numbers needs it).",
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The last document of the series (default: the one of today)."),
    ] = None,
    delay: Annotated[
        str | None, typer.Option(help="Time to wait between two requests to the same server, e.g. 2s (default: 1s).")
    ] = None,
    allow_address: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NETWORK",
            help="Also fetch from servers in this private network, which the internet can't reach. Write "
            "the network as in 10.1.0.0/16.",
        ),
    ] = None,
    allow_port: Annotated[
        list[int] | None,
        typer.Option(
            metavar="PORT",
            help="Also fetch from servers at this port. The ports 80, 443, 8080 and 8443 are always allowed.",
        ),
    ] = None,
    requisites: Annotated[
        bool, typer.Option("--requisites/--no-requisites", help="Also archive images, styles, scripts and fonts.")
    ] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Save the source even if another one already begins at the same URL.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Inspect a site and add it to the archived sites (sources).

    In a terminal, the command asks for confirmation before it writes the file. In a script, it does not save a second
    source that begins at the same URL, unless you give that source a name.

    \b
    pressmark add https://example.org/news/ --name example --every 6h
    pressmark add "https://example.org/report-{year}-{month:02}.pdf" --first 2024-01
    """
    import asyncio

    from pressmark.discover.drafted_source import inspect_and_propose
    from pressmark.discover.propose import ProposalOptions
    from pressmark.service.access.trail import user_of_machine
    from pressmark.service.source_editing import add_source

    if every and cron:
        raise fail("the options --every and --cron can't be used together", Exit.USAGE)
    door = door_of(context)
    bounds = {key: value for key, value in (("first", first), ("last", last)) if value is not None}
    keys = {"series": bounds} if bounds else {}
    wish = ProposalOptions(
        name, walk, every, cron, tuple(allow_address or ()), tuple(allow_port or ()), requisites, delay, keys=keys
    )
    with door.opened() as service:
        looking = inspect_and_propose(
            url,
            wish,
            settings=service.settings,
            known=service.sources.good,
            now=service.now,
            figures=service.figures,
        )
        found = asyncio.run(looking)
        if not json:
            _print(found)
        asked = not (yes or json or dry_run) and sys.stdin.isatty()
        if found.already and not (asked or dry_run or name or force):
            raise fail(
                f"nothing was saved: the source {found.already[0]} already begins at the same URL",
                Exit.USAGE,
                "to save it nevertheless, use --name or --force",
            )
        sure = not asked or agreed("Save this source?", default=True)
        if not sure:
            raise fail("nothing was saved", Exit.ERROR)
        file = None
        if not dry_run:
            added = add_source(service, found.text, user_of_machine(), with_secrets=True).name
            file = str(service.sources.file_of(added))
            record(context, service, added, after=service.facts_of(added))
    if json:
        proposal = found.proposal
        answer = {"name": proposal.source.name, "file": file, "text": found.text, "found": _found(found.seen)}
        told = {"already": list(found.already), "kept": proposal.kept, "forecast": proposal.forecast}
        show_json(answer | told | {"first": proposal.first, "forbidden": proposal.forbidden})
    elif file:
        door.print_note(
            f"wrote the source file {file}; to crawl the site now, use 'pressmark run {found.proposal.source.name}'"
        )


def _print(found: DraftedSource) -> None:
    seen, proposal = found.seen, found.proposal
    made = ", ".join(filter(None, (seen.language, seen.encoding)))
    print_note(f"{seen.url}: {seen.title or 'untitled'}{f' ({made})' if made else ''}")
    print_note(f"  robots    {seen.robots.reason}")
    if seen.drawn:
        print_note(
            f"  scripts   the page gets its text from scripts ({seen.drawn_because}), so a browser renders such pages"
        )
    for feed in seen.feeds:
        items = counted(len(feed.pages), "item")
        print_note(f"  {'posts' if feed.of_wordpress else 'feed':9} {feed.url}, {items}{_newest(feed.dates)}")
    for sitemap in seen.sitemaps:
        entries = counted(len(sitemap.pages), "sitemap" if sitemap.is_index else "page")
        print_note(f"  sitemap   {sitemap.url}, {entries}{_news(sitemap)}")
    if seen.forum:
        boards, threads = counted(len(seen.forum.boards), "board"), counted(len(seen.forum.threads), "thread")
        print_note(f"  forum     software {seen.forum.engine}, {boards} and {threads} found on the page")
    if seen.wordpress:
        print_note(f"  WordPress {seen.wordpress}")
    if seen.articles:
        count = len(seen.articles)
        further = seen.next is not None
        print_note(
            f"  articles  {count} found on the page, and there are more on further pages"
            if further
            else f"  articles  {count} found on the page"
        )
    show(found.text.rstrip())
    first = proposal.first
    for name in found.already:
        print_note(
            f"The source {name} already begins at the same URL. If you also save this new source, "
            "Pressmark crawls the site twice."
        )
    print_note(proposal.kept)
    print_note(f"The first run would fetch {proposal.forecast}.")
    for url in first[:_SHOWN]:
        print_note(f"  {url}")
    if len(first) > _SHOWN:
        print_note(f"  … and {len(first) - _SHOWN} more")
    for url in proposal.forbidden:
        print_note(
            f"Pressmark skipped {url}, as the file robots.txt of the site forbids programs to fetch this address"
        )


def _found(seen: SiteInspection) -> dict[str, Any]:
    """Return the findings about the site, as JSON."""
    return {
        "url": seen.url,
        "title": seen.title,
        "language": seen.language,
        "encoding": seen.encoding,
        "robots": seen.robots.reason,
        "drawn_by_scripts": seen.drawn,
        "feeds": [{"url": feed.url, "items": len(feed.pages)} for feed in seen.feeds],
        "sitemaps": [
            {"url": sitemap.url, "entries": len(sitemap.pages), "is_index": sitemap.is_index, "news": sitemap.news}
            for sitemap in seen.sitemaps
        ],
        "forum": asdict(seen.forum) if seen.forum else None,
        "wordpress": seen.wordpress,
        "articles": seen.articles,
        "next": seen.next,
    }


def _news(sitemap: FoundSitemap) -> str:
    if not sitemap.news:
        return ""
    languages = f" ({', '.join(sitemap.languages)})" if sitemap.languages else ""
    title = f' "{sitemap.newest}"' if sitemap.newest else ""
    return f", {sitemap.news} of them news{languages}{_newest(sitemap.dates)}{title}"


def _newest(dates: Sequence[datetime]) -> str:
    return f", the newest from {dates[0]:%Y-%m-%d %H:%MZ}" if dates else ""
