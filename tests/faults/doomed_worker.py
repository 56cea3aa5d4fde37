"""A nursery of workers that are going to be killed: imports once, forks for each, so that a start costs milliseconds.

Each line on the input of `python doomed_worker.py` is the JSON of settings; it answers with the pid of a worker.
A worker appends to HOME/acks what it was told is acknowledged, and to HOME/starts how long it took to be ready.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from archive.recorder import Receipt
from config.settings import load_settings
from pressmark import working
from pressmark.assembly import open_pressmark
from pressmark.works import open_works


def work(values: dict[str, Any], began: float) -> None:
    settings = load_settings(values)
    acks = os.open(settings.home / "acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(receipts: Sequence[Receipt]) -> None:
        lines = (
            json.dumps([c.record_id, c.url, c.kind, c.sha256, c.location.segment]) + "\n"
            for receipt in receipts
            if (c := receipt.capture)
        )
        os.write(acks, "".join(lines).encode())

    with open_pressmark(settings) as service, open_works(service) as works:
        works.hearing.append(note)
        ready = {"seconds": time.monotonic() - began, "lost": [c.url for c in works.recovered.lost]}
        with (settings.home / "starts").open("a") as starts:
            starts.write(json.dumps(ready) + "\n")
        uvloop.run(working._work(service, works))


def main() -> None:
    quiet = os.open(os.devnull, os.O_RDONLY)
    for line in sys.stdin:
        began = time.monotonic()
        pid = os.fork()
        if not pid:
            os.dup2(quiet, 0)
            os.setsid()
            code = 70
            try:
                work(json.loads(line), began)
                code = 0
            except BaseException as error:
                (Path(json.loads(line)["home"]) / "trouble").write_text(repr(error))
                raise
            finally:
                os._exit(code)
        print(pid, flush=True)
        sys.stdin.readline()  # until it has been killed, its pid is nobody else's
        os.waitpid(pid, 0)
        print("over", flush=True)


if __name__ == "__main__":
    main()
