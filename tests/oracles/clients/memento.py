"""`memento_client` at our TimeGate. Run by its own environment; prints JSON."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from memento_client import MementoClient

ours, url = sys.argv[1:]
client = MementoClient(timegate_uri=f"{ours}/all/", check_native_timegate=False)
print(json.dumps(client.get_memento_info(url, datetime(2026, 1, 31, 13, 20)), default=str))  # noqa: DTZ001
