from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.source import Source
from scheduler.timetables.timetable import ON_TIME, Entry, Tick, choose, due, entry_of, first_due, next_ticks

# Two nights in which the clock changes, per zone: by an hour, by half an hour, at midnight, for Ramadan, at 02:45.
ZONES = {
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Asia/Shanghai": ["1991-04-14", "1991-09-15"],
    "Australia/Lord_Howe": ["2026-10-04", "2026-04-05"],
    "Africa/Casablanca": ["2026-03-22", "2026-02-15"],
    "America/Santiago": ["2026-09-06", "2026-04-05"],
    "Asia/Tehran": ["2022-03-22", "2021-09-22"],
    "Pacific/Chatham": ["2026-09-27", "2026-04-05"],
    "America/Havana": ["2026-03-08", "2026-11-01"],
    "Europe/Dublin": ["2026-03-29", "2026-10-25"],
    "Antarctica/Troll": ["2026-03-29", "2026-10-25"],
    "Pacific/Apia": ["2011-12-30", "2011-04-02"],
}
NIGHTS = [(zone, night) for zone, nights in ZONES.items() for night in nights]


def entry(**timetable: object) -> Entry:
    """Return the entry of a source that starts at its slots, unless given otherwise."""
    timetable = {"jitter": "0s", **timetable}
    source = Source.model_validate({"source": "example", "seeds": "https://example.org/", "timetable": timetable})
    found = entry_of(source)
    assert found is not None
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(line: Entry, since: str, until: str) -> list[str]:
    return [tick.at.strftime("%Y-%m-%dT%H:%M") for tick in line.ticks(at(since), at(until))]


def test_a_source_without_a_timetable_is_never_due() -> None:
    assert entry_of(Source(name="example", seeds=("https://example.org/",))) is None


def test_cron_means_the_local_time_of_its_zone() -> None:
    line = entry(cron="30 6 * * mon", timezone="Asia/Shanghai")

    assert slots(line, "2026-11-01", "2026-11-15") == ["2026-11-01T22:30", "2026-11-08T22:30"]


def test_only_what_moves_its_slots_changes_the_rhythm_of_a_timetable() -> None:
    slots = [
        {"every": "6h"},
        {"every": "7h"},
        {"every": "6h", "anchor": "2026-01-01T00:30:00Z"},
        {"at": ["06:30"]},
        {"at": ["06:31"]},
        {"at": ["06:30"], "timezone": "Asia/Shanghai"},
        {"cron": "30 6 * * *"},
        {"cron": "31 6 * * *"},
    ]
    others: list[dict[str, object]] = [{}, {"jitter": "5m"}, {"catch_up": "skip"}]

    rhythms = [{entry(**one, **other).rhythm for other in others} for one in slots]  # type: ignore[arg-type]
    assert [len(same) for same in rhythms] == [1] * len(slots)
    assert len(set().union(*rhythms)) == len(slots)


def test_the_search_for_the_next_tick_ends_after_thirty_years() -> None:
    never = Entry("example", lambda since, until: iter(()))

    assert next_ticks(never, at("2026-01-01")) == []
    assert first_due(never, at("2026-01-01")) is None


def test_a_timetable_without_a_zone_uses_that_of_the_settings() -> None:
    source = Source.model_validate({"source": "a", "seeds": "https://a.org/", "timetable": {"at": "06:30"}})
    line = entry_of(source, "Asia/Tokyo")

    assert line is not None
    assert slots(line, "2026-11-24T12:00", "2026-11-25T12:00") == ["2026-11-24T21:30"]


def test_0_and_7_mean_sunday() -> None:
    (tick,) = next_ticks(entry(cron="0 0 * * 0"), at("2026-11-24"))

    assert tick.at.strftime("%A") == "Sunday"


def test_at_names_times_of_every_day() -> None:
    line = entry(at=["18:30", "06:30"])

    assert slots(line, "2026-11-24T06:30", "2026-11-25T06:30") == ["2026-11-24T18:30", "2026-11-25T06:30"]


