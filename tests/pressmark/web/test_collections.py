"""The page of collections says who may read each."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_network
from pathlib import Path

import pytest
from services.retrieving import Retrieving, served

from config.groups.rooms import Room
from config.settings import Settings
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark

ROOMS = {
    "estate": Room(until=date(2099, 1, 1)),
    "over": Room(until=date(2001, 1, 1)),
    "drafts": Room(unlisted=True),
    "parliament": Room(people=("anna",), addresses=(ip_network("192.0.2.0/24"),)),
    "vault": Room(),
}


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, dict[str, str]]:
    """What the page says of each collection, by who reads it."""
    (tmp_path / "sources").mkdir()
    for name in ("open", *ROOMS):
        text = f"source: {name}-news\nseeds: ['https://{name}.example/']\nwalk: page\nkeep: {{collection: {name}}}\n"
        (tmp_path / "sources" / f"{name}.yaml").write_text(text)
    with open_pressmark(Settings(home=tmp_path, rooms=ROOMS)) as service, served(service) as url:
        said = {}
        for role in (Role.READ, Role.CURATE):
            bearer = {"Authorization": f"Bearer {service.access.add_token(role.value, role)[1]}"}
            body = Retrieving(url, service, []).get("/collections", **bearer)[2].decode()
            rows = re.findall(r'<tr><th scope="row">(\w+)</th><td.*?</td>\s*<td>(.*?)</td>', body, re.DOTALL)
            said[role.value] = {name: " ".join(re.sub("<.*?>", " ", cell).split()) for name, cell in rows}
    return said


def test_each_collection_says_who_may_read_it(pages: dict[str, dict[str, str]]) -> None:
    assert pages["curate"] == {
        "open": "all",
        "over": "all",
        "drafts": "unlisted: all who have the address of a page",
        "estate": "closed to all until 2099-01-01",
        "parliament": "closed, except for some anna, 192.0.2.0/24",
        "vault": "closed to all",
    }


def test_a_reader_sees_the_open_ones_alone(pages: dict[str, dict[str, str]]) -> None:
    assert pages["read"] == {"open": "all", "over": "all"}
