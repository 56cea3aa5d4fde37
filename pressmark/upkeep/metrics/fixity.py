"""The metrics of audits and replicas."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from pressmark.service.service import Service
from pressmark.upkeep.fixity import standings, turn_of


def fixity_metrics(service: Service) -> Iterator[Metric]:
    """Return all of them, those of replicas by their names."""
    last = GaugeMetricFamily(
        "pressmark_audit_last_timestamp_seconds", "Time of the last complete audit of a share of the archive."
    )
    turn = turn_of(service.database)
    if turn and turn.ended_at:
        last.add_metric([], turn.ended_at.timestamp())
    yield last
    found = standings(service)
    wrong = GaugeMetricFamily(
        "pressmark_copies_wrong", "Copies of objects that are damaged or missing, by place.", labels=["place"]
    )
    oldest = GaugeMetricFamily(
        "pressmark_audit_oldest_timestamp_seconds",
        "Time of the check of the least recently checked object, by place.",
        labels=["place"],
    )
    for one in found:
        wrong.add_metric([one.place], one.wrong)
        if one.oldest_check:
            oldest.add_metric([one.place], one.oldest_check.timestamp())
    yield wrong
    yield oldest
    objects = GaugeMetricFamily("pressmark_replica_lag_objects", "Objects that a replica lacks.", labels=["replica"])
    missing = GaugeMetricFamily("pressmark_replica_lag_bytes", "Bytes that a replica lacks.", labels=["replica"])
    seconds = GaugeMetricFamily(
        "pressmark_replica_lag_seconds", "Age of the oldest object that a replica lacks.", labels=["replica"]
    )
    for one in found:
        if one.lag is not None:
            objects.add_metric([one.place], one.lag.objects)
            missing.add_metric([one.place], one.lag.size)
            age = (service.now() - one.lag.since).total_seconds() if one.lag.since else 0.0
            seconds.add_metric([one.place], max(0.0, age))
    yield objects
    yield missing
    yield seconds
