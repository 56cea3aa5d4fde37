"""How busy the machine is, which stands beside each figure."""

from __future__ import annotations

import os


def load() -> str:
    return "load " + " ".join(f"{value:.1f}" for value in os.getloadavg()) + f" on {os.cpu_count()} cores"
