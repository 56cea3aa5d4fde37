"""Parsing what a client sent leaves the event loop its turns."""

from __future__ import annotations

import asyncio
from functools import partial

from config.errors import ConfigError
from config.source_files.parse import parse_sources
from pressmark.http.in_thread import in_thread

LONG = "source: a\nseeds:\n" + "- a\n" * 15_000


def refused(text: str) -> str:
    try:
        parse_sources(text)
    except ConfigError as error:
        return str(error)
    return ""


async def turns_during(work: asyncio.Future[str] | asyncio.Task[str]) -> int:
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    return turns


def test_the_event_loop_continues_while_a_text_is_parsed() -> None:
    async def main() -> tuple[int, int]:
        async def inline() -> str:
            return refused(LONG)

        apart = await turns_during(asyncio.ensure_future(in_thread(partial(refused, LONG))))
        return apart, await turns_during(asyncio.ensure_future(inline()))

    apart, inline = asyncio.run(main())
    assert apart > 10
    assert inline <= 2  # the control: parsed in the loop, nothing else had a turn


def test_the_mistakes_of_a_text_are_reported_up_to_a_limit() -> None:
    told = refused(LONG)

    assert told.count("\n") == 100
    assert told.endswith("there are 14900 more mistakes")


def test_an_alias_can_not_make_more_values_than_the_text_has_room_for() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(8)]

    assert "values; does an alias" in refused("\n".join(lines))
