"""Split the name of an author into family name and given name, where that is certain enough to print."""

from __future__ import annotations

import re

_FAMILY_FIRST = frozenset({"zh", "ja", "ko", "vi", "hu"})
"""Languages whose names begin with the family name."""

_PARTICLES = frozenset(
    word
    for line in ("al bin da das de del della den der di do dos du el ibn la le los ten ter van vom von zu zum zur",)
    for word in line.split()
)
_OF_GROUPS = frozenset(
    word
    for line in (
        "academy agency alliance and associated association authority board bureau center centre channel club",
        "college commission committee company contributors corp corporation correspondent correspondents",
        "council daily department desk division editor editorial editors federation for forum foundation",
        "gazette gmbh government group guardian guest herald inc institute international journal lab",
        "laboratory ltd magazine media ministry museum network new news newspaper newsroom observatory of",
        "office online org organisation organization post press project radio reporter reporters reuters",
        "review school science sciences secretariat service services society staff standard star studio team",
        "telegraph television the times today tribune trust tv union university weekly writer writers",
    )
    for word in line.split()
)
"""Words in the names of institutions, newsrooms and roles: they have no family name."""

_WORD = re.compile(r"[^\W\d_][^\W\d_.'’‘-]*(?:[.'’‘-][^\W\d_]*)*")


def name_of(author: str, language: str | None) -> dict[str, str]:
    """Return an author as a name of CSL-JSON: `family` and `given`, or `literal` for a name that stays as it is.

    An institution, a name in a script or a language that puts the family name first, and every form that is not surely
    the name of one person, is `literal`: an institution with "initials" would be wrong in every style.
    """
    family, comma, given = (part.strip() for part in author.partition(","))
    if comma:
        whole = f"{given} {family}"
        certain = "," not in given and len(_without_particles(family.split())) == 1 and _is_of_a_person(whole.split())
        return {"family": family, "given": given} if certain else {"literal": author}
    words = author.split()
    if (language or "").partition("-")[0].lower() in _FAMILY_FIRST or not _is_of_a_person(words):
        return {"literal": author}
    cut = len(words) - 1
    while cut > 1 and words[cut - 1] in _PARTICLES:
        cut -= 1
    return {"family": " ".join(words[cut:]), "given": " ".join(words[:cut])}


def _is_of_a_person(words: list[str]) -> bool:
    """Say whether these words can be the given names and the family name of one person."""
    names = _without_particles(words)
    return (
        2 <= len(names) <= 4
        and len(words[0]) > 0
        and words[0] not in _PARTICLES
        and all(_WORD.fullmatch(name) and name[0].isupper() for name in names)
        and not any(len(name) > 2 and name.isupper() and "." not in name for name in names)
        and not any(name.strip(".").casefold() in _OF_GROUPS for name in names)
        and not names[-1].endswith(".")
    )


def _without_particles(words: list[str]) -> list[str]:
    return [word for word in words if word not in _PARTICLES]
