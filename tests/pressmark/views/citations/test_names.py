"""Names of authors: a person has a family name, everything else stays as the page names it."""

from __future__ import annotations

import pytest

from pressmark.views.citations.names import name_of


@pytest.mark.parametrize(
    ("author", "family", "given"),
    [
        ("Ines Varga", "Varga", "Ines"),
        ("Karl-Heinz Berg-Varga", "Berg-Varga", "Karl-Heinz"),
        ("Varga, Ines", "Varga", "Ines"),
        ("Jan-Peter van der Berg", "van der Berg", "Jan-Peter"),
        ("John R. R. Tolkien", "Tolkien", "John R. R."),
        ("van der Berg, Anna C.", "van der Berg", "Anna C."),
        ("Siobhán O'Brien", "O'Brien", "Siobhán"),
    ],
)
def test_a_person_has_a_family_name(author: str, family: str, given: str) -> None:
    assert name_of(author, "en") == {"family": family, "given": given}


@pytest.mark.parametrize(
    "author",
    [
        "Xi Jinping",
        "Wang Xiaoming",
        "Kim Jong Un",
        "Иванов Иван Иванович",
        "Gabriel García Márquez",
        "Oscar De La Hoya",
        "World Bank",
        "United Nations",
        "White House",
        "Supreme Court",
        "Human Rights Watch",
        "Sky Sports",
        "Al Jazeera",
        "Deutsche Presse-Agentur",
        "Agence France-Presse",
        "Bundesministerium der Finanzen",
        "La Redacción",
        "Le Monde",
        "Die Zeit",
        "Site Admin",
        "Super User",
        "By Ines Varga",
        "Dr. Anna Berg",
        "Varga, MD",
        "Anna Berg MD",
        "Berlin, Germany",
        "Max Planck Institute",
        "Thomas Institute",
        "Robert Koch-Institut",
        "Frank Admin",
        "Anna",
        "王小明",
        "Madonna",
        "Ministry of Science",
        "Associated Press",
        "BBC News",
        "NASA",
        "Reuters Staff",
        "The Editors",
        "Ines Varga, Jan Berg",
        "Ines Varga, Reuters",
        "Varga, Berg, King",
        "Sammy Davis Jr.",
        "user123",
        "@ines",
        "van der",
        "Ines Varga and Jan Berg",
        "Science, Ministry of",
        "JANE DOE",
        ",",
        "A,",
        ", B",
        "von",
        "Max Planck Institute for Physics",
    ],
)
def test_every_other_name_stays_as_it_is(author: str) -> None:
    assert name_of(author, "en") == {"literal": author}


@pytest.mark.parametrize("language", ["zh", "zh-Hans", "ja", "hu"])
def test_where_names_begin_with_the_family_name_no_word_order_is_guessed(language: str) -> None:
    assert name_of("Anna Berg", language) == {"literal": "Anna Berg"}
    assert name_of("Berg, Anna", language) == {"family": "Berg", "given": "Anna"}
