"""Secrets are referred to by name; the configuration never holds one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, Tag

from config.errors import SecretNotFound
from config.values.described import Described


class Secret(Described):
    """A reference, written `{secret: NAME}`. `config.groups.permissions` reveals the values of permitted names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """A name that the operator lists in `secrets` of the settings (the value is that of the environment variable, or
    the content of the file that NAME_FILE names), or the name of a file in `HOME/secrets`."""


def read_secret(name: str, file: Path) -> str:
    """Read a secret from a file. Raises SecretNotFound."""
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretNotFound(name, f"{file} can't be read: {why}") from error


def _form(value: Any) -> str:
    return "reference" if isinstance(value, Mapping | Secret) else "text"


Value = Annotated[Annotated[str, Tag("text")] | Annotated[Secret, Tag("reference")], Discriminator(_form)]
"""A string, or a reference to a secret."""