def test_every_counts_from_its_anchor_in_even_steps() -> None:
    line = entry(every="6h", anchor="2026-01-01T00:30:00Z")

    assert slots(line, "2026-11-24", "2026-11-24T13:00") == ["2026-11-24T00:30", "2026-11-24T06:30", "2026-11-24T12:30"]


def test_every_week_begins_on_monday_by_default() -> None:
    (tick,) = next_ticks(entry(every="7d"), at("2026-11-24"))

    assert (tick.at, tick.at.strftime("%A")) == (at("2026-11-30"), "Monday")


def test_a_span_excludes_its_beginning_and_includes_its_end() -> None:
    line = entry(every="1h")

    assert slots(line, "2026-11-24T01:00", "2026-11-24T02:00") == ["2026-11-24T02:00"]
    assert slots(line, "2026-11-24T01:00", "2026-11-24T01:00") == []


def test_a_leap_day_is_found_years_ahead() -> None:
    ticks = next_ticks(entry(cron="0 0 29 2 *"), at("2026-11-24"), 3)

    assert [tick.at for tick in ticks] == [at("2028-02-29"), at("2032-02-29"), at("2036-02-29")]


# Summer time


def test_a_time_that_does_not_exist_fires_once() -> None:
    line = entry(cron="30 2 * * *", timezone="Europe/Berlin")

    # 02:30 would have been an hour and a half after midnight, when the clock showed 03:30.
    assert slots(line, "2026-03-28T12:00", "2026-03-30T12:00") == ["2026-03-29T01:30", "2026-03-30T00:30"]


def test_a_time_that_exists_twice_fires_once() -> None:
    line = entry(cron="30 2 * * *", timezone="Europe/Berlin")

    assert slots(line, "2026-10-24T12:00", "2026-10-26T12:00") == ["2026-10-25T00:30", "2026-10-26T01:30"]


def test_two_local_times_that_mean_one_moment_fire_once() -> None:
    line = entry(at=["02:30", "03:30"], timezone="Europe/Berlin")

    assert slots(line, "2026-03-28T12:00", "2026-03-29T12:00") == ["2026-03-29T01:30"]


def test_a_skipped_day_fires_once() -> None:
    line = entry(at="12:00", timezone="Pacific/Apia")  # which went from the 29th to the 31st

    assert slots(line, "2011-12-29", "2012-01-01") == ["2011-12-29T22:00", "2011-12-30T22:00", "2011-12-31T22:00"]


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
def test_the_clock_changes_in_the_nights_of_these_tests(zone: str, night: str) -> None:
    around = [at(night) + timedelta(hours=hour) for hour in (-36, 36)]
    before, after = (moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in around)

    assert before != after


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
@pytest.mark.parametrize("minute", [0, 15, 30, 45])
def test_every_local_time_of_a_night_with_a_clock_change_fires_once_and_none_is_lost(
    zone: str, night: str, minute: int
) -> None:
    """A source for each quarter of an hour of the day, over five days.

    Each has as many slots as there are such days.
    """
    since, until = at(night) - timedelta(days=3), at(night) + timedelta(days=3)
    for hour in range(24):
        line = entry(at=f"{hour:02}:{minute:02}", timezone=zone)
        fired = Counter(_nominal(tick.at, zone, hour, minute) for tick in line.ticks(since, until))
        inner = [at(night).date() + timedelta(days=shift) for shift in (-1, 0, 1)]
        if zone == "Pacific/Apia" and night == "2011-12-30":
            continue  # a day without any moment: see above
        assert [fired[day] for day in inner] == [1, 1, 1], (hour, fired)


