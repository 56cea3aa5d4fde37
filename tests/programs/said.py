"""The contents of the threads that forums are filled with: Markdown, and the lines that a reader sees."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

WORDS = str.split(
    "reactor orbit grant committee neutrino 数据 budget panel réseau telescope vaccine ledger Übung archive isotope"
    " policy tunnel glacier sensor quorum harvest alloy protocol desert lattice senate coral algorithm 论坛 sample"
)
PEOPLE = ("ada", "boris", "chiyo", "dilnoza", "emeka", "farah", "gustavo", "hina")
BEGAN = datetime(2024, 3, 30, 22, 15, tzinfo=UTC)


def threads(count: int, longest: int, seed: int = 1) -> list[dict]:
    """Return the threads:

    `title`, and `posts` with `author`, `at` (ISO 8601, UTC), `source` in Markdown, `html`, and the `lines` of both.
    """
    chance = random.Random(seed)
    return [
        {
            "title": f"{_some(chance, 3, 6)} {number}",
            "posts": _posts(chance, chance.choice((1, 2, 3, longest // 2, longest))),
        }
        for number in range(count)
    ]


def _posts(chance: random.Random, count: int) -> list[dict]:
    at = BEGAN + timedelta(minutes=chance.randrange(400_000))
    posts = []
    for _ in range(count):
        at += timedelta(seconds=chance.randrange(20, 90_000))
        source, html, lines = _body(chance)
        author = chance.choice(PEOPLE)
        posts.append({"author": author, "at": at.isoformat(), "source": source, "html": html, "lines": lines})
    return posts


def _body(chance: random.Random) -> tuple[str, str, list[str]]:
    sources, pages, lines = zip(*(_block(chance) for _ in range(chance.randrange(1, 5))), strict=True)
    return "\n\n".join(sources), "\n\n".join(pages), [line for some in lines for line in some]


def _block(chance: random.Random) -> tuple[str, str, list[str]]:
    first, second = _some(chance, 4, 20), _some(chance, 2, 9)
    match chance.randrange(6):
        case 0:
            return f"> {first}\n>\n> {second}", f"<blockquote>{first}\n\n{second}</blockquote>", [first, second]
        case 1:
            lead, html = "some words between", f"<ul><li>{first}</li><li>{second}</li></ul>"
            return f"{lead}\n\n* {first}\n* {second}", f"{lead}\n\n{html}", [lead, first, second]
        case 2:
            return f"    {first}\n    {second}", f"<pre>{first}\n{second}</pre>", [first, second]
        case 3:
            html = f"{first} <strong>{second}</strong> <em>end</em>"
            return f"{first} **{second}** *end*", html, [f"{first} {second} end"]
        case 4:
            link = "https://example.org/a?b=1"
            html = f'{first} &amp; &lt;<a href="{link}">{second}</a>'
            return f"{first} & <[{second}]({link})", html, [f"{first} & <{second}"]
        case _:
            return first, first, [first]


def _some(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randrange(least, most)))
