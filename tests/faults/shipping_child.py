"""A process that ships everything in a spool to a store beside it: `python shipping_child.py DIRECTORY`."""

from __future__ import annotations

import sys
from pathlib import Path

from faults.doomed_shipper import ship

if __name__ == "__main__":
    ship(Path(sys.argv[1]), None)
