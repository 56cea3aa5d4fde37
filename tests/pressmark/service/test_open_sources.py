"""Sources of open collections: those of closed ones are unknown, and so are the mistakes in their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import Sources, UnknownSource
from pressmark.service.open_sources import _MOST, OpenSources, SourcesOfReaders
from scheduler.run import LOOSE

CLOSED = frozenset({"parliament"})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name, collection in (("gazette", "open"), ("debates", "parliament"), ("kettles", None)):
        write(tmp_path, name, collection)
    return tmp_path


def write(directory: Path, name: str, collection: str | None, more: str = "") -> None:
    keep = f"keep: {{collection: {collection}}}\n" if collection else ""
    text = f"source: {name}\n{keep}seeds: [http://{name}.example/]\n{more}"
    (directory / f"{name}.yaml").write_text(text, "utf-8")


def names(sources: Sources) -> list[str]:
    return sorted(one.name for one in sources.listed())


def test_a_source_of_a_closed_collection_is_unknown(directory: Path) -> None:
    everything = Sources(directory)
    readable = OpenSources(everything, CLOSED)

    assert names(readable) == ["gazette", "kettles"]
    assert sorted(outline.name for outline in readable.outlines()) == ["gazette", "kettles"]
    assert readable.get("gazette").name == "gazette"
    with pytest.raises(UnknownSource):
        readable.get("debates")
    with pytest.raises(UnknownSource):
        readable.refresh("debates")
    assert names(everything) == ["debates", "gazette", "kettles"]


def test_runs_without_a_source_are_open_unless_their_collection_is_closed(directory: Path) -> None:
    everything = Sources(directory)

    assert OpenSources(everything, CLOSED).of_rows == {"gazette", "kettles", LOOSE}
    assert OpenSources(everything, frozenset({"default"})).of_rows == {"gazette", "debates"}


def test_a_source_that_moves_to_a_closed_collection_becomes_unknown(directory: Path) -> None:
    readable = OpenSources(Sources(directory), CLOSED)
    before = names(readable)
    write(directory, "gazette", "parliament", "walk: site\n")
    readable.reload()

    assert (before, names(readable)) == (["gazette", "kettles"], ["kettles"])


def test_mistakes_are_shown_only_of_files_that_describe_open_sources_alone(directory: Path) -> None:
    everything = Sources(directory)
    readable = OpenSources(everything, CLOSED)
    for name, collection in (("gazette", "open"), ("debates", "parliament")):
        write(directory, name, collection, "walk: nonsense\n")
    readable.reload()

    assert {Path(str(error.file)).name for error in everything.errors} == {"gazette.yaml", "debates.yaml"}
    assert {Path(str(error.file)).name for error in readable.errors} == {"gazette.yaml"}


def test_the_sources_of_a_set_of_collections_are_kept_and_the_least_used_ones_forgotten(directory: Path) -> None:
    kept = SourcesOfReaders(Sources(directory))
    first = kept.without(CLOSED)
    for number in range(_MOST - 1):
        kept.without(frozenset({f"c{number}"}))
    again = kept.without(CLOSED)
    kept.without(frozenset({"one more"}))

    assert first is again is kept.without(CLOSED)
    assert len(kept._kept) == _MOST
    assert frozenset({"c0"}) not in kept._kept
