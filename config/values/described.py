"""Describe the fields of models by the docstrings below them, which are read only when a schema or a page needs them.

Pydantic's `use_attribute_docstrings` reads and parses the source of each class when it is defined: a fifteenth of what
a command costs.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler


class Described(BaseModel):
    """A model whose JSON Schema has the docstrings of its fields as their descriptions."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in descriptions(cls).items():
            field = cls.model_fields[name]
            for key in {name, field.alias, field.serialization_alias} & properties.keys():
                properties[key].setdefault("description", text)
        return schema


@cache
def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """Return the description of each field that has one, inherited ones too."""
    found = dict[str, str]()
    for kind in reversed(model.__mro__):
        if issubclass(kind, Described) and "__annotations__" in vars(kind):
            found |= _docstrings(kind)
    found |= {name: field.description for name, field in model.model_fields.items() if field.description}
    return {name: text for name, text in found.items() if name in model.model_fields}


def _docstrings(kind: type) -> Iterator[tuple[str, str]]:
    try:
        [body] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except (OSError, TypeError):  # made without source, as the lists of a kind are
        return
    assert isinstance(body, ast.ClassDef)
    for field, below in pairwise(body.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