def _nominal(moment: datetime, zone: str, hour: int, minute: int) -> object:
    """Return the day whose hour:minute a moment stands for, on either side of a gap."""
    for offset in {(moment + timedelta(hours=shift)).astimezone(ZoneInfo(zone)).utcoffset() for shift in (-3, 0, 3)}:
        local = (moment + (offset or timedelta(0))).replace(tzinfo=None)
        if (local.hour, local.minute) == (hour, minute):
            return local.date()
    return None


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
def test_every_is_even_whatever_the_clock_does(zone: str, night: str) -> None:
    moments = [tick.at for tick in entry(every="15m", timezone=zone).ticks(at(night), at(night) + timedelta(days=2))]

    assert {b - a for a, b in pairwise(moments)} == {timedelta(minutes=15)}


# Laws

zones = st.sampled_from([*ZONES, "UTC", "Asia/Kathmandu"])
crons = st.sampled_from(
    ["30 2 * * *", "*/15 * * * *", "0 0 * * 0", "45 1-3 * * *", "0 */6 13 * fri", "15 0 29 2 *", "59 23 31 12 *"]
)
jitters = st.sampled_from(["0s", "1s", "90s", "59m"])
timetables = st.one_of(
    st.fixed_dictionaries({"cron": crons, "timezone": zones, "jitter": jitters}),
    st.fixed_dictionaries(
        {
            "at": st.lists(st.sampled_from(["00:00", "02:15", "02:30", "03:30", "23:59"]), min_size=1),
            "timezone": zones,
            "jitter": jitters,
        }
    ),
    st.fixed_dictionaries({"every": st.sampled_from(["1h", "90m", "25h", "7d"]), "jitter": jitters}),
)
entries = timetables.map(lambda timetable: entry(**timetable))
nights = st.sampled_from([night for _, night in NIGHTS])
moments = st.builds(lambda night, minutes: at(night) + timedelta(minutes=minutes), nights, st.integers(-3000, 3000))
spans = st.lists(st.integers(0, 3000).map(lambda minutes: timedelta(minutes=minutes)), min_size=1, max_size=5)


@given(entries, moments, spans)
def test_the_ticks_of_adjoining_spans_are_the_ticks_of_the_whole(
    line: Entry, since: datetime, parts: list[timedelta]
) -> None:
    found, begin = list[Tick](), since
    for part in parts:
        found += line.ticks(begin, begin + part)
        begin += part

    assert found == list(line.ticks(since, begin))
    assert len({tick.at for tick in found}) == len(found)
    assert found == sorted(found)


@given(entries, moments, spans)
def test_due_over_adjoining_spans_never_gives_a_tick_twice(
    line: Entry, since: datetime, parts: list[timedelta]
) -> None:
    found, begin = list[Tick](), since
    for part in parts:
        found += due([line], begin, begin + part)
        begin += part

    assert len({tick.at for tick in found}) == len(found)
    assert set(found) <= set(line.ticks(since, begin))
    assert list(due([line], since, begin)) == list(line.ticks(since, begin))[-1:]


@given(entries, moments, spans, st.sampled_from(["skip", "once", "all:1", "all:3", "all:999"]))
def test_every_tick_is_chosen_covered_or_skipped_and_only_one_of_them(
    line: Entry, since: datetime, parts: list[timedelta], catch_up: str
) -> None:
    until = since + sum(parts, timedelta(0))
    ticks = tuple(line.ticks(since, until))
    choice = choose(ticks, until, catch_up)

    assert sorted((*choice.run, *choice.covered, *choice.skipped)) == list(ticks)
    on_time = [tick for tick in ticks if until - tick.due <= ON_TIME]
    assert set(choice.run) >= set(on_time[-1:])


@given(entries, moments, st.integers(1, 5))
def test_the_next_ticks_are_the_first_due_ones(line: Entry, after: datetime, n: int) -> None:
    ticks = next_ticks(line, after, n)

    assert len(ticks) == n
    assert list(line.ticks(after, ticks[-1].due)) == ticks


@given(entries, moments, st.integers(0, 90))
def test_the_first_due_tick_is_the_same_when_asked_a_little_earlier(line: Entry, after: datetime, minutes: int) -> None:
    for asked in (after, after + timedelta(minutes=minutes)):
        assert first_due(line, asked) == next((tick.due for tick in next_ticks(line, asked)), None)


