from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from config.settings import SECRETS, Settings
from config.without_secrets import without_secrets

REPLICA = """
replicas:
  second: {store: s3, s3: {endpoint: "http://127.0.0.1:1", bucket: b, access_key: canary-1, secret_key: canary-2}}
webhooks: {desk: {url: "https://canary-4.example/", secret: whsec_canary}}
token: canary-3
"""


def secrets_of(model: type[BaseModel], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the places of the secrets in a model of settings, except those of webhooks and replicas."""
    for name, field in model.model_fields.items():
        if name in ("webhooks", "replicas"):
            continue
        kinds = {field.annotation, *get_args(field.annotation)}
        if any(kind is SecretStr or SecretStr in get_args(kind) for kind in kinds):
            yield (*at, name)
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from secrets_of(kind, (*at, name))


def test_every_secret_of_the_settings_is_left_out() -> None:
    places = set(secrets_of(Settings))
    assert len(places) > 5
    data: dict[str, Any] = {}
    for place in places:
        inner = data
        for name in place[:-1]:
            inner = inner.setdefault(name, {})
        inner[place[-1]] = "canary"

    found = without_secrets(json.dumps(data))

    assert found is not None
    assert "canary" not in found[0]
    assert set(found[1]) == {".".join(place) for place in places}


def test_secrets_of_replicas_and_webhooks_are_left_out() -> None:
    found = without_secrets(REPLICA)

    assert found is not None
    assert "canary" not in found[0]
    assert "127.0.0.1:1" in found[0]


@pytest.mark.parametrize("text", ["host: 127.0.0.1 # a comment\n", ""])
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) in ((text, []), None)


def test_the_list_of_secrets_names_settings_that_exist() -> None:
    for place in SECRETS:
        model: Any = Settings
        for name in place[:-1]:
            kinds = (model.model_fields[name].annotation, *get_args(model.model_fields[name].annotation))
            model = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
        assert place[-1] in model.model_fields
