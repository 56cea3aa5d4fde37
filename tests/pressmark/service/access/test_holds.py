"""What people hold, nothing deletes; what a collection no longer keeps is deleted when an admin confirms it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from services.reading_house import BESIDE, CLOSED, OPEN, STAMP, furnished, roles
from services.retrieving import Retrieving, served
from specimens.captures import capture_of
from specimens.worlds import LATER

from archive.database.engine import open_database
from archive.database.marks import Marks
from archive.intake.purge import Purge
from archive.store.local import LocalStore
from archive.values.errors import PurgeRefused, PurgeUnderWay, StoreUnreachable
from archive.values.urlkey import Match
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.service.access.holds import ActiveHolds, UnfitHold, holds_of
from pressmark.service.access.purged_since import RETENTION
from pressmark.service.access.purges import Purges, carry_on_purges
from pressmark.service.access.unread_decisions import UnreadDecisions
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.ledger.saving import LedgerSaving
from scheduler.ledger.holds import HOLDS

KEPT = {"retention": {"closed": "20d"}}
PRESS = RETENTION + "closed"
RECORDS = 2 + len(BESIDE)
"""Those of a page: it, what was recorded beside it, and a clip."""


@pytest.fixture(scope="module")
def furnished_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = furnished(tmp_path_factory.mktemp("house"))
    for file in (home / "items").rglob("*.jsonl"):
        file.unlink()
    return home


@pytest.fixture
def home(furnished_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(furnished_home, tmp_path / "home"))


@contextmanager
def opened(home: Path, **more: object) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": str(home), "spool.ballast": "0B", **KEPT, **more})) as service:
        yield service


def counted(service: Service) -> tuple[int, int]:
    return len(list(service.index.captures(CLOSED))), len(list(service.index.captures(OPEN)))


def purge(service: Service, id_: str) -> int:
    purges = Purges(service)
    return len(purges.run(id_, purges.plan(id_).token, by="ada", origin="test").plan.captures)


def test_what_is_older_is_purged_when_it_is_confirmed_and_of_this_collection_alone(home: Path) -> None:
    with opened(home) as service:
        plan = Purges(service).plan(PRESS)
        unchanged = counted(service)
        done = purge(service, PRESS)
        left = counted(service)
        [manifest] = [one for one in service.index.segments() if "-purge" in one.name][:1]
        rows = [row.entry for row in service.access.trail.newest(limit=9) if row.entry.action == "purge"]

    assert (len(plan.captures), unchanged, done, left) == (RECORDS, (1, 1), RECORDS, (0, 1))
    assert [(row.target, row.outcome) for row in rows] == [(PRESS, "done"), (PRESS, "begun")]
    assert manifest.manifest_key is not None


HELD = {
    "collection": {"url": None, "collection": "closed"},
    "page": {"url": CLOSED},
    "site": {"url": CLOSED, "match": "host"},
    "capture": {"url": CLOSED, "at": STAMP},
}


@pytest.mark.parametrize(
    "what", ["collection", *(pytest.param(one, marks=pytest.mark.costly) for one in HELD if one != "collection")]
)
def test_what_is_held_stays_until_the_hold_is_lifted(home: Path, what: str) -> None:
    with opened(home) as service:
        hold = holds_of(service).add(reason="a lawsuit", by="ada", **HELD[what])  # type: ignore[arg-type]
        id_ = service.take_downs.add(CLOSED, "a claim", by="ada").id
        plans = [Purges(service).plan(each) for each in (PRESS, id_)]
        with pytest.raises(PurgeRefused, match="has no records that can be purged"):
            purge(service, id_)
        held = counted(service)
        holds_of(service).lift(hold.id, by="bert")
        done = purge(service, id_)

    assert [plan.captures for plan in plans] == [(), ()]
    assert {one.why for plan in plans for one in plan.kept_back} == {"hold"}
    assert (held, done) == ((1, 1), RECORDS)


MAIL = "imap://mail.example.org:993/INBOX;UIDVALIDITY=7/;UID=1"
POST, STATUS = "https://social.example/@alice/41", "https://social.example/api/v1/statuses/41"


@pytest.mark.parametrize(
    ("url", "match", "held", "free"),
    [
        (MAIL, "exact", [MAIL, f"{MAIL}/;SECTION=2.2"], [f"{MAIL}1", f"{MAIL}1/;SECTION=2"]),
        ("imap://mail.example.org/", "host", [MAIL], [MAIL.replace(":993", ":1143")]),
        (POST, "exact", [POST, STATUS, f"{STATUS}/context"], [STATUS.replace("41", "42")]),
    ],
)
def test_a_hold_covers_the_addresses_that_a_take_down_covers(
    tmp_path: Path, url: str, match: Match, held: list[str], free: list[str]
) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/archive.db")) as database:
        holds = ActiveHolds(database, now=lambda: LATER)
        holds.add(url, "a lawsuit", by="ada", match=match)
        is_held = holds.held()

    assert [each for each in held if not is_held(capture_of(each))] == []
    assert [each for each in free if is_held(capture_of(each))] == []


@pytest.mark.costly
def test_a_hold_on_other_things_or_that_is_over_holds_nothing(home: Path) -> None:
    with opened(home) as service:
        holds = holds_of(service)
        holds.add(OPEN, "another page", by="ada", match="host")
        holds.add(None, "another collection", by="ada", collection="open")
        holds.add(CLOSED, "another time", by="ada", at="20250131120000")
        soon = holds.add(CLOSED, "soon over", by="ada", until="2099")
        before = Purges(service).plan(PRESS)
        Marks(service.database, HOLDS).delete(soon.id)

        assert {one.why for one in before.kept_back} == {"hold"}
        assert purge(service, PRESS) == RECORDS


@pytest.mark.costly
def test_a_hold_that_comes_between_the_plan_and_the_segment_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = Purge._check
    with opened(home) as service:

        def check(self: Purge, name: str) -> None:
            checked(self, name)
            holds_of(service).add(None, "a lawsuit", by="ada", collection="closed")

        monkeypatch.setattr(Purge, "_check", check)

        assert purge(service, PRESS) == 0
        assert counted(service) == (1, 1)


@pytest.mark.costly
def test_a_new_database_gets_its_holds_back_and_nothing_is_purged_while_they_are_unread(home: Path) -> None:
    with opened(home) as service:
        hold = holds_of(service).add(None, "a lawsuit", by="ada", collection="closed", until="2099-01-31")
        lifted = holds_of(service).add(OPEN, "over", by="ada")
        holds_of(service).lift(lifted.id, by="bert")
        LedgerSaving(service).save()
        before = holds_of(service).all()
        Marks(service.database, HOLDS).delete(hold.id)
        Marks(service.database, HOLDS).delete(lifted.id)
        Marks(service.database, "ledger-read/").delete("main")
        UnreadDecisions(service.database).note(1, "ledger/part")
        with pytest.raises(PurgeUnderWay, match="decisions of people"):
            purge(service, PRESS)

        assert counted(service) == (1, 1)
        assert len(before) == 2


@pytest.mark.costly
def test_a_longer_retention_ends_an_order_that_was_not_carried_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise StoreUnreachable("the cable is out")

    with opened(home) as service, monkeypatch.context() as away:
        away.setattr(LocalStore, "put", unreachable)
        with pytest.raises(StoreUnreachable):
            purge(service, PRESS)
    with opened(home, retention={"closed": "30000d"}) as service:
        carry_on_purges(service)
        left = counted(service)
        [last, *_] = [row.entry.outcome for row in service.access.trail.newest(limit=9) if row.entry.action == "purge"]

    assert (left, last) == ((1, 1), "refused")


def test_a_hold_that_says_too_little_is_refused(home: Path) -> None:
    with opened(home) as service:
        holds = holds_of(service)
        for wrong in (
            {"url": None, "reason": "x"},
            {"url": OPEN, "reason": " "},
            {"url": OPEN, "reason": "x", "collection": "open"},
            {"url": OPEN, "reason": "x", "until": "2020"},
            {"url": OPEN, "reason": "x", "at": "2026"},
            {"url": OPEN, "reason": "x", "at": STAMP, "match": "host"},
        ):
            with pytest.raises(UnfitHold):
                holds.add(by="ada", **wrong)  # type: ignore[arg-type]
        assert holds.all() == []


def test_commands_pages_and_api_have_the_same(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSMARK_RETENTION", json.dumps(KEPT["retention"]))

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home), *arguments])
        return int(ended.value.code or 0), capsys.readouterr().out

    listed = json.loads(run("retention", "--json")[1])["items"]
    planned = json.loads(run("retention", "closed", "--json")[1])
    hold = json.loads(run("hold", "add", "--collection", "closed", "--reason", "a lawsuit", "--json")[1])
    refused, unknown = run("retention", "closed", "--confirm", planned["token"])[0], run("retention", "press")[0]
    with opened(home) as service, served(service) as url:
        client, tokens = Retrieving(url, service, [], None), roles(service)  # type: ignore[arg-type]
        admin = {"Authorization": tokens["admin"]}
        pages = [client.get(f"/collections/{name}", **admin)[2] for name in ("holds", "retention")]
        held = client.get("/collections/retention/closed/purge", **admin)[2]
        form = urlencode({"url": OPEN, "match": "exact", "reason": "a second one"}).encode()
        added = client.send_body("POST", "/collections/holds", form, "application/x-www-form-urlencoded", **admin)[0]
        api = json.loads(client.get("/api/v1/holds", **admin)[2])["items"]
        path = f"/api/v1/holds/{hold['id']}/lift"
        lifted = client.send_body("POST", path, b"", "application/json", **admin)[0]
        body = json.dumps({"confirm": planned["token"]}).encode()
        forbidden = client.get("/api/v1/holds", Authorization=tokens["curate"])[0]
        done = client.send_body("POST", "/api/v1/retention/closed/purge", body, "application/json", **admin)[0]
    ended = json.loads(run("hold", "list", "--json")[1])["items"]

    assert [(one["collection"], one["days"], one["older"]) for one in listed] == [("closed", 20, RECORDS)]
    assert (planned["records"], planned["takedown"]) == (RECORDS, PRESS)
    assert (refused, unknown) == (Exit.USAGE, Exit.USAGE)
    assert b"a lawsuit" in pages[0]
    assert b"/collections/retention/closed/purge" in pages[1]
    assert b"people hold it" in held
    assert (added, lifted, forbidden, done) == (303, 200, 403, 200)
    assert {one["reason"] for one in api} == {"a lawsuit", "a second one"}
    assert [one["state"] for one in ended] == ["in force", "lifted"]
    assert run("retention", "closed", "--json")[0] == 0


def test_a_retention_is_at_least_a_day_of_a_collection_with_a_valid_name() -> None:
    for wrong in ({"closed": "1h"}, {"No Name": "400d"}):
        with pytest.raises(Exception, match=r"1d|invalid collection name"):
            load_settings({"retention": wrong})
    assert load_settings({"retention": {"closed": "400d"}}).retention["closed"] == timedelta(days=400)
    assert Settings().retention == {}
