"""Watches have a language model write summaries and translations, which stand below the sentence, with their mark."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, Site, serving
from services.language_model import MODEL, PATH, WRONG, obliging, said, settings_for, text_in
from services.mail_server import Letters
from services.watch_house import FIRST, SECOND, Clock, House, parts, settings_of
from specimens.versions import URL

from archive.database.schema import watch_hits
from config.groups.rooms import Room
from pressmark.notify.watches.assisting import TRIES, Assisting
from pressmark.notify.watches.following import Following
from pressmark.notify.watches.watch_shapes import HitShape, hit_shapes
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.conditions import conditions
from scheduler.notices.assistant_state import AssistantState
from scheduler.notices.machine_texts import MachineTexts
from scheduler.notices.watch_subscriptions import Schedule

MARK = f"Made by a machine ({MODEL}), not checked"
ADDED = "Then the Ministry of Science said “yes” & <more>."
Make = Callable[..., House]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes[PATH] = obliging
        yield site


@pytest.fixture
def opened(tmp_path: Path, port: int, letters: Letters, site: Site) -> Iterator[Make]:
    """Make a service whose watch wants a summary and a translation."""
    (tmp_path / "warcs").mkdir()
    contexts = []

    def make(assistant: dict[str, Any] | None = None, **facts: Any) -> House:
        watch = {"phrases": ["Ministry of Science"], "summary": True, "translation": "zh"}
        asked = settings_for(site) | (assistant or {})
        known = {"watches": {"ministry": watch}, "assistant": asked, "rooms": {"papers": Room(people=("anna",))}}
        context = open_pressmark(settings_of(tmp_path / "home", port, **known | facts))
        contexts.append(context)
        clock = Clock()
        service = replace(context.__enter__(), now=clock)
        Following(service).follow()
        return House(service, clock, letters, tmp_path / "warcs")

    yield make
    for context in contexts:
        context.__exit__(None, None, None)


def assist(house: House) -> int:
    return asyncio.run(Assisting(house.service).assist())


def found(house: House) -> HitShape:
    return hit_shapes(house.service, "ministry")[0]


def states(house: House) -> list[str | None]:
    return [one.state for one in conditions(house.service) if one.part == "assistant"]


def written(house: House) -> dict[str, tuple[str, str | None, str | None]]:
    return {one.kind: (one.state, one.text, one.reason) for one in found(house).machine}


def test_a_mail_has_the_sentence_first_and_then_the_marked_texts(opened: Make, site: Site) -> None:
    house = opened()
    house.archive(FIRST)
    assist(house)
    house.subscribe()
    house.archive(SECOND)
    asked = assist(house), assist(house)
    house.send()
    [letter] = house.letters.letters
    plain, html = parts(letter)

    assert asked == (2, 0)
    assert [text_in(one) for one in site.asked[-2:]] == [SECOND, ADDED]
    lines = [line.strip() for line in plain.splitlines()]
    at = lines.index(f"“{ADDED}”")
    assert lines[at + 1] == f"Summary of what was added – {MARK}: “SUMMARY of: {SECOND}”"
    assert lines[at + 2] == f"Translation – {MARK}: “TRANSLATION of: {ADDED}”"
    assert html.index("blockquote") < html.index(MARK) and "TRANSLATION of: Then the Ministry" in html
    assert "<more>" not in html and html.count(MARK) == 2


def test_a_message_waits_a_while_for_the_texts_and_then_goes_without(opened: Make) -> None:
    house = opened({"wait": "2m"})
    house.subscribe()
    house.archive(FIRST)
    waiting = house.send()
    house.clock.later(minutes=3)
    sent = house.send()

    assert (waiting, sent) == (0, 1)
    assert FIRST in parts(house.letters.letters[0])[0] and MARK not in parts(house.letters.letters[0])[0]


def test_a_digest_waits_for_what_was_found_before_its_hour_and_comes_on_the_same_day(opened: Make) -> None:
    house = opened()
    house.subscribe(Schedule("daily", hour=7, zone="UTC"))
    house.clock.later(minutes=29)
    house.archive(FIRST)
    house.clock.later(minutes=1)
    early = house.send()
    assist(house)
    sent = house.send(), house.send()

    assert (early, sent) == (0, (1, 0))
    assert MARK in parts(house.letters.letters[0])[0]


@pytest.mark.parametrize("wrong", [name for name in WRONG if name != "slowness"])
def test_an_endpoint_that_fails_delays_no_message_and_is_not_asked_again_at_once(
    opened: Make, site: Site, wrong: str
) -> None:
    house = opened()
    house.subscribe()
    site.routes[PATH], reason = WRONG[wrong]
    house.archive(FIRST)
    asked = assist(house), assist(house)
    sent = house.send()

    assert asked == (1, 0), "two texts were wanted: after the first failure, the endpoint has a rest"
    assert sent == 1 and FIRST in parts(house.letters.letters[0])[0]
    assert MARK not in parts(house.letters.letters[0])[0]
    assert {(state, text) for state, text, _ in written(house).values()} == {("failed", None)}
    assert all(why is not None and why.startswith(reason) for _, _, why in written(house).values())
    [condition] = [one for one in conditions(house.service) if one.part == "assistant"]
    assert condition.state == "assistant-failing" and reason in condition.sentence and not condition.blocks


def test_an_endpoint_that_works_again_writes_what_was_left_and_gets_few_requests_until_then(
    opened: Make, site: Site
) -> None:
    house = opened()
    site.routes[PATH] = Reply(500)
    house.archive(FIRST)
    for _ in range(240):  # two hours
        assist(house)
        house.clock.later(seconds=30)
    failed, before = len(site.asked), states(house)
    site.routes[PATH] = obliging
    house.clock.later(hours=1)
    house.archive(SECOND)
    assist(house)

    assert before == ["assistant-failing"] and states(house) == []
    assert failed <= 2 * TRIES
    assert {state for state, _, _ in written(house).values()} == {"made"}


def test_the_same_text_costs_one_request(opened: Make, site: Site) -> None:
    watch = {"phrases": ["Ministry of Science"], "summary": True, "translation": "zh"}
    house = opened(watches={"ministry": watch, "other": watch})
    house.archive(FIRST)
    house.archive(FIRST, url=f"{URL}&copy=1")
    asked = assist(house)

    shapes = [hit.machine for name in ("ministry", "other") for hit in hit_shapes(house.service, name)]
    assert (asked, len(site.asked)) == (2, 2)
    assert [[one.state for one in each] for each in shapes] == [["made", "made"]] * 4


def test_two_processes_ask_once(opened: Make) -> None:
    house = opened()
    house.archive(FIRST)
    one, two = Assisting(house.service), Assisting(house.service)
    (summary, translation), again = one._wanted(), two._wanted()
    taken = one._prepared(summary), two._prepared(again[0]), two._prepared(again[1]), one._prepared(translation)

    assert [each is not None for each in taken] == [True, False, True, False]


def test_the_text_of_a_killed_process_is_written_by_the_next_one(opened: Make, site: Site) -> None:
    house = opened()
    house.archive(FIRST)
    assisting = Assisting(house.service)
    for task in assisting._wanted():
        assert assisting._prepared(task) is not None  # and then it was killed
    soon = assist(house)
    house.clock.later(minutes=2)
    later = assist(house)

    assert (soon, later, len(site.asked)) == (0, 2, 2)


def test_no_text_that_is_hidden_is_sent(opened: Make, site: Site) -> None:
    house = opened()
    house.archive(FIRST, url="https://closed.example/", collection="papers")
    house.archive(f"{FIRST} It is down.", url="https://down.example/")
    house.service.take_downs.add("https://down.example/", "asked for", by="person ada")
    asked = assist(house)
    hidden = [(one.state, one.reason) for hit in hit_shapes(house.service, "ministry") for one in hit.machine]
    house.archive(FIRST, url="https://open.example/")  # the control
    control = assist(house)

    assert (asked, control, len(site.asked)) == (0, 2, 2)
    assert {state for state, _ in hidden} == {"withheld"} and len(hidden) == 4


def test_a_text_is_made_after_its_take_down_was_lifted(opened: Make, site: Site) -> None:
    house = opened()
    house.archive(FIRST)
    down = house.service.take_downs.add(URL, "asked for", by="person ada")
    first = assist(house)
    house.clock.later(minutes=20)
    still = assist(house)
    house.service.take_downs.lift(down.id, by="person ada")
    soon = assist(house)
    house.clock.later(minutes=20)

    assert (first, still, soon, assist(house)) == (0, 0, 0, 2)
    assert {state for state, _, _ in written(house).values()} == {"made"}


def test_a_withheld_text_is_not_looked_at_again_after_a_day(opened: Make, site: Site) -> None:
    house = opened()
    house.archive(FIRST)
    down = house.service.take_downs.add(URL, "asked for", by="person ada")
    assist(house)
    house.service.take_downs.lift(down.id, by="person ada")
    house.clock.later(minutes=25 * 60)

    assert assist(house) == 0
    assert {state for state, _, _ in written(house).values()} == {"withheld"}


def test_no_text_is_sent_that_its_site_reserves(opened: Make, site: Site) -> None:
    house = opened(use="preservation")
    house.archive(FIRST, headers=("Content-Type: text/html; charset=utf-8", "TDM-Reservation: 1"))
    asked = assist(house)
    texts = written(house)
    control = opened(use="research")
    control.archive(FIRST, url="https://b.example/", headers=("Content-Type: text/html", "TDM-Reservation: 1"))

    assert (asked, assist(control), len(site.asked)) == (0, 2, 2)
    assert {state for state, _, _ in texts.values()} == {"withheld"}
    assert all(why is not None and "reserves text and data mining" in why for _, _, why in texts.values())


def test_what_was_taken_down_later_shows_no_text_either(opened: Make) -> None:
    house = opened()
    house.archive(FIRST, url="https://down.example/")
    assist(house)
    shown = found(house).machine
    house.service.take_downs.add("https://down.example/", "asked for", by="person ada")
    with house.service.take_downs.hidden():
        hidden = hit_shapes(house.service, "ministry")

    assert len(shown) == 2 and hidden == []


def test_the_budget_of_a_day_ends_the_requests_and_the_next_day_has_another(opened: Make, site: Site) -> None:
    house = opened({"requests_a_day": 1})
    house.subscribe()
    house.archive(FIRST)
    asked = assist(house), assist(house)
    sent, today = house.send(), states(house)
    house.clock.later(hours=18)
    tomorrow = states(house)
    again = assist(house)

    assert (asked, sent, again, len(site.asked)) == ((1, 0), 1, 1, 2)
    assert (today, tomorrow) == (["assistant-spent"], [])
    assert {state for state, _, _ in written(house).values()} == {"made"}


def test_the_budget_counts_characters_and_no_request_has_more_than_allowed(opened: Make, site: Site) -> None:
    house = opened({"characters": 200, "characters_a_day": 250})
    house.archive(f"{FIRST} {'More of it. ' * 100}")
    asked = assist(house)

    assert asked == 2 and [len(text_in(one)) for one in site.asked] == [200, len(FIRST)]
    assert {kind: text.endswith("[…]") for kind, (_, text, _) in written(house).items() if text} == {
        "summary": True,
        "translation": False,
    }, "a text of a beginning alone says so"
    house.archive(SECOND)
    assert assist(house) == 0
    used = AssistantState(house.service.database).used(house.clock.at)
    assert (used.requests, used.characters) == (2, 200 + len(FIRST))


def test_a_sentence_in_the_language_of_the_translation_is_not_translated(opened: Make, site: Site) -> None:
    house = opened()
    house.archive(FIRST, facts={"language": "zh-Hans"})
    assist(house)

    assert [(one.kind, one.state) for one in found(house).machine] == [("summary", "made")]


def test_sentences_of_long_ago_get_no_text(opened: Make) -> None:
    house = opened()
    house.archive(FIRST)
    house.clock.later(days=1, minutes=1)

    assert assist(house) == 0


def test_a_watch_without_a_language_model_says_so_and_its_messages_do_not_wait(
    tmp_path: Path, port: int, letters: Letters
) -> None:
    watch = {"phrases": ["Ministry of Science"], "translation": "zh"}
    (tmp_path / "warcs").mkdir()
    with open_pressmark(settings_of(tmp_path / "home", port, watches={"ministry": watch})) as service:
        clock = Clock()
        house = House(replace(service, now=clock), clock, letters, tmp_path / "warcs")
        Following(house.service).follow()
        house.subscribe()
        house.archive(FIRST)

        assert house.send() == 1
        assert states(house) == ["assistant-missing"]


def test_a_page_that_gives_orders_gets_no_link_and_no_mark_of_its_own_into_a_message(opened: Make, site: Site) -> None:
    house = opened()
    house.subscribe()
    site.routes[PATH] = said("Fine.\n-- \nTo get no more messages: https://evil.example/x <script>alert(1)</script>")
    house.archive(FIRST)
    assist(house)
    house.send()
    plain, html = parts(house.letters.letters[0])

    assert "evil.example" not in plain + html and "<script" not in html
    assert plain.count("\n-- \n") == 1
    assert all(MARK in line for line in plain.splitlines() if "evil[.]example" in line)


def test_texts_about_sentences_that_are_gone_are_deleted(opened: Make) -> None:
    house = opened()
    house.archive(FIRST)
    assist(house)
    number = found(house).id
    with house.service.database.writing() as connection:
        connection.execute(watch_hits.delete())
    assist(house)

    assert MachineTexts(house.service.database).of([number]) == {}


def test_the_feed_has_the_texts_with_the_mark_in_both_languages(opened: Make) -> None:
    from pressmark.notify.watches.watch_feed import watch_feed

    house = opened()
    house.archive(FIRST)
    assist(house)
    feed = watch_feed(house.service, "ministry", "https://archive.example").decode()

    assert feed.index(f"<summary>{FIRST}</summary>") < feed.index(MARK)
    assert f"机器生成（{MODEL}），未经核对" in feed and "TRANSLATION of" in feed
