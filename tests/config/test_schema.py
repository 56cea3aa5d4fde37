from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from pydantic import Field

from config.files.document import read_document
from config.load import load_file
from config.schema import SCHEMA_FILE, schema_text, source_schema
from config.values.described import Described

EXAMPLES = sorted((SCHEMA_FILE.parent / "sources").glob("*.yaml"))


def test_the_shipped_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "make it anew: python -m config.schema"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_examples_are_valid_sources(file: Path) -> None:
    assert load_file(file)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_examples_follow_the_schema(file: Path) -> None:
    jsonschema.validate(read_document(file.read_text(encoding="utf-8")).data, source_schema())


@pytest.mark.parametrize(
    "text",
    [
        "source: a\nseeds: [https://a.org/]\ndealy: 2s",
        "source: a\nseeds: [ftp://a.org/]",
        "source: a\nseeds: https://a.org/\nwalk: run",
        "source: a\nseeds: https://a.org/\npoliteness: {delay: 2}",
        "source: a\nseeds: https://a.org/\ntimetable: {at: six}",
        "source: a\nseeds: https://a.org/\nheaders: {A: {secrets: B}}",
        "seeds: https://a.org/",
    ],
)
def test_the_schema_refuses_whatever_the_loader_refuses(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read_document(text).data, source_schema())


def test_every_key_is_described() -> None:
    definitions = source_schema()["$defs"]
    told = {
        f"{name}.{key}": "description" in (value | definitions.get(value.get("$ref", "").split("/")[-1], {}))
        for name in ("Source", "Scope", "Timetable", "Politeness", "Limits", "Keep", "Login")
        for key, value in definitions[name]["properties"].items()
    }

    assert [key for key, described in told.items() if not described] == []


def test_the_docstring_of_each_field_describes_it_and_a_description_of_the_field_itself_comes_first() -> None:
    class Base(Described):
        first: int
        """Of the base class."""
        second: int = Field(description="Given.")
        """Not this one."""

    class Model(Base):
        third: int = Field(alias="other")
        """In two lines,
        as one text.
        """
        fourth: int

    shown = Model.model_json_schema()["properties"]

    assert {name: field.get("description") for name, field in shown.items()} == {
        "first": "Of the base class.",
        "second": "Given.",
        "other": "In two lines,\nas one text.",
        "fourth": None,
    }
