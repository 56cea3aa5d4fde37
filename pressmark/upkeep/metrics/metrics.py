"""Metrics in Prometheus' text format, computed on request. No label ever holds a URL."""

from __future__ import annotations

import platform
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

import pressmark
from archive.database import figures
from archive.spool.salvage import LOST
from crawler.policy.rows import State
from pressmark.service.service import Service
from pressmark.upkeep.last_audit import last_full
from pressmark.upkeep.metrics.fixity import fixity_metrics
from pressmark.upkeep.metrics.process_metrics import counted
from scheduler.ledger.totals import Total, last_successes, totals
from scheduler.notices.alarms import Alarms
from scheduler.run import Run

_PLAIN = re.compile(r"[\w./-]{1,100}", re.ASCII)
"""A name that may be a label."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics(service: Service) -> bytes:
    """Return all of them, as they are now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ledger(service))
    return generate_latest(registry)


class _Ledger(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        database = self._service.database
        figures.write(database, self._service.figures)  # those of this process; the worker writes its own
        found = totals(database)
        yield _by_outcome(found)
        yield _by_source("pressmark_captures_acked", "Exchanges acknowledged: fsynced, with their journal line.", found)
        yield _by_source(
            "pressmark_fetch_failures", "Pages and requisites that could not be fetched.", found, "failures"
        )
        yield _by_source("pressmark_received_bytes", "Bytes of bodies received.", found, "bytes")
        yield _last_successes(found)
        yield _spider_stats(self._service)
        yield _blocked(self._service)
        yield _last_full(self._service)
        yield from fixity_metrics(self._service)
        yield from counted(figures.sums(database))
        yield from _queue(self._service)
        yield from _spool(self._service)
        yield _build_info()


def _by_outcome(found: list[Total]) -> Metric:
    family = CounterMetricFamily("pressmark_runs", "Finished runs.", labels=["source", "outcome"])
    for total in found:
        if total.outcome:
            family.add_metric([total.source, total.outcome], total.runs)
    return family


def _by_source(name: str, help_: str, found: list[Total], field: str = "captures") -> Metric:
    sums: defaultdict[str, int] = defaultdict(int)
    for total in found:
        sums[total.source] += getattr(total, field)
    family = CounterMetricFamily(name, help_, labels=["source"])
    for source, value in sums.items():
        family.add_metric([source], value)
    return family


def _last_successes(found: list[Total]) -> Metric:
    family = GaugeMetricFamily(
        "pressmark_run_last_success_timestamp_seconds",
        "End time of the last run that archived something.",
        labels=["source"],
    )
    for source, at in last_successes(found).items():
        family.add_metric([source], at.timestamp())
    return family


def _spider_stats(service: Service) -> Metric:
    """Names of statistics are the spider's: one with a URL in it would make a label of each page, so it is left out."""
    family = GaugeMetricFamily(
        "pressmark_spider_stat",
        "Scrapy's statistics of the last finished run of a custom spider: those that are numbers, by name.",
        labels=["source", "stat"],
    )
    spiders = [source.name for source in service.sources if source.spider]
    for name, run in service.runs.latest(spiders).items():
        for stat, value in ((run.spider or {}).get("stats") or {}).items():
            if isinstance(value, int | float) and _PLAIN.fullmatch(stat):
                family.add_metric([name, stat], value)
    return family


def _blocked(service: Service) -> Metric:
    family = GaugeMetricFamily(
        "pressmark_source_blocked_since_timestamp_seconds",
        "Time since when the site has blocked requests.",
        labels=["source"],
    )
    for source, alarm in Alarms(service.database).blocked().items():
        family.add_metric([source], alarm.since.timestamp())
    return family


def _last_full(service: Service) -> Metric:
    family = GaugeMetricFamily(
        "pressmark_fixity_last_full_timestamp_seconds",
        "Time of the last full check of the archive, whatever its result.",
    )
    if at := last_full(service.database):
        family.add_metric([], at.timestamp())
    return family


def _queue(service: Service) -> Iterator[Metric]:
    unfinished = service.runs.unfinished()
    family = GaugeMetricFamily("pressmark_runs_unfinished", "Runs queued and running.", labels=["status"])
    for status in ("queued", "running"):
        family.add_metric([status], sum(run.status == status for run in unfinished))
    yield family
    yield _tasks(unfinished)


def _tasks(unfinished: Iterable[Run]) -> Metric:
    family = GaugeMetricFamily("pressmark_frontier_tasks", "URLs of unfinished runs, by state.", labels=["state"])
    sums: Counter[str] = Counter({state.name.lower(): 0 for state in State})
    for run in unfinished:
        sums.update(run.counts.tasks)
        if run.status == "queued":  # leases of a dead worker count as free: they will be leased again
            leased = run.counts.tasks.get("leased", 0)
            sums["leased"] -= leased
            sums["pending"] += leased
    for state, count in sums.items():
        family.add_metric([state], count)
    return family


def _spool(service: Service) -> Iterator[Metric]:
    spool = service.settings.home / "spool"
    segments = service.index.segments("open", "sealed")
    now = service.now()
    oldest = max(((now - segment.opened_at).total_seconds() for segment in segments), default=0.0)
    yield GaugeMetricFamily("pressmark_spool_bytes", "Bytes in the spool, without the ballast.", value=_size(spool))
    budget = service.settings.spool.budget
    yield GaugeMetricFamily("pressmark_spool_budget_bytes", "Maximum bytes in the spool.", value=budget)
    yield GaugeMetricFamily(
        "pressmark_spool_oldest_seconds", "Age of the oldest segment that is not in the store.", oldest
    )
    yield CounterMetricFamily(
        "pressmark_captures_lost", "Acknowledged exchanges that could not be recovered.", value=_lost(spool)
    )
    sealed = [segment for segment in segments if segment.state == "sealed"]
    lag = max(((now - (row.sealed_at or row.opened_at)).total_seconds() for row in sealed), default=0.0)
    yield GaugeMetricFamily("pressmark_bucket_lag_seconds", "How long a sealed segment waits for upload.", lag)
    yield GaugeMetricFamily(
        "pressmark_captures_damaged",
        "Captures whose bytes are damaged, lost or in quarantine.",
        value=service.index.damaged_count(),
    )
    stuck = sum(segment.problem is not None for segment in segments)
    yield GaugeMetricFamily("pressmark_upload_stuck", "Segments that fail to upload.", stuck)


def _lost(spool: Path) -> int:
    """Return the lost captures. Recovery leaves a line for each."""
    return sum(path.read_bytes().count(b"\n") for path in spool.glob(f"*/quarantine/*{LOST}"))


def _size(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() and path.name != "ballast" else 0
        except OSError:  # released meanwhile
            continue
    return total


def _build_info() -> Metric:
    family = GaugeMetricFamily("pressmark_build_info", "Version of Pressmark.", labels=["version", "python"])
    family.add_metric([pressmark.__version__, platform.python_version()], 1)
    return family
