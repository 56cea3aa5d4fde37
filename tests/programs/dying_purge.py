"""Purge what a take-down of a home hides, and die by SIGKILL before the Nth write to the store or the database.

    python dying_purge.py HOME TAKEDOWN N

It ends with 0 if the purge has fewer writes. The environment may name another store and another database.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dying import die_before_write

from config.settings import load_settings
from pressmark.service.access.purges import Purges
from pressmark.service.assembly import open_pressmark


def main(home: Path, takedown: str, number: int) -> None:
    with open_pressmark(load_settings({"home": str(home)}, dotenv=None)) as service:
        die_before_write(service, number)
        purges = Purges(service)
        purges.run(takedown, purges.plan(takedown).token, by="ada", origin="test")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
