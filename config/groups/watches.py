"""Settings of watches: words that people want to be told of when a page adds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from config.groups.assistant import Language
from config.groups.group import Group
from config.names import check_names

_LONGEST = 200
"""Characters of a phrase."""


NEAR = re.compile(r" NEAR(?:/(\d+))? ")
"""Between two phrases that stand near each other in a sentence, in any order, with a number of words."""
DISTANCE = 10
_MOST_APART = 50


def _phrase(said: str) -> str:
    phrase = " ".join(said.split())
    first, *near = NEAR.split(phrase)
    if len(near) > 2:
        raise ValueError("NEAR stands between two phrases, and only once")
    if near and not 1 <= int(near[0] or DISTANCE) <= _MOST_APART:
        raise ValueError(f"write a number of words from 1 to {_MOST_APART} after NEAR/, such as NEAR/5")
    if not all(re.search(r"\w", each) for each in (first, *near[1:])):
        raise ValueError("a phrase needs at least one letter or digit")
    if len(phrase) > _LONGEST:
        raise ValueError(f"a phrase has at most {_LONGEST} characters")
    return phrase


Phrase = Annotated[str, AfterValidator(_phrase)]


class Watch(Group):
    """A watch: the phrases that it looks for in what is added to pages."""

    phrases: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=200)]
    """Words and phrases; a sentence matches if it contains one of them. `budget NEAR/5 harbour`: both, in any order,
    with at most five words between them (without a number: ten; in Chinese and Japanese, characters count)."""
    without: Annotated[tuple[Phrase, ...], Field(max_length=200)] = ()
    """Phrases that a matching sentence must not contain."""
    only: Annotated[tuple[Phrase, ...], Field(max_length=200)] = ()
    """Phrases of which a matching sentence must contain one, too; default: it needs none."""
    authors: Annotated[tuple[Phrase, ...], Field(max_length=200)] = ()
    """Names of people; only what one of them wrote is watched: pages by one of these authors, and posts in threads.
    Default: what anybody wrote."""
    sources: tuple[str, ...] = ()
    """The sources whose pages are watched; default: all."""
    languages: tuple[str, ...] = ()
    """The languages of these pages, such as en or zh; default: all."""
    summary: bool = False
    """Whether a language model (`assistant`) summarizes what was added to a page, in the language of `translation`."""
    translation: Language | None = None
    """The language into which a language model (`assistant`) translates sentences, such as en or zh; default: none."""


def _names(watches: Mapping[str, Watch]) -> Mapping[str, Watch]:
    check_names("watch", watches)
    return watches


Watches = Annotated[Mapping[str, Watch], AfterValidator(_names)]
