"""Our own texts, and what must be found on a page that a program builds of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from benchmarks.reading.environments import NotInstalled
from benchmarks.reading.programs.marks import mark
from benchmarks.reading.programs.program import BuiltPage, Program, built
from benchmarks.reading.programs.sphinx_sites import restructured
from benchmarks.reading.programs.written import Kind, Written, texts

BODY = """The tide is late.

## Gauges

- North
- South

| A | B |
| --- | --- |
| 1 | 2 |

```py
a = 1

    b
```"""
TEXT = Written("en-tide", "Tide", BODY, date(2026, 3, 2))


def test_the_gold_has_the_words_of_each_block_without_marks() -> None:
    assert TEXT.gold == "The tide is late.\nGauges\nNorth\nSouth\nA\tB\n1\t2\na = 1\n\n    b"


def test_a_text_is_restructured_with_all_its_words() -> None:
    said = restructured(TEXT)

    assert all(word in said for word in TEXT.gold.split())
    assert ".. code-block:: py\n\n   a = 1\n\n       b" in said


def test_the_texts_are_in_seven_languages_and_have_every_kind_of_block() -> None:
    written = texts()

    assert {text.language for text in written} == {"en", "zh", "ja", "ru", "ar", "hi", "th"}
    assert {block.kind for text in written for block in text.blocks} == set(Kind)


@pytest.mark.parametrize(("left_out", "f1"), [(False, 1.0), (True, 0.97)])
def test_a_page_is_scored_by_what_is_on_it(left_out: bool, f1: float) -> None:
    text = texts()[1]
    parts = [f"<p>{line}</p>" for line in text.gold.split("\n")]
    body = "".join(parts[1:] if left_out else parts)
    html = f"<html><body><main><article><h1>{text.title}</h1>{body}</article></main></body></html>"

    found = mark(BuiltPage(Program("Ours", "plain", lambda *_: {}), text, html.encode())).text.f1

    assert found >= f1 if not left_out else found < f1


def test_a_page_without_its_text_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def build(_: object, site: Path) -> dict[str, Path]:
        (site / "page.html").write_text("<div id=app></div>")
        return {TEXT.name: site / "page.html"}

    assert list(built(Program("Ours", "empty", build), [TEXT])) == []
    assert "without its text" in capsys.readouterr().out


def test_a_program_that_can_not_be_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def build(*_: object) -> dict[str, Path]:
        raise NotInstalled("no npm")

    assert list(built(Program("Ours", "absent", build), [TEXT])) == []
    assert capsys.readouterr().out == "Ours, absent: no npm\n"
