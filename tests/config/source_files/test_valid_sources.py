from __future__ import annotations

from collections.abc import Sequence

import pytest

from config.source import Source
from config.source_files.described_sources import DescribedSources
from config.source_files.valid_sources import Owner, ValidSources

FILE = '{"sources": [{"name": "a", "seeds": ["https://a.example/"]}, {"name": "b", "seeds": ["https://b.example/"]}]}'
OWNER = Owner("both.yaml", DescribedSources(("a", "b"), FILE))


def test_sources_are_listed_without_being_built() -> None:
    built: list[Owner] = []

    def build(owner: Owner) -> Sequence[Source]:
        built.append(owner)
        return owner.described.sources()

    found = ValidSources({"a": OWNER, "b": OWNER}, build)

    assert (list(found), len(found), "b" in found, "c" in found, built) == (["a", "b"], 2, True, False, [])
    second = found["b"]
    assert (second.name, second.seeds) == ("b", ("https://b.example/",))
    assert built == [OWNER]


def test_a_source_of_a_file_that_is_no_longer_valid_is_unknown() -> None:
    found = ValidSources({"a": OWNER}, lambda owner: ())

    with pytest.raises(KeyError):
        found["a"]
    assert found.get("a") is None
