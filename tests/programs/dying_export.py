"""Do the jobs that wait in a home, and die by SIGKILL before the Nth write to the store or the database.

    python dying_export.py HOME N

It ends with 0 if the jobs have fewer writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dying import die_before_write

from archive.export.parts import part_plan
from config.settings import Settings
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark


def main(home: Path, number: int) -> None:
    part_plan._FEWEST = 2
    with open_pressmark(Settings(home=home)) as service:
        die_before_write(service, number)
        loop = BatchLoop(service)
        while loop.turn() == 0:
            pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
