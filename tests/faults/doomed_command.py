"""Commands that will be killed (see `nursery`): an order is the JSON of `arguments`, `told` and `cpu`.

A command dies after `cpu` seconds of its own CPU time, at any point, without notice, as by SIGKILL. With 0 it runs to
its end, and writes to the file `told` how much it took.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from faults.nursery import serve

from pressmark.cli import main


def by(order: str) -> None:
    asked = json.loads(order)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    for stream in (1, 2):
        os.dup2(os.open(f"{asked['told']}.said", os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    os.setsid()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, asked["cpu"])
    try:
        main(asked["arguments"])
    except SystemExit as ended:
        if ended.code:
            raise
    Path(asked["told"]).write_text(f"{time.process_time() - began}")


if __name__ == "__main__":
    serve(by)
