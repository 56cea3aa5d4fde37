from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from services.calls import calls

from config.errors import ConfigError
from config.load import Sources, UnknownSource, load_source, load_sources
from config.source_files.last_good import LastGood, Version, rules
from config.source_files.outlines import outline_of

GOOD = "source: {name}\nseeds: [https://{name}.example.org/]\nwalk: {walk}\n"


def write(directory: Path, name: str, *, walk: str = "site", file: str | None = None) -> Path:
    path = directory / (file or f"{name}.yaml")
    path.write_text(GOOD.format(name=name, walk=walk))
    return path


def test_a_missing_directory_has_no_sources(tmp_path: Path) -> None:
    sources = Sources(tmp_path / "sources")

    assert (len(sources), sources.errors, sources.reload()) == (0, (), False)


def test_the_sources_of_all_files_are_found_by_name(tmp_path: Path) -> None:
    write(tmp_path, "b")
    write(tmp_path, "a", file="z.yml")
    (tmp_path / "notes.txt").write_text("no source")
    (tmp_path / ".hidden.yaml").write_text("no source")
    sources = load_sources(tmp_path)

    assert [source.name for source in sources] == ["a", "b"]
    assert sources.errors == ()
    assert sources.file_of("a") == tmp_path / "z.yml"


def test_nothing_is_read_again_while_nothing_changes(tmp_path: Path) -> None:
    write(tmp_path, "a")
    sources = Sources(tmp_path)
    before = sources.get("a")

    assert not sources.reload()
    assert sources.get("a") is before


def test_new_changed_and_removed_files_are_noticed(tmp_path: Path) -> None:
    write(tmp_path, "a")
    sources = Sources(tmp_path)
    write(tmp_path, "b")
    write(tmp_path, "a", walk="feed")

    assert sources.reload()
    assert sources.get("a").walk == "feed"
    (tmp_path / "a.yaml").unlink()
    assert sources.reload()
    assert [source.name for source in sources] == ["b"]


def test_a_change_that_keeps_size_and_time_is_noticed(tmp_path: Path) -> None:
    file = write(tmp_path, "a", walk="site")
    stat = file.stat()
    sources = Sources(tmp_path)
    write(tmp_path, "a", walk="page")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert sources.reload()
    assert sources.get("a").walk == "page"


def test_a_bad_file_keeps_its_last_good_version_and_is_reported(tmp_path: Path) -> None:
    file = write(tmp_path, "a")
    sources = Sources(tmp_path)
    write(tmp_path, "a", walk="run")

    assert sources.reload()
    assert sources.get("a").walk == "site"
    (error,) = sources.errors
    assert str(error).startswith(f"{file}:3: walk: unknown value 'run'")
    write(tmp_path, "a", walk="feed")
    assert sources.reload()
    assert (sources.get("a").walk, sources.errors) == ("feed", ())


def test_a_bad_file_keeps_its_last_good_version_over_a_restart(tmp_path: Path) -> None:
    write(tmp_path, "a")
    Sources(tmp_path)
    write(tmp_path, "a", walk="run")
    sources = Sources(tmp_path)

    assert sources.get("a").walk == "site"
    assert len(sources.errors) == 1


def test_a_removed_source_does_not_come_back_with_a_bad_file_of_its_name(tmp_path: Path) -> None:
    file = write(tmp_path, "a")
    sources = Sources(tmp_path)
    file.unlink()
    sources.reload()
    write(tmp_path, "a", walk="run")
    sources.reload()

    assert len(sources) == len(Sources(tmp_path)) == 0


def test_a_bad_file_does_not_disturb_the_others(tmp_path: Path) -> None:
    write(tmp_path, "a")
    (tmp_path / "b.yaml").write_text("source: [")
    (tmp_path / "c.yaml").write_bytes(b"source: \xff")
    sources = Sources(tmp_path)

    assert [source.name for source in sources] == ["a"]
    assert [error.file for error in sources.errors] == [tmp_path / "b.yaml", tmp_path / "c.yaml"]
    assert "byte 8 is not valid UTF-8; save it as UTF-8" in str(sources.errors[1])


def test_a_name_that_two_files_give_is_an_error_of_the_second(tmp_path: Path) -> None:
    write(tmp_path, "a", walk="site")
    write(tmp_path, "a", walk="feed", file="b.yaml")
    sources = Sources(tmp_path)

    assert sources.get("a").walk == "site"
    assert str(sources.errors[0]) == (
        f"{tmp_path / 'b.yaml'}:1: source: a.yaml already defines a source 'a'; rename one of them"
    )


def test_a_copy_does_not_take_over_the_source_of_the_original(tmp_path: Path) -> None:
    write(tmp_path, "a", walk="site", file="original.yaml")
    sources = Sources(tmp_path)
    write(tmp_path, "a", walk="feed", file="copy.yaml")
    sources.reload()

    assert sources.file_of("a") == tmp_path / "original.yaml"
    assert sources.errors[0].file == tmp_path / "copy.yaml"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a")
    tmp_path.chmod(0o500)
    try:
        assert len(Sources(tmp_path)) == 1
    finally:
        tmp_path.chmod(0o700)


