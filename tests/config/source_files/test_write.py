from __future__ import annotations

import os
import string
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import LONG
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigError
from config.files.atomic_write import write_text
from config.load import load_file, load_source, parse_sources
from config.schema import SCHEMA_FILE
from config.source import Politeness, Scope, Source
from config.source_files.write import edited, new_source_text, remove_source, write_source, write_without
from config.values.timetable import Timetable

EXAMPLES = SCHEMA_FILE.parent / "sources"
NEWS = (EXAMPLES / "example-news.yaml").read_text(encoding="utf-8")
SOURCE = Source(name="example", seeds=("https://example.org/news/",), walk="feed")


@pytest.fixture
def news(tmp_path: Path) -> Path:
    file = tmp_path / "example-news.yaml"
    file.write_text(NEWS, encoding="utf-8")
    return file


def changed_lines(file: Path) -> tuple[set[str], set[str]]:
    before, after = set(NEWS.splitlines()), set(file.read_text(encoding="utf-8").splitlines())
    return before - after, after - before


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def test_a_new_source_is_written_with_its_remarks(tmp_path: Path) -> None:
    file = tmp_path / "sources" / "example.yaml"
    write_source(file, SOURCE, {"": "Found by looking.\nTwice.", "walk": "it has a feed: https://example.org/feed.xml"})

    assert file.read_text() == (
        "# Found by looking.\n# Twice.\n"
        "source: example\n"
        "seeds: [https://example.org/news/]\n"
        "# it has a feed: https://example.org/feed.xml\n"
        "walk: feed\n"
    )
    assert load_source(file) == SOURCE


texts = st.text(max_size=300)


@given(st.fixed_dictionaries({}, optional={"": texts, "source": texts, "seeds": texts, "walk": texts}))
def test_no_remark_can_end_its_comment(remarks: dict[str, str]) -> None:
    assert parse_sources(new_source_text(SOURCE, remarks)) == (SOURCE,)


names = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20)
paths = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=30)
sources = st.builds(
    Source,
    name=names,
    seeds=st.lists(paths.map(lambda path: f"https://example.org/{path}"), min_size=1, max_size=4),
    walk=st.none() | st.sampled_from(["page", "site", "feed"]),
    scope=st.builds(Scope, include=st.lists(paths.map("/{}".format), max_size=3), depth=st.none() | st.integers(0, 9)),
    timetable=st.none()
    | st.builds(Timetable, every=st.timedeltas(timedelta(seconds=1), timedelta(days=30)))
    | st.builds(Timetable, at=st.lists(st.times().map(lambda at: at.replace(microsecond=0)), min_size=1, max_size=3)),
    politeness=st.builds(Politeness, delay=st.timedeltas(timedelta(0), timedelta(days=1))),
    headers=st.dictionaries(names.map("x-{}".format), paths | st.just("?0"), max_size=3),
    user_agent=st.none() | st.just("Name/1: 'quoted' # and \"more\""),
)


@given(sources)
def test_any_source_is_read_back_as_it_was_written(source: Source) -> None:
    assert parse_sources(new_source_text(source)) == (source,)


@settings(max_examples=4000 if LONG else 100)
@given(before=sources, after=sources)
def test_any_source_can_be_edited_into_any_other(before: Source, after: Source) -> None:
    wanted = after.model_copy(update={"name": before.name})
    assert parse_sources(edited(new_source_text(before, {"walk": "a remark"}), before, wanted)) == (wanted,)


def test_an_edit_changes_the_lines_of_its_keys_and_no_others(news: Path) -> None:
    source = load_source(news)
    politeness = source.politeness.model_copy(update={"delay": timedelta(seconds=9)})
    write_source(news, source.model_copy(update={"politeness": politeness, "walk": "site", "tls": "strict"}))

    assert changed_lines(news) == (
        {"walk: listing", "  delay: 2s                             # between two requests to a host; default: 1s"},
        {
            "walk: site",
            "  delay: 9s                             # between two requests to a host; default: 1s",
            "tls: strict",
        },
    )


def test_an_edit_that_changes_nothing_changes_nothing(news: Path) -> None:
    write_source(news, load_source(news))

    assert news.read_text(encoding="utf-8") == NEWS


def test_the_comments_between_keys_remain_when_the_keys_are_removed(news: Path) -> None:
    source = load_source(news)
    plain = {
        "walk": None,
        "timetable": None,
        "scope": Scope(),
        "seeds": ("https://a.example.org/", "https://b.example.org/"),
    }
    write_source(news, source.model_copy(update=plain))

    assert load_source(news).scope == Scope()
    assert comments(news.read_text(encoding="utf-8")) == comments(NEWS)


