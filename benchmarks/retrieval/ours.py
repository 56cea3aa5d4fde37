"""``python -m benchmarks.retrieval.ours HOME TOLD``: run our server of a home until its input ends; it writes its URL
to TOLD.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import uvicorn

from benchmarks.machine import called
from config.settings import Settings
from extractor.values.collector import seldom
from pressmark.processes.app import create_app
from pressmark.processes.serve import bound, url_of
from pressmark.service.assembly import open_pressmark


def main(home: Path, told: Path) -> None:
    with open_pressmark(Settings(home=home)) as service, bound("127.0.0.1", 0) as listener, seldom():
        server = uvicorn.Server(
            uvicorn.Config(create_app(service), log_config=None, access_log=False, lifespan="off", server_header=False)
        )
        threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
        told.with_suffix(".part").write_text(url_of(listener))
        told.with_suffix(".part").rename(told)
        sys.stdin.read()


if __name__ == "__main__":
    arguments = called("benchmarks.retrieval.ours", __doc__)
    arguments.add_argument("home", type=Path)
    arguments.add_argument("told", type=Path)
    main(**vars(arguments.parse_args()))
