"""Let a process die by SIGKILL before its Nth write to the store or the database."""

from __future__ import annotations

import os
import signal

from sqlalchemy import event

from archive.store.local import LocalStore
from archive.store.s3 import S3Store
from pressmark.service.service import Service


def die_before_write(service: Service, number: int) -> None:
    """Kill this process at the first write after `number` of them: a put of the store, or a commit of the database."""
    left, store = number, service.store
    assert isinstance(store, LocalStore | S3Store)
    checked = store.before_writing

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before_writing() -> None:
        checked()
        count()

    store.before_writing = before_writing
    event.listen(service.database.engine, "commit", count)
