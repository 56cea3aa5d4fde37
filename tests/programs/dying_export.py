"""Do the jobs that wait in a home, and die by SIGKILL before the Nth write to the store or the database.

    python dying_export.py HOME N

It ends with 0 if the jobs have fewer writes.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from archive.export.parts import part_plan
from archive.store.local import LocalStore
from config.settings import Settings
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark


def main(home: Path, number: int) -> None:
    left = number

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    part_plan._FEWEST = 2
    with open_pressmark(Settings(home=home)) as service:
        store = service.store
        assert isinstance(store, LocalStore)
        checked = store.before_writing

        def before_writing() -> None:
            checked()
            count()

        store.before_writing = before_writing
        event.listen(service.database.engine, "commit", count)
        loop = BatchLoop(service)
        while loop.turn() == 0:
            pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
