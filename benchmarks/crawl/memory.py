"""Memory of a million URLs in the frontier: ``python -m benchmarks.crawl.memory DIRECTORY [URLS]``.

The process has all modules of a worker. Each page gives 60 new URLs, and every page is leased and finished.
"""

from __future__ import annotations

import json
import resource
from pathlib import Path

from benchmarks.crawl import ours
from benchmarks.crawl.cpu import cpu
from benchmarks.machine import called
from crawler.frontier.admission import Admission
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import FetchResult, State
from crawler.policy.scope import Scope

LINKS = 60
HOST = "https://forum.example.org"


def main(directory: str, urls: int) -> None:
    frontier = Frontier(Path(directory) / "frontier.db")
    source = ours.source_of(f"{HOST}/")
    admission = Admission(Scope(source, source.seeds), frontier.tally)
    number, began = 0, cpu()
    frontier.add(admission.pages([f"{HOST}/"], 0))
    while number < urls:
        rows = frontier.lease(1, 32, 0.0)
        settled = []
        for row in rows:
            found = [f"{HOST}/threads/a-thread-with-a-title.{n}/" for n in range(number, number + LINKS)]
            settled.append(FetchResult(row.id, State.DONE, links=admission.pages(found, row.depth + 1)))
            number += LINKS
        frontier.write_results(settled)
    used = cpu() - began
    print(
        json.dumps(
            {
                "urls": sum(frontier.states.values()),
                "us_per_url": used * 1e6 / number,
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "disk_mb": frontier.path.stat().st_size / (1 << 20),
            }
        )
    )
    frontier.close()


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.memory", __doc__)
    arguments.add_argument("directory")
    arguments.add_argument("urls", type=int, nargs="?", default=1_000_000)
    main(**vars(arguments.parse_args()))
