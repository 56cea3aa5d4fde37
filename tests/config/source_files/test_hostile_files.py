"""Hostile and generated source files: each is reported, and none affects the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.files.document import read_file
from config.load import Sources
from config.source_files.parse import load_file

GOOD = "source: good\nseeds: [https://example.org/]\n"


def aliases(levels: int) -> str:
    """Return aliases in which each level is ten times as large as the one before."""
    lines = ["l0: &l0 [x]", *(f"l{n}: &l{n} [{','.join([f'*l{n - 1}'] * 10)}]" for n in range(1, levels))]
    return "\n".join(["source: laughs", *lines, ""])


HOSTILE = {
    "nested.yaml": (f"source: a\nseeds: {'[' * 3000}{']' * 3000}\n".encode(), "more than 50 levels deep"),
    "rather-nested.yaml": (f"source: a\nseeds: {'[' * 60}{']' * 60}\n".encode(), "more than 50 levels deep"),
    "laughs.yaml": (aliases(9).encode(), "values; does an alias"),
    "itself.yaml": (b"source: a\nseeds: &a [*a]\n", "itself.yaml:2: seeds"),
    "python.yaml": (b"source: a\nseeds: !!python/object/apply:os.getcwd []\n", "python.yaml"),
    "octets.yaml": (bytes(range(128, 256)), "byte 0 is not valid UTF-8"),
    "utf-16.yaml": (GOOD.encode("utf-16"), "save it as UTF-8"),
    "nul.yaml": (b"source: a\0b\n", "this is not YAML"),
    "empty.yaml": (b"", "the key 'source' is missing"),
    "long.yaml": (b"source: a # " + b"x" * (32 << 20), "longer than 32 MiB"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_reported_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    octets, told = HOSTILE[name]
    (tmp_path / name).write_bytes(octets)
    (tmp_path / "good.yaml").write_text(GOOD)
    sources = Sources(tmp_path)

    assert [source.name for source in sources] == ["good"]
    assert [name in str(error) and told in str(error) for error in sources.errors] == [True]


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(ConfigError, match="longer than 32 MiB"):
        load_file(Path("/dev/zero"))


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_file_of_about_the_size_that_is_read_first_is_read_whole(tmp_path: Path, more: int) -> None:
    file, begun = tmp_path / "long.yaml", f"{GOOD}# "
    file.write_text(begun + "x" * ((1 << 16) + more - len(begun)))

    assert len(read_file(file)) == (1 << 16) + more
    assert load_file(file)[0].name == "good"


def test_a_few_aliases_are_accepted(tmp_path: Path) -> None:
    text = "sources:\n- source: a\n  seeds: [https://a.example/]\n  politeness: &slow {delay: 9s}\n"
    (tmp_path / "two.yaml").write_text(f"{text}- source: b\n  seeds: [https://b.example/]\n  politeness: *slow\n")
    sources = Sources(tmp_path)

    assert sources.errors == ()
    assert sources.get("a").politeness == sources.get("b").politeness


def test_a_source_may_have_ten_thousand_seeds(tmp_path: Path) -> None:
    seeds = [f"https://example.org/{n}" for n in range(10_000)]
    (tmp_path / "many.yaml").write_text("source: many\nseeds:\n" + "".join(f"- {seed}\n" for seed in seeds))

    assert Sources(tmp_path).get("many").seeds == tuple(seeds)
