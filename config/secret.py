"""Secrets are referred to by name; the configuration never holds one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from config.errors import SecretNotFound


class Secret(BaseModel):
    """A reference, written `{secret: NAME}`: the environment variable NAME, or the file that NAME_FILE names."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    secret: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """The name of the environment variable; with _FILE after it, of the one that names a file."""

    def reveal(self, environment: Mapping[str, str] | None = None) -> str:
        """Return the secret's current value, without the line end at the end of a file. Raises SecretNotFound."""
        known = os.environ if environment is None else environment
        if (value := known.get(self.secret)) is not None:
            return value
        file = known.get(f"{self.secret}_FILE")
        if file is None:
            raise SecretNotFound(self.secret, f"neither {self.secret} nor {self.secret}_FILE is set in the environment")
        return read_secret(self.secret, Path(file))


def read_secret(name: str, file: Path) -> str:
    """Read a secret from a file. Raises SecretNotFound."""
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretNotFound(name, f"{file} can't be read: {why}") from error


def reveal(value: str | Secret, environment: Mapping[str, str] | None = None) -> str:
    """Return a plain value, or the secret that it refers to. Raises SecretNotFound."""
    return value.reveal(environment) if isinstance(value, Secret) else value


def _form(value: Any) -> str:
    return "reference" if isinstance(value, Mapping | Secret) else "text"


Value = Annotated[Annotated[str, Tag("text")] | Annotated[Secret, Tag("reference")], Discriminator(_form)]
"""A string, or a reference to a secret."""
