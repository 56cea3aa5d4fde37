from __future__ import annotations

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.groups.watches import Watch
from pressmark.notify.watches.matching import Match, matches, split

WATCH = Watch(phrases=("Ministry of Science", "科技部", "AI"), without=("advertisement",))
PLAIN = ("The harbour was quiet.", "A kettle boiled at noon.", "Nobody came to the market.", "港口今天很安静。")


def told(before: str | None, now: str, watch: Watch = WATCH) -> list[str]:
    return [one.sentence for one in matches(watch, before, now)]


def test_a_new_page_is_added_as_a_whole() -> None:
    text = "The harbour was quiet. The ministry  of science said no.\n科技部发布了通知。其他没有变化。"

    assert matches(WATCH, None, text) == [
        Match("Ministry of Science", "The ministry  of science said no."),
        Match("科技部", "科技部发布了通知。"),
    ]


def test_only_the_sentence_that_was_added_is_found() -> None:
    before = "The Ministry of Science said no. The harbour was quiet."
    now = "The Ministry of Science said no. The harbour was quiet. Then the Ministry of Science said yes."

    assert told(before, now) == ["Then the Ministry of Science said yes."]
    assert told(before, before) == told(now, before) == []


def test_an_edit_beside_a_phrase_that_was_there_matches_nothing() -> None:
    before = "The Ministry of Science said no on Monday, after a long meeting."

    assert told(before, "The Ministry of Science said no on Tuesday, after a long meeting.") == []
    assert told(before, f"A new first line about kettles.\n{before}") == []


def test_a_sentence_that_moved_matches_no_watch_but_another_one_at_its_place_does() -> None:
    said = "The Ministry of Science said no."
    other = "Yesterday, the Ministry of Science had said perhaps."
    before = "\n".join((said, *PLAIN))

    assert told(before, "\n".join((*PLAIN, said))) == []
    assert told(before, "\n".join((*PLAIN, other))) == [other]
    assert told(before, "\n".join((said, *PLAIN, other))) == [other]


def test_a_new_sentence_before_an_old_one_with_the_same_phrase_is_found() -> None:
    old = "The Ministry of Science met."

    assert told(old, f"The Ministry of Science resigned. {old}") == ["The Ministry of Science resigned."]
    assert told(old, f"{old} The Ministry of Science resigned.") == ["The Ministry of Science resigned."]


@pytest.mark.parametrize("place", range(4))
def test_a_sentence_that_is_added_while_the_others_move_is_found_in_any_order(place: int) -> None:
    before = ["The Ministry of Science said so.", "The harbour was quiet.", "Boats came to the Ministry of Science."]
    added = "Now the Ministry of Science adds this."

    for moved in permutations(before):
        assert told("\n".join(before), "\n".join([*moved[:place], added, *moved[place:]])) == [added]
        assert told("\n".join(before), "\n".join(moved)) == []


def test_an_edited_sentence_counts_as_added_only_if_it_also_moves() -> None:
    before = ["The Ministry of Science said so.", "The harbour was quiet.", "Boats came to the Ministry of Science."]
    edited = ["The harbour was quiet.", "Boats came to the Ministry of Science.", "The Ministry of Science said no."]

    assert told("\n".join(before), "\n".join([*before[:2], "Ships came to the Ministry of Science."])) == []
    assert told("\n".join(before[:1] * 2), "\n".join([before[0], "The Ministry of Science said no."])) == []
    assert told("\n".join(before), "\n".join(edited)) == [edited[2]]


def test_a_sentence_is_quoted_as_it_is_written() -> None:
    watch = Watch(phrases=("shares",), without=("广告",))

    assert told(None, "It sold 10² km² and 2½ shares.", watch) == ["It sold 10² km² and 2½ shares."]
    assert told(None, "shares发布了！广告很多。", watch) == ["shares发布了！"]


