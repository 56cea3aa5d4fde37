"""Split a by-line into several people, conservatively: a possible single name stays one."""

from __future__ import annotations

import re
from collections.abc import Container

from extractor.html.regions import vocabulary
from extractor.metadata.titles import key

_ALWAYS = re.compile(r"\s*[;；、]\s*")
_LISTED = re.compile(r"\s*,?\s+(?:and|und|og|och|y|et|e|en|i|&)\s+|\s*,\s*")
_PARTICLES = vocabulary("de del della der den des di da do dos du la le van von zu zum zur af av al bin ibn el ben y")
_NO_PERSON = re.compile(
    r"\b(?:editors?|reporters?|correspondents?|staff|writers?|desk|team|agency|news|press|reuters|institute|university|experts?"
    r"|professor|director|officer|analyst|manager|center|centre|department|redaktion|comments?|topics?|authors?|posts?"
    r"|profile|contact|about|magazine|group|inc|ltd|gmbh|admin|images?|photos?|commons|wikipedia|wikimedia|licen[cs]ed?|lizenz"
    r"|pixabay|unsplash|flickr|shutterstock)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"New (?:York|Delhi|Orleans|Jersey|Zealand|Mexico|England|South Wales)|Los \w+|Las (?:Vegas|Palmas)|Hong Kong"
    r"|San (?:Francisco|Diego|Jos[eé]|Antonio|Salvador|Juan|Marino|Sebasti[aá]n)|Buenos Aires|Tel Aviv|Kuala Lumpur"
    r"|Abu Dhabi|S[ãa]o Paulo|Rio de Janeiro|Addis Ababa|Phnom Penh|Den Haag|The Hague|Cape Town|[\w ]+ City"
    r"|(?:St\.?|Saint) Petersburg|Santiago de Chile|Port (?:of Spain|Moresby|Louis)|Sri Lanka|Saudi Arabia|Costa Rica"
    r"|Puerto Rico|(?:North|South|East|West) (?:Africa|Korea|Carolina|Dakota|Virginia|Sussex)"
    r"|United (?:Kingdom|States|Nations)|Great Britain|Washington,? D\.?C\.?|Frankfurt am Main|European Union"
)
"""Places of several words, which look like names: in date lines of agencies and reports."""
_NO_SIGN = frozenset("0123456789:@!?")
"""Characters that no person's name has."""
_OFFICE = re.compile(
    r"\b(?:editors?|reporters?|correspondents?|writers?|columnists?|contributors?|producers?|journalists?|redakteur(?:in)?"
    r"|korrespondent(?:in)?)\b",
    re.IGNORECASE,
)
_BEFORE_OFFICE = re.compile(r"\s*,\s*|\s+[-–—|/]\s+")
_MOST_WORDS = 5
_CHINESE = re.compile(r"(?![^\s]*[社网網报報台局部院所室司号號组組]\b)[\u4e00-\u9fff]{2,4}")


def people_of(name: str) -> tuple[str, ...]:
    """Return the names in a list; the whole is one name unless each part looks like the full name of a person.

    *Roy, Aniruddha*, *Morgan & Morgan* and *Ada Quist, MD* are one name each.
    """
    parts = tuple(part for part in _ALWAYS.split(name) if part)
    if len(parts) > 1:
        return parts
    words = name.split()
    if len(words) > 1 and all(map(_CHINESE.fullmatch, words)):
        return tuple(words)
    parts = tuple(part for part in _LISTED.split(name) if part)
    return parts if len(parts) > 1 and all(map(is_full_name, parts)) else (name,)


def without_office(name: str, sites: Container[str]) -> str:
    """Remove a role or an employer after a full name: *Ada Quist, Staff Writer*; *Ada Quist, The Example*, if `sites`
    has that name in the form of `extractor.metadata.titles.key`.
    """
    while (last := _last(_BEFORE_OFFICE, name)) is not None:
        person, office = name[: last.start()], name[last.end() :]
        if len(person.split()) < 2 or not (key(office) in sites or _OFFICE.search(office)):
            break
        name = person
    return name


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def is_full_name(part: str) -> bool:
    """Return whether it looks like the first and last name of one person."""
    words = part.split()
    if (
        not 2 <= len(words) <= _MOST_WORDS
        or _NO_PERSON.search(part)
        or _PLACE.fullmatch(part)
        or not _NO_SIGN.isdisjoint(part)
    ):
        return False
    return all(word[0].isupper() or word.lower() in _PARTICLES for word in words) and not part.isupper()
