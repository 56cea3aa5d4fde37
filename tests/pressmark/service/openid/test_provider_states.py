"""A provider of logins that can't be used is a state, which all doors name alike."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import Retrieving, served
from services.waiting import eventually

from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.openid import login
from pressmark.service.openid.states import ask_provider
from pressmark.service.states import KINDS
from pressmark.upkeep.conditions import conditions

TOKEN = "a token of these tests, and no other"
CLOSED = {"issuer": "http://127.0.0.1:9", "client_id": "pressmark", "roles": {"it": "admin"}, "label": "Library login"}
OPEN = CLOSED | {"addresses": ["127.0.0.0/8"]}


@pytest.mark.parametrize(("settings", "why"), [(CLOSED, "not on the public internet"), (OPEN, "Connection refused")])
def test_every_door_reports_a_provider_that_can_not_be_used(
    tmp_path: Path,
    settings: dict[str, Any],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PRESSMARK_TOKEN", TOKEN)
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "pressmark.yaml").write_text(json.dumps({"oidc": settings}))
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(tmp_path), "doctor", "--json"])
    items = json.loads(capsys.readouterr().out)["items"]
    [told] = [item["sentence"] for item in items if item["state"] == "login-provider-unusable"]
    with open_pressmark(load_settings({"home": tmp_path})) as service, served(service) as url:
        pages, bearer = Retrieving(url, service, []), {"Authorization": f"Bearer {TOKEN}"}
        eventually(lambda: json.loads(pages.get("/readyz", **bearer)[2])["notices"])
        ready, _, body = pages.get("/readyz", **bearer)
        front = pages.get("/", **bearer)[2].decode()
        strangers = json.loads(pages.get("/readyz")[2])

    kind = KINDS["login-provider-unusable"]
    assert why in told and "Library login" in told
    assert (ended.value.code, ready) == (kind.code, 200)
    assert told in json.loads(body)["notices"].values()
    assert told in html.unescape(front)
    assert strangers["notices"] == {"login": "login-provider-unusable"}


def test_a_provider_is_asked_again_in_the_background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_pressmark(Settings(home=tmp_path, oidc=OPEN)) as service:  # type: ignore[arg-type]
        ask_provider(service)
        first = [one.state for one in conditions(service)]
        assert service.openid is not None
        checked = service.openid._checked
        again = [one.state for one in conditions(service)]
        assert service.openid._checked is checked, "it is not asked with each look"
        monkeypatch.setattr(login, "_BAD", 0.0)
        assert [one.state for one in conditions(service)] == first == again == ["login-provider-unusable"]


def test_without_a_provider_nothing_is_asked_and_nothing_is_wrong(tmp_path: Path) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service:
        assert service.openid is None
        assert [one.state for one in conditions(service)] == []
