"""What a run lends to those that do more with a page: the browser, and the search for video and audio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from crawler.engine.run_recorder import RunRecorder
from crawler.policy.order import Order
from crawler.policy.shared import Parts
from crawler.run.requests import Requests
from crawler.run.run_log import RunLog
from crawler.run.verdicts import Verdicts


class RunTools(NamedTuple):
    """The parts of one run."""

    order: Order
    parts: Parts
    recorder: RunRecorder
    verdicts: Verdicts
    of_run: Requests
    """They have the source's headers and cookies."""
    wake: Callable[[], None]
    """Makes the engine ask for the next request."""
    log: RunLog
    tally: Counter[str]
