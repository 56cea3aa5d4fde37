"""The disk damages a segment that a crash left open: a damaged record costs only that record.

FastWARC reads what is left, and it is compared with what the origin sent. The checker knows which bytes were damaged.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import figure
from faults.spool_checker import bodies_in
from specimens.exchanges import MORNING, numbered
from specimens.spools import crashed

from archive.spool.recovery import Recovered, recover
from archive.values.capture import Capture
from archive.warc.exchange import Exchange
from archive.warc.integrity.verify import verify
from archive.warc.journal import load

EXCHANGES = 200
PLACES = figure(45, 1_000, 1_000)
SEED = 20_261_128

Harm = Callable[[Path, int, random.Random], None]


def page(number: int) -> Exchange:
    """Return a page. Every second one can't be compressed: its payload is stored in the segment unchanged."""
    return numbered(number, size=900) if number % 2 else numbered(number, body=b"page %d says: " % number * 200)


def sent(url: str) -> str:
    response = page(int(url.rpartition("/")[2])).response
    assert response
    assert isinstance(response.body, bytes)
    return hashlib.sha256(response.body).hexdigest()


@dataclass(frozen=True)
class World:
    """A spool that a crash left, and what was acknowledged in it."""

    directory: Path
    captures: list[Capture]
    warc: Path
    octets: bytes
    """Of the segment, before any damage."""

    def copy(self, to: Path) -> World:
        shutil.copytree(self.directory, to)
        return World(to, self.captures, to / "open" / self.warc.name, self.octets)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    directory = tmp_path_factory.mktemp("damaged") / "spool"
    captures, warc = crashed(directory, map(page, range(EXCHANGES)))
    return World(directory, captures, warc, warc.read_bytes())


def flip(warc: Path, place: int, chance: random.Random) -> None:
    overwrite(warc, place, bytes([warc.read_bytes()[place] ^ 1 << chance.randrange(8)]))


def zero(warc: Path, place: int, chance: random.Random) -> None:
    overwrite(warc, place, bytes(min(chance.choice([256, 512]), warc.stat().st_size - place)))


def cut(warc: Path, place: int, _chance: random.Random) -> None:
    os.truncate(warc, place)


def overwrite(warc: Path, place: int, with_: bytes) -> None:
    with warc.open("r+b") as file:
        file.seek(place)
        file.write(with_)


HARMS: list[Harm] = [flip, zero, flip, zero, flip, zero, cut]


def problems(world: World, damaged: bytes, recovered: Recovered) -> list[str]:
    """Return everything that breaks a promise, now that the spool is recovered."""
    warcs = sorted((world.directory / "sealed").glob("*.warc.gz"))
    bodies = {url: digest for warc in warcs for url, digest in bodies_in(warc).items()}
    kept = [c for sealed in recovered.segments for c in load(sealed.journal).captures]
    intact = [c for c in world.captures if main_record(c, damaged) == main_record(c, world.octets)]
    found = [f"lost: {c.url}" for c in intact if c.url not in bodies or c not in kept]
    found += [f"not as sent: {url}" for url, digest in bodies.items() if digest != sent(url)]
    found += [f"listed and held differ: {url}" for url in {c.url for c in kept} ^ bodies.keys()]
    said = {c.record_id for c in recovered.lost}
    found += [f"said wrongly: {c.url}" for c in world.captures if (c.record_id in said) == (c in kept)]
    found += [f"{finding}" for warc in warcs for finding in verify(warc)]
    return found + [f"left open: {path.name}" for path in (world.directory / "open").iterdir()]


def main_record(capture: Capture, octets: bytes) -> bytes:
    start = capture.location.offset
    return octets[start : start + capture.location.length]


def recovered(world: World) -> Recovered:
    return recover(world.directory, now=lambda: MORNING + timedelta(hours=1))


def test_a_damaged_record_costs_only_that_record(world: World, tmp_path: Path) -> None:
    chance, lost = random.Random(SEED), 0
    for number in range(PLACES):
        harm, place = HARMS[number % len(HARMS)], chance.randrange(len(world.octets))
        there = world.copy(tmp_path / str(number))
        harm(there.warc, place, chance)
        damaged = there.warc.read_bytes()
        done = recovered(there)

        where = f"{harm.__name__} at {place}, number {number}"
        assert problems(there, damaged, done) == [], where
        assert not_set_aside(there, damaged, done) == [], where
        lost += len(done.lost)
        shutil.rmtree(there.directory)
    assert lost > PLACES // 4


def not_set_aside(world: World, damaged: bytes, recovered: Recovered) -> list[str]:
    """Return lost captures whose remains are not in quarantine, under a name that tells their place."""
    held = dict[range, bytes]()
    for path in recovered.quarantined:
        start, octets = int(path.stem.split("-")[4]), path.read_bytes()
        held[range(start, start + len(octets))] = octets
    assert all(octets == damaged[where.start : where.stop] for where, octets in held.items())
    return [
        c.url for c in recovered.lost if main_record(c, damaged) and not any(c.location.offset in at for at in held)
    ]


@pytest.mark.parametrize("times", [2, 5])
def test_damage_at_several_places_costs_only_the_records_there(times: int, world: World, tmp_path: Path) -> None:
    chance = random.Random(SEED + times)
    for number in range(PLACES // 10):
        there = world.copy(tmp_path / str(number))
        for _ in range(times):
            chance.choice([flip, zero])(there.warc, chance.randrange(len(world.octets)), chance)
        damaged = there.warc.read_bytes()

        assert problems(there, damaged, recovered(there)) == [], number
        shutil.rmtree(there.directory)


def test_a_recovery_that_ends_at_the_first_damage_is_caught(world: World, tmp_path: Path) -> None:
    there = world.copy(tmp_path / "spool")
    flip(there.warc, place := world.captures[20].location.offset + 200, random.Random(SEED))
    damaged = there.warc.read_bytes()
    os.truncate(there.warc, place)  # what such a recovery sees of the file

    assert len([one for one in problems(there, damaged, recovered(there)) if one.startswith("lost")]) == EXCHANGES - 21
