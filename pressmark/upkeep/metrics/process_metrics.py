"""The metrics that processes count while they run: fetches, uploads, slots. The database adds them up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from archive.database.figures import Sums
from archive.shipping.upload_counts import RESULTS
from archive.values.counters import SUM, Figure, bucket_names
from pressmark.upkeep.audit import OK, WRONG
from pressmark.upkeep.fixity import REPAIRED
from scheduler.ledger.queue import REASONS

_FETCHES = (
    "pressmark_fetch",
    "Fetches by source and class: 2xx to 5xx, or why there was no response.",
    ("source", "class"),
)
_FETCH_SECONDS = (
    "pressmark_fetch_duration_seconds",
    "Time from requesting a connection to the last byte of the response.",
)
_FORBIDDEN = (
    "pressmark_ssrf_blocked",
    "Connections refused by the address guard, by reason.",
    ("reason",),
)
_UPLOADS = "pressmark_upload", "Attempts to upload a segment, by result.", ("result",)
_UPLOAD_SECONDS = (
    "pressmark_upload_duration_seconds",
    "Duration of successful uploads, from reading the segment to its manifest.",
)
_CHECKED = (
    "pressmark_fixity_checked",
    "Files and objects checked in full, by result: ok, wrong or repaired.",
    ("result",),
)
_MISSED = (
    "pressmark_schedule_missed",
    "Scheduled slots without a run, by reason: down, busy, paused, no-room.",
    ("reason",),
)
_DELAY_SECONDS = "pressmark_schedule_delay_seconds", "Delay between a slot and the start of its run, including jitter."

_STALLS: tuple[str, str, tuple[str, ...]] = (
    "pressmark_worker_stalls",
    "Stalled workers that were killed.",
    (),
)


def counted(sums: Sums) -> Iterator[Metric]:
    """Return all of them, including those never counted."""
    yield _counter(_FETCHES, sums.get(Figure.FETCHES, {}))
    yield _histogram(_FETCH_SECONDS, Figure.FETCH_SECONDS, sums)
    yield _counter(_FORBIDDEN, sums.get(Figure.FORBIDDEN, {}))
    yield _counter(_UPLOADS, _known(RESULTS) | dict(sums.get(Figure.UPLOADS, {})))
    yield _histogram(_UPLOAD_SECONDS, Figure.UPLOAD_SECONDS, sums)
    yield _counter(_CHECKED, _known((OK, WRONG, REPAIRED)) | dict(sums.get(Figure.CHECKED, {})))
    yield _counter(_MISSED, _known(REASONS) | dict(sums.get(Figure.MISSED, {})))
    yield _histogram(_DELAY_SECONDS, Figure.DELAY_SECONDS, sums)
    yield _counter(_STALLS, {(): 0.0, **sums.get(Figure.STALLS, {})})


def _known(labels: Iterable[str]) -> dict[tuple[str, ...], float]:
    """Start at 0 before anything is counted: for Prometheus, a rise from nothing to 1 is not a rise."""
    return {(label,): 0.0 for label in labels}


def _counter(told: tuple[str, str, tuple[str, ...]], values: Mapping[tuple[str, ...], float]) -> Metric:
    name, means, labels = told
    family = CounterMetricFamily(name, means, labels=labels)
    for of, value in sorted(values.items()):
        family.add_metric(of, value)
    return family


def _histogram(told: tuple[str, str], figure: Figure, sums: Sums) -> Metric:
    values, names = sums.get(figure, {}), bucket_names(figure)
    below = accumulate(values.get((name,), 0.0) for name in names)
    return HistogramMetricFamily(*told, buckets=list(zip(names, below, strict=True)), sum_value=values.get((SUM,), 0.0))
