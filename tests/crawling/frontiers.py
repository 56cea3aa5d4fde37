"""Links for a frontier, and what it leases."""

from __future__ import annotations

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Link

HOST = "http://a.example"


def page(path: str, **facts: object) -> Link:
    return Link(HOST + path, **facts)  # type: ignore[arg-type]


def all_hosts(frontier: Frontier) -> list[int]:
    return list(frontier.waiting())


def lease(frontier: Frontier, limit: int = 100, now: float = 0.0) -> list[str]:
    return [row.url.removeprefix(HOST) for host in all_hosts(frontier) for row in frontier.lease(host, limit, now)]
