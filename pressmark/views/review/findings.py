"""Review a run: what it found, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from archive.index.run_review import Brought, RunReview
from pressmark.service.access.source_facts import in_text
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp
from pressmark.views.describe_captures import page_link
from pressmark.views.diff import PREVIOUS, diff_link
from pressmark.views.review.marking import mark_shapes
from pressmark.views.review.replay_checks import ReplayCheck, ReplayChecks
from pressmark.views.review.review_shapes import FINDINGS, Finding, ReviewItemShape, ReviewShape
from pressmark.views.review.suspicion import MISSING, suspicion
from pressmark.views.run_log import failed_urls
from scheduler.run import Run

LIMIT = 100
_COMPARED = 1000
"""Changed pages of a run whose texts are compared."""


def review(service: Service, run: str, limit: int = LIMIT) -> ReviewShape:
    """Return what a run found: at most `limit` pages of each finding. Raises UnknownRun."""
    known = service.runs.get(run)
    brought = RunReview(service.database, run, limit)
    changed, suspicious = _compared(service, run)
    found: dict[str, ReviewItemShape] = {}
    for item in _worst_first(service, known, brought, suspicious):
        found.setdefault(item.url, item)
    for page in changed:
        found.setdefault(page.url, _item(service, "changed", page))
    for page in brought.new():
        found.setdefault(page.url, _item(service, "new", page))
    by_finding = {name: [item for item in found.values() if item.finding == name] for name in FINDINGS}
    listed = Counter({name: len(items) for name, items in by_finding.items()})
    news = brought.counts()
    at_least = {"failed": 0, "changed": news.get("changed", 0) - len(suspicious), "new": news.get("new", 0)}
    return ReviewShape(
        run=run,
        source=known.source,
        outcome=known.outcome,
        reason=in_text(known.reason) if known.reason else known.reason,
        counts={name: max(listed[name], at_least.get(name, 0)) for name in FINDINGS},
        compared=len(changed) + len(suspicious),
        items=_marked(service, run, [item for items in by_finding.values() for item in items[:limit]]),
    )


def _marked(service: Service, run: str, items: list[ReviewItemShape]) -> list[ReviewItemShape]:
    """Add what people said of the pages."""
    marks = mark_shapes(service, run)
    return [item.model_copy(update={"mark": marks.get(item.url)}) for item in items]


def _compared(service: Service, run: str) -> tuple[list[Brought], list[tuple[Brought, str]]]:
    """Return the changed pages of a run that are not suspicious; and those that are, with the reason."""
    changed, suspicious = [], []
    for page in RunReview(service.database, run, _COMPARED).changed():
        if (reason := suspicion(page)) is None:
            changed.append(page)
        else:
            suspicious.append((page, reason))
    return changed, suspicious


def _worst_first(
    service: Service, run: Run, brought: RunReview, suspicious: list[tuple[Brought, str]]
) -> Iterator[ReviewItemShape]:
    """Yield what is not in order. The first finding of a page counts."""
    for page, reason in suspicious:
        yield _item(service, "suspicious", page, reason)
    for check in ReplayChecks(service.database).of_run(run.id):
        if check.finding is not None:
            yield _replayed(service, check)
    for page in brought.other_than_pages():
        if (why := suspicion(page)) is not None:
            yield _item(service, "missing" if page.verdict == MISSING else "suspicious", page, why)
    for page in brought.gone():
        yield _item(
            service, "missing", page, f"the website answered with an error (status {page.status}) instead of the page"
        )
    for one in failed_urls(service.settings.home, run.id):
        yield ReviewItemShape(finding="failed", url=one.url, reason=one.reason)
    yield from _unlisted(run.completeness or {})


def _unlisted(seen: Mapping[str, Any]) -> Iterator[ReviewItemShape]:
    """Yield what the site lists and the run did not fetch: an example for each reason, and each incomplete thread."""
    for reason, missing in seen.get("missing", {}).items():
        if url := missing.get("example"):
            yield ReviewItemShape(finding="missing", url=url, reason=reason)
    for thread in seen.get("incomplete", ()):
        pages = "pages" if any(mark in thread["missing"] for mark in "-,") else "page"
        verb = "are" if pages == "pages" else "is"
        reason = f"{pages} {thread['missing']} of the forum thread {thread['url']} {verb} missing from this run"
        yield ReviewItemShape(finding="missing", url=thread["url"], reason=reason)


def _replayed(service: Service, check: ReplayCheck) -> ReviewItemShape:
    named = stamp(service, check.url, check.at, check.record_id)
    return ReviewItemShape(
        finding="suspicious",
        url=check.url,
        reason=check.finding,
        at=check.at,
        record_id=check.record_id,
        page=page_link(check.url, named),
    )


def _item(service: Service, finding: Finding, page: Brought, reason: str | None = None) -> ReviewItemShape:
    named = stamp(service, page.url, page.at, page.record_id)
    return ReviewItemShape(
        finding=finding,
        url=page.url,
        reason=reason,
        title=page.title,
        language=page.language,
        at=page.at,
        record_id=page.record_id,
        page=page_link(page.url, named),
        diff=None if page.before.text is None else diff_link(page.url, PREVIOUS, named),
    )
