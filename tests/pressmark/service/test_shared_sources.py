"""Machines that share a database read the same version of each source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from services.postgresql import PostgresServer
from services.two_machines import two_machines
from sqlalchemy import insert

from archive.database.schema import source_versions
from config.errors import ConfigError
from config.load import UnknownSource
from config.source_files.editing import ChangedElsewhere, former_of, kept_of
from pressmark.discover.source_texts import TextsReplaced, apply_texts
from pressmark.service.service import Service
from pressmark.service.shared_sources import SharedSources
from pressmark.service.source_editing import (
    add_source,
    change_source,
    remove_source,
    source_text,
)
from scheduler.ledger.source_versions import FileText

pytestmark = pytest.mark.postgresql
TEXT = "source: news\nseeds: https://news.example/\nwalk: page\n"
OTHER = TEXT.replace("walk: page", "walk: site")


@pytest.fixture
def machines(
    tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Service, Service]]:
    with two_machines(tmp_path, postgresql, monkeypatch) as services:
        yield services


def file_of(service: Service, name: str = "news") -> Path:
    return service.settings.sources / f"{name}.yaml"


def test_a_source_that_is_added_changed_and_removed_on_one_machine_is_so_on_the_other(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    assert two.sources.refresh("news").walk == "page"
    assert file_of(two).read_text() == TEXT

    change_source(two, "news", OTHER, source_text(two, "news").digest, "user bob")
    assert one.sources.refresh("news").walk == "site"

    remove_source(one, "news", "user ann")
    with pytest.raises(UnknownSource):
        two.sources.refresh("news")
    assert not file_of(two).exists()
    assert [(version.by, version.digest is None) for version in one.source_versions.of_source("news", 9)] == [
        ("user ann", True),
        ("user bob", False),
        ("user ann", False),
    ]


def test_a_run_records_the_version_that_the_database_has(machines: tuple[Service, Service]) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    [version] = two.source_versions.latest()
    assert version.configs == {"news": two.sources.refresh("news").config_hash}


def test_a_shared_file_that_is_changed_by_hand_is_put_back_and_the_change_is_kept_beside_it(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    assert two.sources.refresh("news").walk == "page"
    file_of(two).write_text(OTHER)

    assert two.sources.refresh("news").walk == "page"
    assert file_of(two).read_text() == TEXT
    assert former_of(file_of(two)).read_text() == OTHER
    file_of(two).unlink()
    assert two.sources.refresh("news").walk == "page"


def test_a_file_that_is_not_shared_stays_with_its_machine(machines: tuple[Service, Service]) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    own = TEXT.replace("news", "own")
    file_of(two, "own").parent.mkdir(parents=True, exist_ok=True)
    file_of(two, "own").write_text(own)

    assert two.sources.refresh("own").name == "own"
    assert one.sources.reload() is False
    assert "own" not in one.sources.good
    assert apply_texts(two, {"own.yaml": own}, "user bob").changed == []
    assert one.sources.refresh("own").name == "own"


def test_a_new_file_under_the_name_of_a_removed_one_stays_with_its_machine(machines: tuple[Service, Service]) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    two.sources.reload()
    remove_source(one, "news", "user ann")
    two.sources.reload()
    assert not file_of(two).exists()

    file_of(two).write_text(OTHER)
    assert two.sources.refresh("news").walk == "site"
    assert file_of(two).exists()


def test_a_machine_that_was_away_follows_when_it_starts(machines: tuple[Service, Service]) -> None:
    one, two = machines
    file_of(two).parent.mkdir(parents=True)
    file_of(two).write_text(OTHER)
    add_source(one, TEXT, "user ann")

    assert two.sources.get("news").walk == "page"


def test_a_change_of_a_version_that_another_machine_has_replaced_is_refused(machines: tuple[Service, Service]) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    assert two.sources.get("news")
    seen = source_text(two, "news").digest
    change_source(one, "news", OTHER, seen, "user ann")

    with pytest.raises(ConfigError, match="the file was changed while you edited it"):
        change_source(two, "news", TEXT + "# mine\n", seen, "user bob")
    assert source_text(two, "news").text == OTHER


def test_a_version_that_a_machine_follows_after_a_text_was_read_and_before_it_is_replaced_is_not_lost(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    two.sources.reload()
    change_source(two, "news", OTHER, source_text(two, "news").digest, "user bob")
    one.sources.reload()  # as another thread does while "user ann" saves what she read before

    with pytest.raises(ChangedElsewhere, match=r"news\.yaml was changed on another machine meanwhile"):
        one.sources.publish([("news.yaml", TEXT + "# mine\n")], "user ann", {"news.yaml": TEXT})
    remove_source(two, "news", "user bob")
    with pytest.raises(ChangedElsewhere):
        one.sources.publish([("news.yaml", OTHER + "# mine\n")], "user ann", {"news.yaml": OTHER})
    assert [version.by for version in one.source_versions.of_source("news", 9)] == ["user bob", "user bob", "user ann"]
    one.sources.publish([("news.yaml", TEXT)], "user ann", {"news.yaml": None})


def test_a_version_that_a_machine_cannot_write_is_not_replaced_by_what_its_people_read(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    two.sources.reload()
    former_of(file_of(two)).parent.write_text("in the way: no former text can be kept")
    change_source(one, "news", OTHER, source_text(one, "news").digest, "user ann")

    with pytest.raises(ConfigError, match="version 2 of the file can't be written"):
        change_source(two, "news", TEXT + "# mine\n", source_text(two, "news").digest, "user bob")
    assert [version.by for version in one.source_versions.of_source("news", 9)] == ["user ann", "user ann"]


def test_a_shared_text_with_line_ends_of_windows_can_be_changed(machines: tuple[Service, Service]) -> None:
    one, two = machines
    add_source(one, TEXT.replace("\n", "\r\n"), "user ann")
    two.sources.reload()
    change_source(two, "news", OTHER, source_text(two, "news").digest, "user bob")
    one.sources.reload()
    change_source(one, "news", TEXT.replace("\n", "\r\n"), source_text(one, "news").digest, "user ann")
    assert two.sources.refresh("news").walk == "page"
    assert source_text(two, "news").text == source_text(one, "news").text == TEXT


def test_an_invalid_file_among_several_lets_none_be_written(machines: tuple[Service, Service]) -> None:
    one, two = machines
    with pytest.raises(ConfigError, match=r"bad\.yaml"):
        apply_texts(one, {"news.yaml": TEXT, "bad.yaml": "source: bad\n"}, "user ann")
    assert one.sources.names == two.sources.names == ()
    assert not file_of(one).exists()


def added_and_pulled(one: Service, two: Service) -> dict[str, str]:
    """Add a source on one machine; return the digest of its text as another machine pulls it."""
    add_source(one, TEXT, "user ann")
    two.sources.reload()
    return {"news.yaml": source_text(two, "news").digest}


def test_a_text_that_another_machine_replaced_since_it_was_pulled_is_refused_with_who_and_when(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    pulled = added_and_pulled(one, two)
    change_source(one, "news", OTHER, pulled["news.yaml"], "user ann")
    mine = {"news.yaml": TEXT + "# mine\n", "more.yaml": TEXT.replace("news", "more")}

    with pytest.raises(
        TextsReplaced, match=r"news\.yaml: version 2, written by user ann at 20.* UTC, is newer than this"
    ):
        apply_texts(two, mine, "user bob", seen=pulled)
    assert [version.file for version in one.source_versions.latest()] == ["news.yaml"]
    assert source_text(two, "news").text == OTHER

    [found] = apply_texts(two, {"news.yaml": TEXT}, "user bob").changed
    assert found.replaced is not None
    assert (found.replaced.number, found.replaced.by) == (2, "user ann")
    now = {"news.yaml": source_text(two, "news").digest}
    assert [one.file for one in apply_texts(two, mine, "user bob", seen=now).changed] == ["news.yaml", "more.yaml"]


def test_a_source_that_another_machine_removed_since_it_was_pulled_does_not_come_back(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    pulled = added_and_pulled(one, two)
    remove_source(one, "news", "user ann")

    with pytest.raises(TextsReplaced, match="version 2, written by user ann"):
        apply_texts(two, {"news.yaml": TEXT + "# mine\n"}, "user bob", seen=pulled)
    for force in (False, True):
        untouched = apply_texts(two, {"news.yaml": TEXT}, "user bob", seen=pulled, force=force)
        assert (untouched.changed, untouched.left) == ([], ["news.yaml"])
    assert two.sources.names == ()
    assert apply_texts(two, {"news.yaml": TEXT}, "user bob", seen={}).changed


def test_a_file_under_another_name_is_not_shared_while_the_first_has_the_source(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    with pytest.raises(ConfigError, match=r"renamed\.yaml.*news\.yaml already defines a source 'news'"):
        apply_texts(two, {"renamed.yaml": OTHER}, "user bob")
    assert [version.file for version in one.source_versions.latest()] == ["news.yaml"]
    assert two.sources.errors == ()


def started_again(service: Service) -> SharedSources:
    """Return the sources of a machine as its next process reads them."""
    return SharedSources(service.settings.sources, service.source_versions)


@pytest.mark.parametrize("own", [OTHER.encode(), "# Übersicht\n".encode("latin-1") + OTHER.encode()])
def test_an_own_file_that_a_shared_one_of_its_name_replaces_is_kept_for_good(
    machines: tuple[Service, Service], own: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = machines
    file_of(two).parent.mkdir(parents=True)
    file_of(two).write_bytes(own)
    add_source(one, TEXT, "user ann")
    two.sources.reload()
    assert file_of(two).read_text() == TEXT
    assert kept_of(file_of(two), own).read_bytes() == own
    assert "no machine shared" in caplog.text

    for more in ("# second\n", "# third\n"):
        change_source(one, "news", TEXT + more, source_text(one, "news").digest, "user ann")
        two.sources.reload()
    assert kept_of(file_of(two), own).read_bytes() == own
    assert kept_of(file_of(two), TEXT.encode()).exists() is False  # the database has that one


def test_a_source_removed_while_a_machine_was_away_is_removed_there_also_if_its_file_was_edited(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    assert two.sources.refresh("news").walk == "page"
    file_of(two).write_text(OTHER)
    remove_source(one, "news", "user ann")

    assert started_again(two).names == ()
    assert not file_of(two).exists()
    assert kept_of(file_of(two), OTHER.encode()).read_text() == OTHER


def test_a_new_file_under_the_name_of_a_removed_one_stays_also_after_a_restart(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    two.sources.reload()
    remove_source(one, "news", "user ann")
    two.sources.reload()
    file_of(two).write_text(OTHER)

    assert started_again(two).refresh("news").walk == "site"


def test_a_file_of_a_machine_that_never_followed_a_removed_source_of_its_name_stays(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    remove_source(one, "news", "user ann")
    file_of(two).parent.mkdir(parents=True)
    file_of(two).write_text(OTHER)

    assert started_again(two).refresh("news").walk == "site"


@pytest.mark.parametrize("name", ["../outside.yaml", "/{}/outside.yaml", "a/b.yaml", "notes.txt", ".hidden.yaml"])
@pytest.mark.parametrize("text", [TEXT, None])
def test_a_version_of_another_file_than_a_source_file_changes_nothing(
    machines: tuple[Service, Service], tmp_path: Path, name: str, text: str | None
) -> None:
    _, two = machines
    two.settings.sources.mkdir(parents=True)
    (two.settings.home / "outside.yaml").write_text("mine")
    before = files_below(tmp_path)
    name = name.format(tmp_path)
    with two.database.writing() as connection:
        digest = None if text is None else "0" * 64
        values = {"file": name, "text": text, "sha256": digest, "configs": "{}", "at": two.now(), "by": "someone"}
        connection.execute(insert(source_versions).values(values))

    assert two.sources.reload() is False
    assert two.sources.names == ()
    assert files_below(tmp_path) - before <= {two.settings.sources / ".good" / "followed.json"}
    assert (two.settings.home / "outside.yaml").read_text() == "mine"


def files_below(directory: Path) -> set[Path]:
    return {file for file in directory.rglob("*.*") if file.is_file() and file.parent.name != "log"}


def put(service: Service, file: str, text: str) -> None:
    """Share a text that this version of Pressmark may not be able to read."""
    known = {version.file: version.digest for version in service.source_versions.latest()}
    service.source_versions.put([FileText(file, text, {})], "a newer version", known)


def test_a_version_that_a_machine_cannot_read_is_neither_begun_nor_replaced_by_the_one_before(
    machines: tuple[Service, Service],
) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    add_source(one, TEXT.replace("news", "more"), "user ann")
    assert two.sources.refresh("news").walk == "page"
    put(one, "news.yaml", OTHER + "key-of-tomorrow: 1\n")

    with pytest.raises(ConfigError, match="key-of-tomorrow"):
        two.sources.refresh("news")
    assert set(two.own_sources({"news", "more"})) == {"more"}


def test_a_file_that_cannot_be_written_stops_only_its_own_sources(machines: tuple[Service, Service]) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    (two.settings.sources / "more.yaml").mkdir(parents=True)
    add_source(one, TEXT.replace("news", "more"), "user ann")

    assert two.sources.refresh("news").walk == "page"
    with pytest.raises(UnknownSource):
        two.sources.refresh("more")
    assert ["can't be written" in str(error) for error in two.sources.errors] == [True]
    (two.settings.sources / "more.yaml").rmdir()
    assert two.sources.refresh("more").walk == "page"
    assert two.sources.errors == ()


def test_a_shared_source_that_a_machine_does_not_permit_is_left_to_others(machines: tuple[Service, Service]) -> None:
    one, two = machines
    add_source(one, TEXT, "user ann")
    put(one, "hidden.yaml", TEXT.replace("news", "hidden") + "addresses: [127.0.0.0/8]\n")
    two.sources.reload()

    def with_addresses(*networks: str) -> Service:
        allow = two.settings.allow.model_copy(update={"addresses": tuple(map(ip_network, networks))})
        return replace(two, settings=two.settings.model_copy(update={"allow": allow}))

    assert set(with_addresses().own_sources({"news", "hidden"})) == {"news"}
    assert set(with_addresses("127.0.0.0/8").own_sources({"news", "hidden"})) == {"news", "hidden"}