@given(entries, moments, st.integers(0, 30000), st.integers(1, 40))
def test_the_latest_ticks_are_the_last_due_ones(line: Entry, since: datetime, minutes: int, enough: int) -> None:
    until = since + timedelta(minutes=minutes)
    every, latest = list(line.ticks(since, until)), line.latest(since, until, enough)

    assert latest == every[len(every) - len(latest) :]
    assert len(latest) >= min(enough, len(every))


# Catching up


def test_a_source_missed_three_times_is_crawled_once() -> None:
    line = entry(every="1h")

    assert [tick.at for tick in due([line], at("2026-11-24"), at("2026-11-24T03:30"))] == [at("2026-11-24T03:00")]


def test_skip_crawls_only_what_is_on_time() -> None:
    line = entry(every="1h", catch_up="skip")

    assert list(due([line], at("2026-11-24"), at("2026-11-24T03:30"))) == []
    assert [tick.at for tick in due([line], at("2026-11-24"), at("2026-11-24T03:01"))] == [at("2026-11-24T03:00")]


def test_all_crawls_as_many_as_it_says() -> None:
    line = entry(every="1h", catch_up="all:2")

    assert [tick.at for tick in due([line], at("2026-11-24"), at("2026-11-24T03:30"))] == [
        at("2026-11-24T02:00"),
        at("2026-11-24T03:00"),
    ]


def test_the_ticks_of_several_sources_come_in_the_order_in_which_they_are_due() -> None:
    lines = [
        entry_of(Source.model_validate({"source": name, "seeds": "https://a.org/", "timetable": {"at": time}}))
        for name, time in (("late", "03:00"), ("early", "01:00"), ("middle", "02:00"))
    ]
    found = due([line for line in lines if line], at("2026-11-24"), at("2026-11-24T12:00"))

    assert [tick.source for tick in found] == ["early", "middle", "late"]


# Jitter


def test_jitter_is_the_same_everywhere_and_differs_between_sources_and_slots() -> None:
    line = entry(every="1h", jitter="10m")
    delays = [tick.due - tick.at for tick in line.ticks(at("2026-11-24"), at("2026-11-25"))]

    assert delays == [
        tick.due - tick.at for tick in entry(every="1h", jitter="10m").ticks(at("2026-11-24"), at("2026-11-25"))
    ]
    assert len(set(delays)) > 10
    assert all(timedelta(0) <= delay <= timedelta(minutes=10) for delay in delays)


def test_sources_due_at_the_same_time_are_spread_and_each_keeps_its_intervals() -> None:
    def dues(name: str, timetable: dict[str, str]) -> list[timedelta]:
        line = entry_of(Source.model_validate({"source": name, "seeds": "https://e.org/", "timetable": timetable}))
        assert line is not None
        return [tick.due - tick.at for tick in line.ticks(at("2026-11-24"), at("2026-11-25"))]

    shifts = {name: dues(name, {"every": "1h"}) for name in map("s{}".format, range(200))}

    assert all(len(set(of_one)) == 1 for of_one in shifts.values())
    first = sorted(of_one[0] for of_one in shifts.values())
    assert first[0] >= timedelta(0)
    assert first[-1] <= timedelta(minutes=5)
    assert max(Counter(shift // timedelta(seconds=10) for shift in first).values()) <= 20  # of 200, in 10 seconds
    at_once = [
        {"every": "1h", "jitter": "0s"},
        {"every": "1h", "anchor": "2026-01-01"},
        {"every": "9s"},
        {"cron": "0 * * * *"},
    ]
    assert [set(dues("s1", timetable)) for timetable in at_once] == [{timedelta(0)}] * 4


def test_the_jitter_of_a_slot_never_changes() -> None:
    """Services of two versions on one database agree on when it is due."""
    (tick,) = entry(every="1d", jitter="1h").ticks(at("2026-11-24T12:00"), at("2026-11-25T12:00"))

    assert (tick.at, tick.due) == (at("2026-11-25"), at("2026-11-25T00:36:26"))
