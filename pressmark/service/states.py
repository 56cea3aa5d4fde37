"""States that need a person: each in one sentence, with its reason and the way out.

docs/operations/states.md is written from KINDS.
"""

from __future__ import annotations

from dataclasses import dataclass

from pressmark.service.exits import Exit


@dataclass(frozen=True, slots=True)
class Kind:
    """A state that needs a person, whatever the particulars."""

    part: str
    sentence: str
    code: Exit
    remedy: str
    """What to do, at more length than the sentence has room for."""
    blocks: bool = True
    """Whether the service is not ready while it lasts (`/readyz` answers 503)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How one part is. `code` is what a command ends with that meets it; 0 for a part that is well."""

    part: str
    sentence: str
    code: Exit = Exit.OK
    state: str | None = None
    """The name of its kind, if it has one."""
    blocks: bool = True
    """Whether the service is not ready while it lasts."""


KINDS: dict[str, Kind] = {
    "database-unusable": Kind(
        "database",
        "the database %(where)s can't be used: %(why)s",
        Exit.DATABASE,
        "Start its server, or make its file readable. Captures go on being written to the spool, and rows follow.",
    ),
    "database-damaged": Kind(
        "database",
        (
            "the database %(where)s is damaged (%(why)s); pressmark serve and pressmark run set it aside, and make a"
            " new one from the store and the spool"
        ),
        Exit.DATABASE,
        "Start the service, or wait: a running one does it by itself. Runs, slots and events are in the file that was"
        " set aside; captures and texts come back (recovery.md).",
    ),
    "index-incomplete": Kind(
        "index",
        "%(why)s; searches and lists find less until then",
        Exit.TEMPORARY,
        "Nothing, while the numbers grow. If the store could not be compared, mend the store: the comparison is tried"
        " again by itself.",
    ),
    "disk-full": Kind(
        "space",
        "the disk at %(path)s (%(uses)s) has only %(free)s free; make room there, and crawling resumes by itself",
        Exit.DISK_FULL,
        "Delete or move other files, or give the directory a larger disk. Nothing that was acknowledged is lost.",
    ),
    "disk-without-inodes": Kind(
        "space",
        "the disk at %(path)s (%(uses)s) has only %(inodes)s inodes free; delete small files there",
        Exit.DISK_FULL,
        "`df -i` shows it. A file system with a fixed number of inodes has to be made anew to get more.",
    ),
    "disk-read-only": Kind(
        "space",
        "the disk at %(path)s (%(uses)s) is read-only; mount it writable",
        Exit.ERROR,
        "A kernel remounts a failing disk read-only: look at its log before `mount -o remount,rw`.",
    ),
    "directory-denied": Kind(
        "space",
        "%(path)s (%(use)s) can't be written to; chown it to the user %(user)s, with all in it",
        Exit.ERROR,
        "The service runs as another user than the owner of the directory.",
    ),
    "clock-behind": Kind(
        "clock",
        "the clock is %(behind)s behind what is captured; set it, or wait that long if it was ahead before",
        Exit.ERROR,
        "Captures made meanwhile get moments just after the latest one, so that their order stays right. Timetables"
        " follow the clock as it is now.",
    ),
    "spool-filling": Kind(
        "spool",
        (
            "the spool %(path)s is %(fraction)s full: no new run begins; see why its segments are not shipped, or raise"
            " spool.budget"
        ),
        Exit.DISK_FULL,
        "`pressmark doctor` names the store's trouble. Above 85 % running crawls pause, above 95 % nothing is"
        " accepted.",
    ),
    "crawling-paused": Kind(
        "crawling",
        "the worker %(worker)s has paused all its runs since %(since)s UTC: %(why)s; it resumes when there is room",
        Exit.DISK_FULL,
        "Ship what waits, raise `spool.budget`, or make room on the disk of the spool. The runs continue where they"
        " are.",
    ),
    "captures-lost": Kind(
        "recovery",
        (
            "acknowledged captures are lost: %(count)s, as %(file)s tells; run pressmark ingest on the other files of"
            " that directory (%(others)s), then move all of them away"
        ),
        Exit.INTEGRITY,
        "A disk or a crash damaged segments of the spool. `pressmark ingest` takes in what is whole in the"
        " quarantined bytes. The lists tell which captures to make again. The state ends when the lists are moved"
        " away.",
    ),
    "captures-out-of-reach": Kind(
        "captures",
        (
            "captures out of reach: %(count)s; the next run of their sources fetches what the sites still have;"
            " pressmark ingest takes in a healthy copy, or a file of the spool's quarantine"
        ),
        Exit.INTEGRITY,
        "`pressmark captures URL` and the calendar mark them. A copy of the object put in its place and `pressmark"
        " verify --all` end the state as well (backup.md).",
        blocks=False,
    ),
    "store-silent": Kind(
        "store",
        "%(why)s; look at the store and the network between; shipping resumes by itself",
        Exit.STORE,
        "Captures are safe in the spool meanwhile, as long as it has room.",
    ),
    "store-missing": Kind(
        "store",
        "the directory of the store, %(path)s, is not there, with %(count)s segments in it; mount or restore it",
        Exit.STORE,
        "Do so before the spool releases what it still has. Without a copy, `pressmark verify --all` tells what"
        " is gone.",
    ),
    "store-refuses": Kind(
        "shipping",
        "sealed segments wait for the store: %(count)s; %(why)s; shipping resumes by itself once that is mended",
        Exit.STORE,
        "`pressmark doctor` asks the store itself. Captures are safe in the spool meanwhile, as long as it has room.",
    ),
    "objects-damaged": Kind(
        "store",
        (
            "the last full check, at %(at)s UTC, found damaged or missing objects: %(count)s, the first %(first)s;"
            " restore them from a copy, and run pressmark verify --all again"
        ),
        Exit.INTEGRITY,
        "`pressmark verify --all` names each of them. Objects never change, so any copy of the store has the right"
        " ones. The state ends with a full check that finds nothing.",
    ),
}


def condition(name: str, **facts: object) -> Condition:
    """The condition of a kind, with what is in its sentence."""
    kind = KINDS[name]
    return Condition(kind.part, kind.sentence % facts, kind.code, name, kind.blocks)
