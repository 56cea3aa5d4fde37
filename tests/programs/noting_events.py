"""Note events in transactions until killed: ``python noting_events.py URL NAME``. It prints what was committed."""

import random
import sys
import threading
import time
from datetime import UTC, datetime
from itertools import count

from archive.database.engine import open_database
from scheduler.events import note

THREADS = 5


def write(database, name, out):
    dice = random.Random(name)
    for number in count():
        event = f"{name}-{number}"
        with database.beside(name) as connection:
            time.sleep(dice.random() * 0.01)
            note(connection, datetime(2026, 1, 31, 12, tzinfo=UTC), "source.paused", source=event)
            time.sleep(dice.random() * 0.01)
        out.write(f"{event}\n")  # one write of a line: threads share the file
        out.flush()


if __name__ == "__main__":
    shared = open_database(sys.argv[1])
    for thread in range(THREADS):
        threading.Thread(target=write, args=(shared, f"{sys.argv[2]}-{thread}", sys.stdout)).start()
