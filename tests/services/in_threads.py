"""Do something in another thread: as another process would, with no lock of the first."""

from __future__ import annotations

import threading
from collections.abc import Callable


def in_thread(act: Callable[[], object]) -> BaseException | None:
    """Do something in another thread, which holds no lock; return what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0] if raised else None
