"""A page of very many elements is read up to a number of them, and its text says so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractor.reading import first_elements

MARKUP = st.lists(st.sampled_from([b"<", b"/", b"</", b"<p>", b"</p>", b"<!---->", b"word", b" "])).map(b"".join)


@given(MARKUP, st.integers(min_value=0, max_value=8))
def test_the_longest_beginning_with_so_many_elements_is_read(body: bytes, most: int) -> None:
    read, why = first_elements(body, most)

    assert body.startswith(read)
    assert elements(read) <= most
    assert (why is None) == (read == body)
    if why is not None:
        assert body[len(read) :].startswith(b"<")
        assert elements(body[: len(read) + 1]) == most + 1


def elements(markup: bytes) -> int:
    """Return how often a `<` is there that no slash follows."""
    return sum(markup[at : at + 1] == b"<" and markup[at + 1 : at + 2] != b"/" for at in range(len(markup)))


def test_a_page_of_few_elements_is_read_as_a_whole() -> None:
    assert first_elements(b"<p>One</p><p>Two", 2) == (b"<p>One</p><p>Two", None)
    assert first_elements(b"<p>One</p><p>Two", 1)[0] == b"<p>One</p>"
