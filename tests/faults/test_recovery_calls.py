"""The system calls of recovery.

Death at any of them is harmless, and a name is durable before anything depends on it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import figure
from faults.test_kill import ENVIRONMENT, ROOT
from specimens.exchanges import MORNING, numbered
from specimens.spools import crashed, journal_beside

from archive.spool.recovery import recover
from archive.spool.sealed import WARC, sealed_in
from archive.values.capture import Capture
from archive.warc.integrity.verify import verify
from archive.warc.journal import load

CHILD = ROOT / "tests" / "faults" / "recovering_child.py"
DEATHS = ["write", "fsync", "rename"]
CALLS = "openat,rename,unlink,ftruncate,fsync,fdatasync"
_CALL = re.compile(r'\d+ +(\w+)\((?:AT_FDCWD<[^>]*>, )?(?:\d+<([^>]*)>|"([^"]*)")(?:, "([^"]*)")?(.*)\) += \d')

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]


def traced(spool: Path, *options: str, child: tuple[str, ...] = ()) -> int:
    command = [
        "strace",
        "-f",
        "-qq",
        "-y",
        "-e",
        f"trace={CALLS},write",
        *options,
        sys.executable,
        CHILD,
        spool,
        *child,
    ]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=120, check=False).returncode


# Death


def damaged(spool: Path) -> tuple[list[Capture], Path]:
    """A segment left open, two of its captures damaged; those that are intact."""
    captures, warc = crashed(spool, [numbered(n) for n in range(8)])
    for harmed in (2, 5):
        zero(warc, captures[harmed].location.offset + 100)
    return [capture for number, capture in enumerate(captures) if number not in (2, 5)], warc


def sealed_and_damaged(spool: Path) -> list[Capture]:
    captures, _ = crashed(spool, [numbered(n) for n in range(8)])
    [sealed] = recover(spool, now=lambda: MORNING).segments
    zero(sealed.path, captures[4].location.offset + 100)
    return [capture for number, capture in enumerate(captures) if number != 4]


def zero(warc: Path, at: int) -> None:
    with warc.open("r+b") as file:
        file.seek(at)
        file.write(bytes(300))


def _id(capture: Capture) -> str:
    return capture.record_id


def problems(spool: Path, intact: list[Capture]) -> list[str]:
    recover(spool, now=lambda: datetime.now(UTC))
    segments = list(sealed_in(spool))
    kept = [capture for sealed in segments for capture in load(sealed.journal).captures]
    found = [f"{finding}" for sealed in segments for finding in verify(sealed.path, sha256=sealed.sha256)]
    found += [f"left: {path}" for path in (spool / "open").iterdir()]
    same = sorted(kept, key=_id) == sorted(intact, key=_id)  # the order of the segments is random
    return found + ([] if same else [f"kept {len(kept)}, not {len(intact)}"])


@pytest.mark.parametrize("call", DEATHS)
def test_death_during_the_repair_of_a_damaged_segment_costs_no_intact_record(call: str, tmp_path: Path) -> None:
    for n in chosen():
        intact, _ = damaged(spool := tmp_path / str(n))
        ended = traced(spool, "-o", os.devnull, "-e", f"inject={call}:signal=SIGKILL:when={n}")

        assert ended in (0, -signal.SIGKILL)
        assert problems(spool, intact) == [], f"{call} {n}"


@pytest.mark.parametrize("call", DEATHS)
def test_death_while_a_segment_is_sealed_again_costs_no_intact_record(call: str, tmp_path: Path) -> None:
    for n in chosen():
        intact = sealed_and_damaged(spool := tmp_path / str(n))
        ended = traced(spool, "-o", os.devnull, "-e", f"inject={call}:signal=SIGKILL:when={n}", child=("reseal",))

        assert ended in (0, -signal.SIGKILL)
        if any((spool / "open").iterdir()) or ended == 0:
            assert problems(spool, intact) == [], f"{call} {n}"


def chosen() -> list[int]:
    every = list(range(1, 25))
    return figure(random.SystemRandom().sample(every[:7], 2), every, every)


# Errors


def test_a_segment_with_a_read_error_is_named_and_stops_no_other(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    unread, warc = crashed(spool, [numbered(n) for n in range(3)])
    kept, _ = crashed(spool, [numbered(n) for n in range(3, 6)])
    eio = ["-o", os.devnull, "-P", str(warc), "-e", "trace=read", "-e", "inject=read:error=EIO"]

    done = subprocess.run(
        ["strace", "-f", "-qq", *eio, sys.executable, CHILD, spool],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0
    assert f"{warc} can't be read (Input/output error) and is left as it is" in done.stderr
    [sealed] = sealed_in(spool)
    assert list(load(sealed.journal).captures) == kept
    assert problems(spool, [*unread, *kept]) == []  # the disk can read it again


# Order


def torn(spool: Path) -> None:
    _, warc = crashed(spool, [numbered(n) for n in range(3)])
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b\x08 a member that never ended")


def with_damage(spool: Path) -> None:
    damaged(spool)


def failed(spool: Path) -> None:
    _, warc = crashed(spool, [numbered(n) for n in range(3)])
    warc.rename(warc.with_name(warc.name.removesuffix(".open") + ".failed"))


def empty(spool: Path) -> None:
    captures, warc = crashed(spool, [numbered(1)])
    os.truncate(warc, captures[0].location.offset)
    journal_beside(warc).unlink()


def orphaned_journal(spool: Path) -> None:
    _, warc = crashed(spool, [numbered(1)])
    warc.unlink()


def half_sealed(spool: Path) -> None:
    crashed(spool, [numbered(1)])
    [sealed] = recover(spool, now=lambda: MORNING).segments
    sealed.journal.unlink()


def half_moved(spool: Path) -> None:
    crashed(spool, [numbered(1)])
    [sealed] = recover(spool, now=lambda: MORNING).segments
    sealed.path.rename(spool / "open" / f"{sealed.name}.warc.gz.open")


def to_reseal(spool: Path) -> None:
    sealed_and_damaged(spool)


def to_release(spool: Path) -> None:
    crashed(spool, [numbered(1)])
    recover(spool, now=lambda: MORNING)


CASES: list[tuple[Callable[[Path], None], tuple[str, ...]]] = [
    (torn, ()),
    (with_damage, ()),
    (failed, ()),
    (failed, ("salvage",)),
    (empty, ()),
    (orphaned_journal, ()),
    (half_sealed, ()),
    (half_moved, ()),
    (to_reseal, ("reseal",)),
    (to_release, ("release",)),
]


@pytest.mark.parametrize(
    ("left", "options"), CASES, ids=["-".join((left.__name__, *options)) for left, options in CASES]
)
def test_a_name_is_durable_before_anything_depends_on_it(
    left: Callable[[Path], None], options: tuple[str, ...], tmp_path: Path
) -> None:
    assert list(not_durable(left, tmp_path, *options)) == []


@pytest.mark.parametrize(("left", "options"), [(with_damage, ()), (to_release, ("release",))])
def test_a_recovery_that_makes_no_name_durable_is_caught(
    left: Callable[[Path], None], options: tuple[str, ...], tmp_path: Path
) -> None:
    assert list(not_durable(left, tmp_path, *options, "unsynced"))


def not_durable(left: Callable[[Path], None], directory: Path, *options: str) -> Iterator[str]:
    """Return what depended on a name, or on a file, that a power cut might still have removed."""
    left(spool := directory / "spool")
    log = directory / "log"
    assert traced(spool, "-o", str(log), child=options) == 0
    names: dict[str, str] = {}
    synced: set[str] = set()
    for call, opened, path, target, rest in _CALL.findall(log.read_text()):
        place = opened or path
        if not place.startswith(str(spool)):
            continue
        if call in ("fsync", "fdatasync"):
            synced.add(place)
            names.pop(place, None)
        elif call == "rename":
            if path.endswith(".tmp") and path not in synced:
                yield f"{path} had no fsync before it got its name"
            names |= dict.fromkeys(map(directory_of, (path, target)), "rename")
        elif call == "unlink":
            last = path.endswith(WARC)  # of its segment: earlier ones are gone for good
            yield from (
                f"unlink of {path} after {why} in {name}" for name, why in names.items() if last or why == "rename"
            )
            names.setdefault(directory_of(path), "unlink")
        elif call == "ftruncate" or "O_CREAT" in rest:
            yield from (f"{call} of {place} after a change in {name}" for name in names)
    yield from (f"the end, after a change in {name}" for name in names)


def directory_of(path: str) -> str:
    return str(Path(path).parent)
