"""The settings of a language model are whole, or refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import load_settings


def load(home: Path, text: str, key: str = "assistant") -> str:
    """Return what is wrong with these settings; empty for nothing."""
    (home / "pressmark.yaml").write_text(f"{key}: {text}\n")
    try:
        load_settings({"home": str(home)}, dotenv=None)
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{url: 'http://127.0.0.1:11434/v1', model: small, key: a-key}", ""),
        ("{url: 'http://model.internal/v1/', model: 'org/small:7b'}", ""),
        ("{url: 'https://api.example/v1', model: small, key: a-key, languages: [en, pt-BR]}", ""),
        ("{model: small}", "a model or a key is set, but no endpoint"),
        ("{url: 'http://127.0.0.1/v1'}", "an endpoint is set, but no model"),
        ("{url: 'http://model.internal/v1', model: small, key: a-key}", "could read the key"),
        ("{url: 'https://api.example/v1?x=a-key', model: small}", "has a query"),
        ("{url: 'https://u:p@api.example/v1', model: small}", "user name or password"),
        ("{url: 'https://api.example/v1', model: \"a\\nb\"}", "model"),
        ("{url: 'https://api.example/v1', model: small, key: \"a\\r\\nX: b\"}", "printable"),
        ("{url: 'https://api.example/v1', model: small, timeout: 1h}", "give a time from 1s to 10m"),
        ("{url: 'https://api.example/v1', model: small, languages: [english please]}", "is not a language"),
        ("{url: 'https://api.example/v1', model: small, characters: 5}", "characters"),
        ("{url: 'https://api.example/v1', modell: small}", "did you mean"),
    ],
)
def test_settings_that_can_t_work_are_refused_with_their_place(tmp_path: Path, text: str, wrong: str) -> None:
    said = load(tmp_path, text)

    assert (wrong in said) if wrong else said == ""
    assert not wrong or ("pressmark.yaml:1" in said and "assistant" in said)
    assert "a-key" not in said


def test_a_watch_asks_for_a_language_that_can_be(tmp_path: Path) -> None:
    watch = "{w: {phrases: [a], summary: true, translation: %s}}"

    assert load(tmp_path, watch % "zh", "watches") == ""
    assert "is not a language" in load(tmp_path, watch % "'say: yes'", "watches")
