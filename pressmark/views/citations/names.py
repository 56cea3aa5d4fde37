"""Split the name of an author into family name and given name, where that is certain enough to print."""

from __future__ import annotations

import re

_FAMILY_FIRST = frozenset({"zh", "ja", "ko", "vi", "hu"})
"""Languages whose names begin with the family name."""

_PARTICLES = frozenset(
    ("da", "de", "del", "den", "der", "di", "du", "la", "ten", "ter", "van", "von", "zu", "zum", "zur")
)

_GIVEN = frozenset(
    word
    for line in (
        "aaron adam adrian agnes alan albert alejandro alex alexander alexandra alfred alice alison amanda",
        "amelia amy ana andrea andreas andrew andrzej angela anita ann anna anne annette anthony antoine",
        "antonio arthur astrid barbara beatrice benjamin bernard bernd beth birgit bjorn björn brenda brian",
        "brigitte bruno camille carl carla carlos carmen carol caroline catherine cecilia chiara christian",
        "christina christine christoph christopher claire clara claudia claus colin craig daniel daniela",
        "david deborah denis derek diana diego dirk dominic dominique donald dorothy douglas edith eduardo",
        "edward eleanor elena elisabeth elizabeth ellen emily emma eric erica erik erika ernst esther eugene",
        "eva evelyn fabian federico felix fernando fiona florian francesca francesco francisco frank franz",
        "françois frederick fritz gabriel gabriela gareth gary geoffrey georg george gerald gerard gerhard",
        "gianni giorgio giovanni gisela giulia grace graham greg gregory guillaume gustav hannah hans harald",
        "harold harry heather heidi heike heinrich heinz helen helena helga henri henrik henry herbert",
        "hermann howard hugh hugo ian ida ines inga inge ingrid irene irina iris isabel isabelle ivan jack",
        "jacob jacqueline jacques jakob james jan jane janet janine javier jean jeanne jeffrey jennifer jens",
        "jeremy jerome jessica joachim joan joanna johan johann johanna johannes john jonas jonathan jorge",
        "josef joseph joshua juan juergen julia julian julie juliette jun jörg jürgen karen karin karl karl",
        "heinz katarina katharina katherine kathleen kathryn katrin keith kenneth kerstin kevin klaus",
        "kristina lars laura lena leonard leonie lisa louis louise luca lucia lucy luis luisa lukas lydia",
        "magdalena manfred marc marcel marco marcus margaret margarita maria marianne marie mario marion mark",
        "marko markus marta martha martin martina mary mathias matteo matthew matthias maurice max melanie",
        "melissa michael michel michelle miguel monica monika nadia nancy natalia natalie nathan neil",
        "nicholas nicola nicolas nicole nigel nikolaus nils nina nora oliver olivia olivier oskar otto paolo",
        "pascal patricia patrick paul paula pauline pedro peter petra philip philipp philippe pierre rachel",
        "rafael ralf ralph raphael raymond rebecca reinhard renate richard robert roberto roger roland rolf",
        "ronald rosa rosemary rudolf ruth ryan sabine samantha samuel sandra sanne sara sarah scott sebastian",
        "sergio sharon simon simone siobhan siobhán sofia sonja sophia sophie stefan stefanie stephan",
        "stephanie stephen steven stuart susan susanne suzanne sven sylvia tania teresa theodor theresa",
        "thomas tim timothy tobias ulrich ulrike ursula uwe valentina valerie vera veronica victor viktor",
        "vincent walter wendy werner wilhelm william wolfgang yves yvonne zoe zoë ágnes émile éric étienne",
    )
    for word in line.split()
)
"""Given names that are common in several languages of Europe, without those that are places or firms, too."""

_OF_GROUPS = frozenset(
    word
    for line in (
        "admin agency akademie archiv associates bank bibliothek books college editor editors foundation gesellschaft",
        "group gruppe hochschule hospital institut institute international klinik magazine media museum network news",
        "online post press redaktion reporter review schule school service staff standard stiftung team times",
        "universität university verein verlag writer zeitung zentrum",
    )
    for word in line.split()
)
"""Last words of the names of institutions, and of roles, that begin with a given name."""

_INITIAL = re.compile(r"[^\W\d_]\.?")
_FAMILY = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_]{2,}(?:-[^\W\d_]{2,})*")


def name_of(author: str, language: str | None) -> dict[str, str]:
    """Return an author as a name of CSL-JSON: `family` and `given`, or `literal` for a name that stays as it is.

    Only a common given name, perhaps with initials, and one family name with its particles ("Anna C. van der Berg",
    "Berg, Anna") are split. Everything else is `literal`: institutions, names of unknown order, titles and degrees. A
    name that stays as the page has it is never wrong, and a false family name is.
    """
    family, comma, given = (part.strip() for part in author.partition(","))
    words = f"{given} {family}".split() if comma else author.split()
    cut = next((at for at, word in enumerate(words) if word in _PARTICLES), len(words) - 1)
    known = cut > 0 and _is_given(words[:cut]) and _is_family(words[cut:])
    split = {"family": " ".join(words[cut:]), "given": " ".join(words[:cut])} if known else None
    if split is None or (comma and split["family"] != family):
        return {"literal": author}
    by_order = not comma and (language or "").partition("-")[0].lower() in _FAMILY_FIRST
    return {"literal": author} if by_order else split


def _is_given(words: list[str]) -> bool:
    first, *others = words
    return (
        first[:1].isupper()
        and (first.casefold() in _GIVEN or all(part.casefold() in _GIVEN for part in first.split("-")))
        and all(_INITIAL.fullmatch(word) and word[0].isupper() for word in others)
    )


def _is_family(words: list[str]) -> bool:
    *particles, name = words
    return (
        name[:1].isupper()
        and all(word in _PARTICLES for word in particles)
        and _FAMILY.fullmatch(name) is not None
        and not name.isupper()
        and not {name.casefold(), name.casefold().rpartition("-")[2]} & _OF_GROUPS
    )