def test_getting_a_source_of_a_file_that_was_never_valid_raises_the_error_of_that_file(tmp_path: Path) -> None:
    (tmp_path / "gazette.yaml").write_text("source: gazette\nseeds: [https://a.example/]\nwalk: feed\nretries: 3\n")

    with pytest.raises(ConfigError, match=r"gazette\.yaml:4: retries: unknown key 'retries'"):
        Sources(tmp_path).get("gazette")


def test_the_error_for_an_unknown_source_suggests_a_similar_name(tmp_path: Path) -> None:
    write(tmp_path, "example")

    with pytest.raises(UnknownSource, match="no source named 'exmaple'; did you mean 'example'"):
        Sources(tmp_path).get("exmaple")


def test_a_file_of_several_sources_is_not_loaded_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("sources: []")

    with pytest.raises(ConfigError, match="defines 0 sources, not one"):
        load_source(tmp_path / "a.yaml")
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        load_source(tmp_path / "b.yaml")


def many(directory: Path, count: int) -> Sources:
    for number in range(count):
        write(directory, f"s{number}")
    return Sources(directory)


def let_them_age(directory: Path) -> None:
    """Make the files look as if they changed long ago and were read since."""
    stamps = [
        (stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_ctime_ns, file.name)
        for file in directory.glob("*.yaml")
        for stat in [file.stat()]
    ]
    with closing(sqlite3.connect(directory / ".good" / "versions.db")) as database, database:
        database.executemany("UPDATE files SET modified = ?, size = ?, inode = ?, changed = ? WHERE name = ?", stamps)


def test_the_next_process_opens_no_valid_file_that_has_not_changed(tmp_path: Path) -> None:
    sources = many(tmp_path, 40)
    assert calls(lambda: Sources(tmp_path), "read_file") >= 40
    let_them_age(tmp_path)

    assert calls(lambda: Sources(tmp_path), "read_file") == 0
    assert Sources(tmp_path).good == sources.good
    (tmp_path / "s7.yaml").write_text("source: s7\nseeds: [https://s7.example.org/]\nwalk: feed\n")
    assert calls(lambda: Sources(tmp_path), "read_file") == 1
    assert Sources(tmp_path).get("s7").walk == "feed"


