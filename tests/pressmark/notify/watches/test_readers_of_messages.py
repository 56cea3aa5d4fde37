"""Messages of watches go to nobody who may not read any more, and end with their watch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from services.retrieving import Retrieving, served

from config.groups.watches import Watch
from config.settings import Settings
from pressmark.http.catalog import translator
from pressmark.notify.watches.digests import Digests
from pressmark.notify.watches.subscription_shapes import NotPossible, subscribe, subscriptions_of
from pressmark.service.access.roles import ANYONE, Caller, Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from scheduler.notices.page_watches import PageWatch, PageWatches
from scheduler.notices.watch_subscriptions import Schedule, Subscription, WatchSubscriptions

WORDS = "a long password of words"


def settings_of(home: Path, **more: object) -> Settings:
    facts = {"home": home, "public_url": "https://archive.example", "watches": {"ministry": {"phrases": ["a"]}}}
    mail = {"server": "127.0.0.1", "port": 9, "tls": "none", "sender": "p@example.org", "to": "op@x.org"}
    return Settings.model_validate({**facts, "notify": {"mail": mail}, **more})


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(settings_of(tmp_path)) as opened:
        yield opened


def asked(service: Service, by: Caller, watch: str = "ministry") -> Subscription:
    facts = {"channel": "mail", "address": "a@x.org", "schedule": Schedule("once"), "language": "en"}
    made = WatchSubscriptions(service.database).get(subscribe(service, watch, **facts, by=by).id)  # type: ignore[arg-type]
    assert made is not None
    return made


def reader(service: Service, one: Subscription) -> Caller | None:
    return Digests(service, translator)._caller(one)


def test_a_later_person_of_the_name_gets_and_sees_nothing(service: Service) -> None:
    carl = Caller("person", "carl", Role.READ)
    service.access.people.add("carl", Role.READ, WORDS)
    one = asked(service, carl)
    before = reader(service, one), len(subscriptions_of(service, carl))
    service.access.people.remove("carl")
    service.access.people.add("carl", Role.READ, WORDS)

    assert before == (carl, 1)
    assert subscriptions_of(service, carl) == []
    with pytest.raises(NotPossible, match="was removed"):
        reader(service, one)


def test_a_person_from_a_provider_gets_nothing_once_the_access_has_ended(tmp_path: Path) -> None:
    oidc = {"issuer": "http://127.0.0.1:9", "client_id": "us", "default_role": "read"}
    with open_pressmark(settings_of(tmp_path, oidc=oidc)) as service:
        olga, _ = service.access.people.admit("an identity", "olga", Role.READ)
        one = asked(service, olga)
        before = reader(service, one)
    with open_pressmark(settings_of(tmp_path)) as service, pytest.raises(NotPossible, match="has no access"):
        reader(service, one)

    assert before == olga


def test_a_revoked_token_and_who_did_not_log_in_get_nothing(service: Service) -> None:
    nobody = asked(service, ANYONE)
    before = reader(service, nobody)
    service.access.add_token("laptop", Role.READ)
    one = asked(service, Caller("token", "laptop", Role.READ))
    reader(service, one)  # the control
    service.access.revoke_token("laptop")
    service.access.people.add("anna", Role.READ, WORDS)

    assert before == ANYONE
    with pytest.raises(NotPossible, match="not valid any more"):
        reader(service, one)
    with pytest.raises(NotPossible, match="nobody was logged in"):
        reader(service, nobody)


def test_messages_end_with_their_watch_or_say_that_it_is_gone(service: Service) -> None:
    PageWatches(service.database).add("mine", PageWatch(Watch(phrases=("a",)), False, ""))
    asked(service, ANYONE, "mine")
    of_settings = asked(service, ANYONE)
    known = WatchSubscriptions(service.database)
    with served(service) as url:
        removed = Retrieving(url, service, []).send_body(
            "POST", "/watches/mine/remove", b"", "application/x-www-form-urlencoded"
        )
    left = list(known.all())
    known.change(of_settings, watch="gone")
    Digests(service, translator).send_due()
    [one] = known.all().values()

    assert (removed[0], left) == (200, [of_settings.id])
    assert one.failing == "the watch gone was removed; remove these messages, too"