def test_of_a_very_long_sentence_the_part_around_the_phrase_is_shown() -> None:
    [found] = told(None, f"{'kettle ' * 400}Ministry of Science {'kettle ' * 400}")

    assert len(found) == 1000 and "Ministry of Science" in found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Ministry of Sciences said no.", False),
        ("MINISTRY OF SCIENCE.", True),
        ("Ｍｉｎｉｓｔｒｙ of Science.", True),
        ("They said it.", False),
        ("新的AI芯片发布。", True),
        ("An AI, of course.", True),
        ("PAIN is not it.", False),
        ("advertisement of the Ministry of Science.", False),
        ("国家科技部长说。", True),
    ],
)
def test_phrases_are_whole_words_where_words_have_spaces(text: str, found: bool) -> None:
    assert bool(told(None, text)) is found


def test_a_full_stop_inside_a_number_or_a_name_ends_no_sentence() -> None:
    assert list(split("It grew by 3.5 per cent. U.S.-made parts fell! 第一句。第二句？")) == [
        "It grew by 3.5 per cent.",
        "U.S.-made parts fell!",
        "第一句。",
        "第二句？",
    ]


@given(st.text(max_size=300))
def test_sentences_lose_nothing_but_white_space(line: str) -> None:
    line = line.replace("\n", " ")

    assert "".join("".join(split(line)).split()) == "".join(line.split())


@given(st.text("ab .!。科技部\nAI", max_size=80), st.text("ab .!。科技部\nAI", max_size=80))
def test_a_match_is_in_the_text_now_and_was_in_no_sentence_before(before: str, now: str) -> None:
    for sentence in told(before, now):
        assert sentence in now
        assert sentence not in [one for line in before.split("\n") for one in split(line)]


def test_200_edits_with_known_additions_are_all_found_once_and_nothing_that_was_there() -> None:
    chance = random.Random(7)
    for number in range(200):
        old = [f"Line {number}.{n}: {chance.choice(PLAIN)}" for n in range(chance.randrange(3, 12))]
        there = [f"Before, the Ministry of Science had plan {number}-{n}." for n in range(chance.randrange(0, 4))]
        added = [f"Now 科技部 has plan {number}-{n}." for n in range(chance.randrange(0, 4))]
        before = chance.sample(old + there, len(old + there))
        now = [line for line in before if line in there or chance.random() > 0.2]
        for line in added:
            now.insert(chance.randrange(len(now) + 1), line)

        assert sorted(told("\n".join(before), "\n".join(now))) == sorted(added)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("budget NEAR/3 harbour", "The budget of the old harbour grew.", True),
        ("budget NEAR/3 harbour", "The harbour has no budget.", True),
        ("budget NEAR/2 harbour", "The budget of the old harbour grew.", False),
        ("budget NEAR/3 harbour", "The budget grew. The harbour did not.", False),
        ("budget NEAR/3 harbour", "The budgets of harbours.", False),
        ("budget NEAR harbour", "budget 1 2 3 4 5 6 7 8 9 10 harbour", True),
        ("budget NEAR harbour", "budget 1 2 3 4 5 6 7 8 9 10 11 harbour", False),
        ("科技部 NEAR/4 经费", "科技部今年的经费增加了。", True),
        ("科技部 NEAR/2 经费", "科技部今年的经费增加了。", False),
        ("Ministry of Science NEAR/2 经费", "经费 of the Ministry of Science", True),
    ],
)
def test_two_phrases_near_each_other_are_found_in_any_order(phrase: str, text: str, *, found: bool) -> None:
    assert bool(matches(Watch(phrases=(phrase,)), None, text)) is found


def test_a_change_of_the_words_between_two_phrases_does_not_make_a_new_match() -> None:
    watch = Watch(phrases=("budget NEAR/5 harbour",))
    before = "The budget of the old harbour grew."

    assert matches(watch, before, "The budget of the new harbour grew.") == []
    assert matches(watch, "The budget grew.", "The budget of the harbour grew.") == [
        Match("budget NEAR/5 harbour", "The budget of the harbour grew.")
    ]


@pytest.mark.parametrize("phrase", ["a NEAR/0 b", "a NEAR/51 b", "a NEAR b NEAR c", "- NEAR b"])
def test_a_distance_that_is_none_is_refused(phrase: str) -> None:
    with pytest.raises(ValidationError):
        Watch(phrases=(phrase,))
