"""The table of `pressmark why`: what is known of one URL, as names and values."""

from __future__ import annotations

from datetime import datetime

from archive.values.plural import counted
from pressmark.views.capture_shapes import CaptureShape, WithheldShape
from pressmark.views.run_shapes import DrawnShape
from pressmark.views.source_shapes import WhyShape


def rows_of(shape: WhyShape) -> list[tuple[str, str]]:
    """Return rows of name and value."""
    rows = [("url", shape.url)]
    rows += [("is archived as", shape.alias_of)] if shape.alias_of else []
    rows += [("is also", alias) for alias in shape.aliases]
    rows.append(("last archived", _latest_line(shape.latest, shape.url)))
    rows += [("etag", shape.etag)] if shape.etag else []
    rows += [("last-modified", shape.last_modified)] if shape.last_modified else []
    rows += [("verdict", shape.verdict)] if shape.verdict else []
    rows += [("browser", _drawn_line(shape.drawn))] if shape.drawn else []
    rows += [("text withheld", _withheld_line(shape.withheld))] if shape.withheld else []
    for one in shape.sources:
        rows += [
            (f"{one.source}: scope", one.scope.reason),
            (f"{one.source}: robots.txt", one.robots.reason),
            (f"{one.source}: last fetched", _moment(one.fetched_at)),
            (f"{one.source}: next fetch", _moment(one.due_at)),
            (f"{one.source}: next run", _moment(one.next_run)),
            (f"{one.source}: reason", one.because),
        ]
        rows += [(f"{one.source}: browser", one.fetch)] if one.fetch else []
    rows += [(f"{rule.name}: scope", rule.reason) for rule in shape.others]
    rows += [("other sources", _elsewhere_line(shape.elsewhere))] if shape.elsewhere else []
    return rows


def _elsewhere_line(count: int) -> str:
    return f"{counted(count, 'source')} of other sites: their settings neither name this site nor can reach it"


def _drawn_line(drawn: DrawnShape) -> str:
    if drawn.problem:
        return f"the browser did not render the page: {drawn.problem}"
    took = f"a browser rendered the page in {drawn.seconds:.1f} s with {counted(drawn.requests, 'request')}"
    return f"{took}; reason: {drawn.reason}"


def _withheld_line(withheld: WithheldShape) -> str:
    hidden = "the files of sources have a mistake or can't be read, which hides its use,"
    because = f"use is set to {withheld.use}" if withheld.use else hidden
    return f"exports and language models do not get the text, as {because} and the site says: {withheld.said}"


def _latest_line(latest: CaptureShape | None, url: str) -> str:
    if latest is None:
        return "never"
    spelt = f", as {latest.url}" if latest.url != url else ""
    return f"{_moment(latest.at)}, status {latest.status}, {latest.kind}{spelt}"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at else "-"