def test_one_source_of_a_list_is_edited_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "members.yaml"
    file.write_text((EXAMPLES / "example-members.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    members, feed = load_file(file)
    write_source(file, feed.model_copy(update={"walk": "site"}))

    assert load_file(file) == (members, feed.model_copy(update={"walk": "site"}))
    assert "user: archive, password: {secret: EXAMPLE_PASSWORD}" in file.read_text(encoding="utf-8")


def test_an_invalid_file_is_not_edited(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("source: example\nseeds: [")

    with pytest.raises(ConfigError, match="this is not YAML"):
        write_source(file, SOURCE)
    assert file.read_text() == "source: example\nseeds: ["


def test_a_new_source_does_not_overwrite_another(news: Path) -> None:
    with pytest.raises(ConfigError, match="the file defines no source 'example'"):
        write_source(news, SOURCE)


def test_removing_the_only_source_of_a_file_removes_the_file(news: Path) -> None:
    remove_source(news, "example-news")

    assert not news.exists()


def test_one_source_of_a_list_is_removed_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "members.yaml"
    file.write_text((EXAMPLES / "example-members.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    remove_source(file, "example-members")

    assert [source.name for source in load_file(file)] == ["example-feed"]
    with pytest.raises(ConfigError, match="no source 'example-members'"):
        remove_source(file, "example-members")


def test_a_file_that_another_thread_deleted_meanwhile_is_gone(tmp_path: Path) -> None:
    write_without(tmp_path / "gone.yaml", None)
    assert not (tmp_path / "gone.yaml").exists()


def test_a_file_is_replaced_completely_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("old")
    file.chmod(0o640)

    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full, pytest.raises(OSError, match="No space left"):
        full.setattr(os, "fsync", refuse)
        write_text(file, "new")
    assert (file.read_text(), [*tmp_path.iterdir()]) == ("old", [file])
    write_text(file, "new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o640)


def test_a_comment_does_not_break_a_url() -> None:
    url = f"https://example.org/wp-json/wp/v2/posts?per_page=100&search={'a-word-' * 15}"
    [source] = parse_sources("source: a\nseeds: [https://a.example/]\n")
    text = new_source_text(source, {"seeds": f"the feed {url}, too"})

    assert url in text
    assert parse_sources(text) == (source,)


def test_the_first_key_of_a_part_is_removed_when_it_gets_its_default_again() -> None:
    text = (
        "source: example\nseeds: [https://example.org/news/]\ntimetable: {cron: '0 6 * * *', timezone: UTC}  # early\n"
    )
    [before] = parse_sources(text)
    after = before.model_copy(update={"timetable": Timetable.model_validate({"every": "6h", "timezone": "UTC"})})

    line = edited(text, before, after).splitlines()[2]
    assert line.split("  ")[0] == "timetable: {timezone: UTC, every: 6h}" and line.endswith("# early")


def test_an_edit_that_would_change_another_source_through_an_anchor_is_refused() -> None:
    text = """sources:
- source: a
  seeds: [https://a.example/]
  politeness: &slow {delay: 2s}
- source: b
  seeds: [https://b.example/]
  politeness: *slow
"""
    before, other = parse_sources(text)
    after = before.model_copy(update={"seeds": ("https://a.example/", "https://a.example/news")})
    assert {one.name: one for one in parse_sources(edited(text, before, after))} == {"a": after, "b": other}

    slower = before.model_copy(
        update={"politeness": before.politeness.model_copy(update={"delay": timedelta(minutes=1)})}
    )
    with pytest.raises(ConfigError, match="edited automatically"):
        edited(text, before, slower)


COMMENTED = """\
source: example
seeds:
  # the main page
  - https://a.example/  # in English
  # the blog
  - "https://b.example/"

  # the shop
  - https://c.example/  # with prices
# how it is crawled
walk: site
"""


@pytest.mark.parametrize(
    ("seeds", "text"),
    [
        ("abxc", COMMENTED.replace("\n\n  # the shop\n", "\n  - https://x.example/\n\n  # the shop\n")),
        ("ac", COMMENTED.replace('  - "https://b.example/"\n', "")),
        ("ab", COMMENTED.replace("  - https://c.example/  # with prices\n", "")),
        ("bc", COMMENTED.replace("  - https://a.example/  # in English\n", "")),
        ("axc", COMMENTED.replace('"https://b.example/"', "https://x.example/")),
        ("x", "source: example\nseeds:\n  # the main page\n  - https://x.example/  # in English\n  # the blog\n\n"
              "  # the shop\n# how it is crawled\nwalk: site\n"),
        ("abcx", COMMENTED.replace("# with prices\n", "# with prices\n  - https://x.example/\n")),
    ],
)  # fmt: skip
def test_a_changed_list_keeps_the_comments_of_its_items(seeds: str, text: str) -> None:
    [before] = parse_sources(COMMENTED)
    after = before.model_copy(update={"seeds": tuple(f"https://{one}.example/" for one in seeds)})

    assert edited(COMMENTED, before, after) == text


def test_a_list_that_another_source_shares_is_not_changed_for_both() -> None:
    text = (
        "sources:\n- source: a\n  seeds: &both\n  - https://a.example/\n  - https://b.example/\n"
        "- source: b\n  seeds: *both\n"
    )
    first, second = parse_sources(text)
    changed = second.model_copy(update={"seeds": ("https://a.example/",)})

    assert parse_sources(edited(text, second, changed)) == (first, changed)


items = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True)


@settings(max_examples=4000 if LONG else 60)
@given(before=items, after=items)
def test_no_comment_above_an_item_is_lost_whatever_is_changed(before: list[str], after: list[str]) -> None:
    lines = "".join(f"# above {one}\n- https://{one}.example/\n" for one in before)
    text = f"source: example\nseeds:\n{lines}# the walk\nwalk: site\n"
    [source] = parse_sources(text)
    wanted = source.model_copy(update={"seeds": tuple(f"https://{one}.example/" for one in after)})

    assert sorted(comments(edited(text, source, wanted))) == sorted(comments(text))