def test_a_file_is_read_and_reported_if_its_remembered_version_is_invalid_for_this_release(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("source: a\nseeds: [https://a.example/]\nretired: 1\n")
    remember(tmp_path / "a.yaml", {"source": "a", "retired": 1}, rules="of another release")

    assert "a.yaml:3: retired: unknown key" in str(Sources(tmp_path).errors)


def remember(file: Path, said: object, **changes: str) -> None:
    """Have a file known as good, and as changed long ago."""
    version = Version((1, 1, 1, 1), json.dumps(said), None, ("a",), rules())._replace(**changes)  # type: ignore[arg-type]
    LastGood(file.parent / ".good" / "versions.db").store({file.name: version})
    let_them_age(file.parent)


def test_the_next_process_validates_and_builds_only_requested_sources(tmp_path: Path) -> None:
    many(tmp_path, 40)
    let_them_age(tmp_path)

    assert calls(lambda: Sources(tmp_path).outlines(), "sources_in") == 0
    assert calls(lambda: Sources(tmp_path).get("s7"), "sources_in") == 1
    assert calls(lambda: list(Sources(tmp_path)), "sources_in") == 40


def test_another_release_validates_each_file_once(tmp_path: Path) -> None:
    many(tmp_path, 40)
    with closing(sqlite3.connect(tmp_path / ".good" / "versions.db")) as database, database:
        database.execute("UPDATE files SET rules = 'of another release'")
    let_them_age(tmp_path)

    assert calls(lambda: Sources(tmp_path), "sources_in") == 40
    let_them_age(tmp_path)
    assert calls(lambda: Sources(tmp_path), "sources_in") == 0


def test_an_outline_is_what_its_source_says(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "sources:\n- {source: b, seeds: [https://b.example/], timetable: {every: 6h}, keep: {collection: news}}\n"
        "- {source: a, seeds: [https://a.example/], tags: [ships, ' ships'], fetch: auto, keep: {media: all}}\n"
        "- {name: c, spider: c.py:C, timetable: {at: '06:30'}}\n"
        "- {source: e, seeds: [https://e.example/], scope: {fetch: {/app/: browser}}}\n"
    )
    dated = "source: d\nseeds: [https://d.example/]\ntimetable: {every: 1h, anchor: 2026-11-28T00:00:00Z}\n"
    (tmp_path / "d.yaml").write_text(dated)  # JSON can't say it
    sources = Sources(tmp_path)
    outlines = list(sources.outlines())

    needs = {"a": ("browser", "media"), "b": (), "c": ("spider",), "d": (), "e": ("browser",)}
    assert {one.name: one.needs for one in outlines} == needs
    assert outlines == [outline_of(one) for one in sources]
    assert sources.outlines() is sources.outlines()


@pytest.mark.parametrize("ask", [lambda sources: sources.get("a"), lambda sources: sources.outlines(), list])
def test_a_source_that_is_no_longer_valid_is_reported_when_it_is_requested(
    tmp_path: Path, ask: Callable[[Sources], object]
) -> None:
    write(tmp_path, "b")
    gone = {"source": "a", "seeds": ["https://a.example/"], "timetable": {"at": "06:30", "timezone": "Europe/Gone"}}
    (tmp_path / "a.yaml").write_text(json.dumps(gone))  # JSON is YAML
    remember(tmp_path / "a.yaml", gone)
    sources = Sources(tmp_path)
    assert (list(sources.good), sources.errors) == (["a", "b"], ())

    with suppress(ConfigError):
        ask(sources)
    assert (list(sources.good), [one.name for one in sources.outlines()]) == (["b"], ["b"])
    assert "no time zone named 'Europe/Gone'" in str(sources.errors)
    with pytest.raises(ConfigError, match="Europe/Gone"):
        sources.get("a")


def test_refreshing_one_source_costs_one_look_however_many_sources_exist(tmp_path: Path) -> None:
    sources = many(tmp_path, 60)

    assert calls(lambda: sources.refresh("s9"), "stat", "scandir") == 1
    assert calls(sources.reload, "stat", "scandir") > 60


def test_a_refreshed_source_is_as_its_file_describes_it_now(tmp_path: Path) -> None:
    sources = many(tmp_path, 3)
    write(tmp_path, "s1", walk="feed")
    write(tmp_path, "new")

    assert sources.refresh("s1").walk == "feed"
    assert sources.refresh("new").walk == "site"
    (tmp_path / "new.yaml").unlink()
    with pytest.raises(UnknownSource):
        sources.refresh("new")


def test_a_look_has_a_limit_of_stats_and_finds_a_file_written_in_place_in_its_turn(
    tmp_path: Path,
) -> None:
    sources = many(tmp_path, 60)
    assert [sources.poll(10) for _ in range(2)] == [False, False]
    assert calls(lambda: sources.poll(10), "stat", "scandir") <= 12

    write(tmp_path, "s33", walk="feed")
    assert sum(sources.poll(10) for _ in range(6)) == 1
    assert sources.get("s33").walk == "feed"


def test_a_look_finds_added_removed_and_replaced_files_at_once(tmp_path: Path) -> None:
    sources = many(tmp_path, 60)
    while sources._seen != (sources._seen[0],) * 2:
        sources.poll(10)
    write(tmp_path, "new")
    assert sources.poll(10)
    (tmp_path / "s59.yaml").unlink()
    assert sources.poll(10)
    write(tmp_path, "s58", walk="feed", file="s58.new").rename(tmp_path / "s58.yaml")
    assert sources.poll(10)

    assert (len(sources), sources.get("s58").walk) == (60, "feed")


def test_a_look_checks_all_files_if_there_are_few(tmp_path: Path) -> None:
    sources = many(tmp_path, 6)
    write(tmp_path, "s5", walk="feed")

    assert (sources.poll(), sources.poll(), sources.get("s5").walk) == (True, False, "feed")


def test_a_look_at_a_few_hundred_files_lists_no_directory_and_finds_one_written_in_place(tmp_path: Path) -> None:
    sources = many(tmp_path, 120)
    while sources._seen != (sources._seen[0],) * 2:
        sources.poll(1_000)
    assert calls(lambda: sources.poll(1_000), "scandir") == 0
    assert calls(lambda: sources.poll(1_000), "stat") == 121

    write(tmp_path, "s7", walk="feed")
    assert (sources.poll(1_000), sources.get("s7").walk) == (True, "feed")


def test_a_list_of_sources_says_what_building_each_says(tmp_path: Path) -> None:
    (tmp_path / "several.yaml").write_text(
        "sources:\n"
        "  - {source: a, seeds: https://a.example.org/, timetable: {every: 6h}}\n"
        "  - {name: b, seeds: [https://b.example.org/1, https://b.example.org/2], walk: feed}\n"
        "  - {source: c, spider: 'quotes.py:Quotes'}\n"
    )
    write(tmp_path, "d", walk="forum")
    unbuilt, built = Sources(tmp_path), Sources(tmp_path)
    sources = list(built)

    assert [one.seeds for one in unbuilt.listed()] == [one.seeds for one in sources]
    assert [one.timetable for one in unbuilt.listed()] == [one.timetable for one in sources]
    assert [(one.name, one.walk) for one in unbuilt.listed()] == [
        ("a", "site"), ("b", "feed"), ("c", "spider"), ("d", "forum")
    ]  # fmt: skip
    assert unbuilt.listed() == built.listed()
