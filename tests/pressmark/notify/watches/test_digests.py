"""Watches send mails to a real mail server: nothing twice, and nothing lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from conftest import figure
from crawling.site import Reply, serving
from services.mail_server import Letters, mail_server
from services.retrieving import Retrieving, served
from services.watch_house import FIRST, FORM, HOME, ONCE, SECOND, Clock, House, parts, settings_of
from specimens.versions import URL, Version, keep

from config.groups.notify import Notify
from config.settings import Settings
from pressmark.http.catalog import translator
from pressmark.notify.watches.digests import Digests
from pressmark.notify.watches.following import Following
from pressmark.notify.watches.subscription_shapes import NotPossible, subscribe
from pressmark.service.access.roles import ANYONE, Caller, Role
from pressmark.service.assembly import open_pressmark
from scheduler.notices.watch_subscriptions import Schedule, WatchSubscriptions


def test_a_mail_has_the_sentence_the_change_the_snapshot_and_a_citation_once(house: House) -> None:
    house.archive(FIRST)
    house.subscribe()
    house.archive(SECOND)
    sent = house.send(), house.send()
    [letter] = house.letters.letters
    plain, html = parts(letter)

    assert sent == (1, 0)
    assert (letter["Subject"], letter["To"], letter["Auto-Submitted"]) == (
        "Pressmark: ministry: 1 new sentence",
        "a@x.org",
        "auto-generated",
    )
    assert "Then the Ministry of Science said “yes” & <more>." in plain and FIRST not in plain
    assert (
        f"Archived page: {HOME}/snapshot/20260131" in plain and f"What changed: {HOME}/diff/previous/20260131" in plain
    )
    assert "To cite it: The clock. (n.d.)." in plain and URL in plain
    assert "said “yes” &amp; &lt;more&gt;." in html and "<script" not in html
    assert letter["List-Unsubscribe"].startswith(f"<{HOME}/unsubscribe/")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_was_found_before_the_subscription_is_not_sent(house: House) -> None:
    house.archive(FIRST)
    house.subscribe()

    assert (house.send(), house.letters.letters) == (0, [])


def test_a_digest_waits_for_its_hour_and_has_all_sentences(house: House) -> None:
    house.subscribe(Schedule("daily", hour=16, zone="Asia/Shanghai"))  # 8:00 UTC
    for number in (1, 2):
        house.archive(f"The Ministry of Science said {number}.", url=f"{URL}&n={number}")
    before = house.send()
    house.clock.later(hours=2)
    sent = house.send(), house.send()
    house.clock.later(hours=24)
    next_day = house.send()

    assert (before, sent, next_day) == (0, (1, 0), 0)  # a day without anything new has no mail
    [letter] = house.letters.letters
    assert letter["Subject"] == "Pressmark: ministry: 2 new sentences"
    assert all(f"said {number}." in parts(letter)[0] for number in (1, 2))


def test_a_weekly_digest_comes_on_its_day_and_each_day_once_over_changes_of_the_clock() -> None:
    weekly = Schedule("weekly", hour=9, weekday=3, zone="UTC")
    assert weekly.next_after(datetime(2026, 2, 2, 6, tzinfo=UTC)) == datetime(2026, 2, 5, 9, tzinfo=UTC)
    assert weekly.next_after(datetime(2026, 2, 5, 9, tzinfo=UTC)) == datetime(2026, 2, 12, 9, tzinfo=UTC)
    for hour in range(24):
        daily, at = Schedule("daily", hour=hour, zone="Europe/Berlin"), datetime(2026, 1, 1, tzinfo=UTC)
        days = []
        while at < datetime(2027, 1, 1, tzinfo=UTC):
            following = daily.next_after(at)
            assert following is not None and following > at
            at = following
            days.append(at)
        assert len(days) in (365, 366)
        hours = {(later - earlier) // timedelta(hours=1) for earlier, later in pairwise(days)}
        assert hours <= {23, 24, 25}


def test_while_the_mail_server_is_away_nothing_is_lost_and_a_state_says_so(tmp_path: Path, letters: Letters) -> None:
    with mail_server(letters) as port:
        pass  # the port is free again
    (tmp_path / "warcs").mkdir()
    with open_pressmark(settings_of(tmp_path / "home", port)) as service:
        clock = Clock()
        Following(service).follow()
        house = House(replace(service, now=clock), clock, letters, tmp_path / "warcs")
        house.subscribe()
        house.archive(FIRST)
        refused = house.send()
        states = house.states
        house.archive(SECOND)
        waiting = house.send()  # not tried again at once
        clock.later(minutes=1)
    with mail_server(letters, port), open_pressmark(settings_of(tmp_path / "home", port)) as service:  # a new start
        house.service = replace(service, now=clock)
        sent = house.send(), house.send()
        after = house.states

    assert (refused, states, waiting) == (0, ["watch-messages-failing"], 0)
    assert (sent, after) == ((2, 0), [])
    texts = [parts(letter)[0] for letter in letters.letters]
    assert [FIRST in text for text in texts] == [True, False]
    assert "“yes”" in texts[1] and "“yes”" not in texts[0]


def test_a_test_message_that_can_not_be_made_is_a_failure_with_its_reason(tmp_path: Path, letters: Letters) -> None:
    mail = {"server": "127.0.0.1", "port": 25, "tls": "none", "sender": "ann@", "to": "op@x.org"}
    with open_pressmark(settings_of(tmp_path / "home", 25, notify={"mail": mail})) as service:
        house = House(service, Clock(), letters, tmp_path)
        house.subscribe()
        [one] = WatchSubscriptions(service.database).all().values()

        why = Digests(service, translator).test(one)

    assert why == "the notification could not be made or sent (IndexError); the log has the details"


def test_a_mail_that_is_sent_again_after_a_crash_has_the_same_id(house: House) -> None:
    id_ = house.subscribe()
    house.archive(FIRST)
    known = WatchSubscriptions(house.service.database)

    def crash() -> None:
        """Leave the row as a process that was killed before it noted the answer, after its claim has ended."""
        one = known.get(id_)
        assert one is not None and one.pending is not None
        known.change(one, claimed_until=None)

    house.letters.then = crash
    house.send()
    house.letters.then = None
    house.archive(SECOND)
    house.send()

    first, again, later = house.letters.letters
    assert first["Message-ID"] == again["Message-ID"] != later["Message-ID"]
    assert [FIRST in parts(letter)[0] for letter in (first, again, later)] == [True, True, False]


def test_a_clock_that_was_days_ahead_for_a_moment_delays_no_message(house: House) -> None:
    id_ = house.subscribe(Schedule("daily", hour=8))
    house.archive(FIRST)
    house.clock.later(days=5, hours=2)
    ahead = house.send()
    house.clock.later(days=-5)
    house.archive(SECOND)
    back = house.send()
    house.archive("The Ministry of Science said a third thing.")
    known, wrong = WatchSubscriptions(house.service.database), house.clock.at + timedelta(days=5)
    one = known.get(id_)
    assert one is not None
    known.change(one, due_at=house.clock.at, next_try=wrong, claimed_until=wrong)

    assert (ahead, back, house.send()) == (1, 1, 1)


def test_two_processes_send_one_mail(house: House) -> None:
    house.subscribe()
    house.archive(FIRST)
    others: list[int] = []
    house.letters.then = lambda: others.append(house.send())
    sent = house.send()

    assert (sent, others, len(house.letters.letters)) == (1, [0], 1)


def test_no_mail_has_what_is_closed_to_its_reader_or_taken_down(house: House) -> None:
    for name in ("anna", "ben", "carl"):
        house.service.access.people.add(name, Role.READ, "a long password of words")
    for name in ("anna", "ben", "carl"):
        house.subscribe(by=Caller("person", name, Role.READ), to=f"{name}@x.org")
    house.service.access.people.remove("carl")
    house.archive(FIRST, url="https://closed.example/", collection="papers")
    house.send()
    closed = [letter["To"] for letter in house.letters.letters]
    house.archive("The Ministry of Science said it.", url="https://down.example/")
    house.service.take_downs.add("https://down.example/", "asked for", by="person ada")
    house.send()

    assert closed == ["anna@x.org"]
    assert len(house.letters.letters) == 1
    failing = {one.by: one.failing for one in WatchSubscriptions(house.service.database).all().values()}
    removed = "the person carl, who asked for these messages, was removed"
    assert failing == {"person anna": None, "person ben": None, "person carl": removed}
    house.archive(FIRST, url="https://open.example/")  # the control
    house.send()
    assert sorted(letter["To"] for letter in house.letters.letters[1:]) == ["anna@x.org", "ben@x.org"]


def test_a_mail_is_in_the_language_of_its_reader(house: House) -> None:
    house.subscribe(language="zh-Hans")
    house.archive(FIRST)
    house.send()

    assert "存档网页" in parts(house.letters.letters[0])[0]


def test_wrong_addresses_zones_and_settings_are_refused_with_the_reason(house: House, tmp_path: Path) -> None:
    for to in (
        "",
        "a",
        "a@x.org, b@x.org",
        "a@x.org\r\nBcc: c@x.org",
        "a b@x.org",
        "<a@x.org>",
        "a@x..org",
        ".a@x.org",
    ):
        with pytest.raises(NotPossible, match="invalid mail address"):
            house.subscribe(to=to)
    with pytest.raises(NotPossible, match="unknown time zone"):
        house.subscribe(Schedule("daily", zone="Mars/Base"))
    house.subscribe()
    with pytest.raises(NotPossible, match="are sent already"):
        house.subscribe()
    with (
        open_pressmark(
            Settings.model_validate({"home": tmp_path / "bare", "watches": {"ministry": {"phrases": ["a"]}}})
        ) as bare,
        pytest.raises(NotPossible, match="public_url is missing"),
    ):
        House(bare, house.clock, house.letters, tmp_path).subscribe()


def test_the_page_adds_tests_and_ends_messages_and_shows_no_token(house: House) -> None:
    with served(house.service) as url:
        door = Retrieving(url, house.service, [])
        fields = {
            "channel": "mail",
            "address": "a@x.org",
            "rhythm": "weekly",
            "hour": "7",
            "weekday": "1",
            "zone": "UTC",
        }
        added = door.send_body("POST", "/subscriptions/ministry", urlencode(fields).encode(), FORM)
        [one] = WatchSubscriptions(house.service.database).all().values()
        tested = door.send_body("POST", f"/subscriptions/ministry/{one.id}/test", b"", FORM)
        soon = door.send_body("POST", f"/subscriptions/ministry/{one.id}/test", b"", FORM)
        wrong = door.send_body("POST", "/subscriptions/ministry", urlencode(fields | {"address": "x"}).encode(), FORM)
        page, listed = door.text("/watches/ministry"), door.text("/api/v1/watches/ministry/subscriptions")
        ended = door.send_body("POST", f"/subscriptions/ministry/{one.id}/remove", b"", FORM)
        gone = door.send_body("POST", f"/subscriptions/ministry/{one.id}/remove", b"", FORM)
        sent = json.dumps({"address": "b@x.org", "rhythm": "once"}).encode()
        by_api = door.send_body("POST", "/api/v1/watches/ministry/subscriptions", sent, "application/json")
        path = f"/api/v1/watches/ministry/subscriptions/{json.loads(by_api[1])['id']}"
        deleted = [door.ask("DELETE", path)[0] for _ in range(2)]

    assert [answer[0] for answer in (added, tested, soon, wrong, ended, gone)] == [200, 200, 422, 422, 200, 404]
    assert "The test message was accepted." in tested[1].decode() and len(house.letters.letters) == 1
    assert "a@x.org" in page and "Tue 07:00" in page and json.loads(listed)["items"][0]["weekday"] == 1
    assert one.token not in page + listed + added[1].decode() + tested[1].decode()
    assert (by_api[0], deleted) == (201, [204, 404])


def test_the_link_of_a_mail_ends_it_without_a_login_and_only_when_it_is_sent(house: House) -> None:
    house.service.access.people.add("anna", Role.READ, "a long password of words")
    house.subscribe(by=Caller("person", "anna", Role.READ))
    house.archive(FIRST)
    house.send()
    address = re.sub("[<>]", "", house.letters.letters[0]["List-Unsubscribe"])
    with served(house.service) as url:
        door = Retrieving(url, house.service, [])
        path = urlsplit(address).path
        read = door.get(path)
        left = len(WatchSubscriptions(house.service.database).all())
        other = [door.get(f"/unsubscribe/{token}")[0] for token in ("x", "%C3%A9", "%FF")]
        one_click = door.send_body("POST", path, b"List-Unsubscribe=One-Click", FORM)
        again = door.get(path)[0]
        foreign = door.send_body("POST", path, b"", FORM, Origin="https://elsewhere.example")[0]

    assert (read[0], left, one_click[0]) == (200, 1, 200)
    assert b"a@x.org" in read[2] and read[1]["Cache-Control"] == "no-store"
    assert WatchSubscriptions(house.service.database).all() == {}
    assert (again, other, foreign) == (404, [404, 404, 404], 403)
    assert path not in str([row.entry for row in house.service.access.trail.newest(limit=9)])
    rows = [row.entry for row in house.service.access.trail.newest(limit=9) if "unsubscribe" in row.entry.action]
    assert [row.target for row in reversed(rows)] == ["ministry", "/unsubscribe/{token}"]


def test_edits_with_known_additions_are_all_in_mails_once_and_nothing_that_was_there_before(house: House) -> None:
    """Edit pages that name the ministry already: they add a sentence, move lines, change other words, or all of it."""
    edits = figure(20, 200, 200)
    house.subscribe()
    pages = [f"{URL}&edit={number}" for number in range(edits)]
    before = [
        "The Ministry of Science said {}.",
        "The harbour was quiet on day {}.",
        "Boats came to the Ministry of Science.",
    ]
    keep(house.service, house.warcs, *(Version("\n".join(before).format(n, n), url) for n, url in enumerate(pages)))
    Following(house.service).follow()
    house.send()
    old = "\n".join(parts(letter)[0] for letter in house.letters.letters)
    house.letters.letters.clear()
    changed = []
    for number, url in enumerate(pages):
        lines = [line.format(number) for line in before]
        if number % 3:
            lines.insert(number % 4, f"Now the Ministry of Science adds {number}.")
        if number % 5 == 0:
            lines.reverse()
        if number % 2:
            lines[lines.index(f"The harbour was quiet on day {number}.")] = f"The harbour was loud on day {number}."
        changed.append(Version("\n".join(lines), url, minute=1))
    keep(house.service, house.warcs, *changed)
    Following(house.service).follow()
    while house.send():
        pass
    Following(house.service).follow()
    house.send()

    told = re.findall(r"“(.*)”", "\n".join(parts(letter)[0] for letter in house.letters.letters))
    assert sorted(told) == sorted(f"Now the Ministry of Science adds {n}." for n in range(edits) if n % 3)
    assert old.count("The Ministry of Science said") == old.count("Boats came") == edits  # the control


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.skipif(find_spec("apprise") is None, reason="Apprise is not installed")
def test_apprise_gets_what_everybody_may_read_without_a_link_that_ends_it(house: House) -> None:
    with serving() as site:
        site.otherwise = Reply(204)
        notify = Notify.model_validate({"apprise": {"urls": f"json://{site.url.removeprefix('http://')}/one"}})
        house.service = replace(house.service, settings=house.service.settings.model_copy(update={"notify": notify}))
        asked = {"channel": "apprise", "address": "", "schedule": ONCE, "language": "en"}
        subscribe(house.service, "ministry", **asked, by=ANYONE)  # type: ignore[arg-type]
        with pytest.raises(NotPossible, match="they need the role curate"):
            subscribe(house.service, "ministry", **asked, by=Caller("person", "ben", Role.READ))  # type: ignore[arg-type]
        house.archive(FIRST, url="https://closed.example/", collection="papers")
        house.archive("The Ministry of Science said it.", url="https://open.example/")
        sent = house.send(), house.send()
        message = json.loads(site.asked[0].body)["message"]

    assert (sent, len(site.asked)) == ((1, 0), 1)
    assert "The Ministry of Science said it." in message and FIRST not in message
    assert "/unsubscribe/" not in message
