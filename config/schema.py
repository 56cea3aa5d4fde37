"""The JSON Schema of source files, for editors. ``python -m config.schema`` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from config.source import Source

SCHEMA_FILE = Path(__file__).with_name("source.schema.json")


def source_schema() -> dict[str, Any]:
    """Return the schema of a file with one source, or with a list of them under ``sources:``."""
    source = Source.model_json_schema(by_alias=True)
    definitions = source.pop("$defs")
    definitions["Source"] = source
    one = {"$ref": "#/$defs/Source"}
    many = {
        "type": "object",
        "properties": {"sources": {"type": "array", "items": one}},
        "required": ["sources"],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The sources of Pressmark",
        "oneOf": [one, many],
        "$defs": definitions,
    }


def key_schemas() -> dict[str, Any]:
    """Return the schema of each key of a source, without references."""
    schema = Source.model_json_schema(by_alias=True)
    definitions = schema["$defs"]

    def whole(part: Any) -> Any:
        if isinstance(part, list):
            return [whole(inner) for inner in part]
        if not isinstance(part, dict):
            return part
        name = part.get("$ref", "").rpartition("/")[2]
        return (
            whole(definitions[name] | {key: value for key, value in part.items() if key != "$ref"})
            if name
            else {key: whole(value) for key, value in part.items()}
        )

    return {key: whole(value) for key, value in schema["properties"].items()}


def schema_text() -> str:
    return json.dumps(source_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
