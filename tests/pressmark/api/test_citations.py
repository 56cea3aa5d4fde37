"""Citations over HTTP and on the pages: every style, downloads for reference managers, and what programs find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import html
from services.retrieving import ARTICLE, Retrieving, retrieving

from pressmark.cli import main
from pressmark.service.exits import Exit
from pressmark.views.capture_choice import short_path, stamp_of
from pressmark.views.citations.styles import STYLES
from pressmark.views.describe_captures import page_link
from pressmark.views.links import link

PUBLIC = "https://archive.example"
PERMANENT = f"{PUBLIC}/snapshot/20260131120100/{link(ARTICLE)}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    with retrieving(tmp_path_factory.mktemp("citing"), public_url=PUBLIC) as made:
        yield made


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_style_names_the_permanent_link(archive: Retrieving, style: object) -> None:
    status, headers, body = archive.get(f"/api/v1/citations/latest/{style.name}/{link(ARTICLE)}")  # type: ignore[attr-defined]

    assert status == 200
    assert headers.get_content_type() == style.media_type  # type: ignore[attr-defined]
    assert PERMANENT in body.decode()


def test_a_citation_for_a_reference_manager_is_a_file(archive: Retrieving) -> None:
    _, headers, body = archive.get(f"/api/v1/citations/2026/csl-json/{link(ARTICLE)}")

    assert headers["Content-Disposition"] == 'attachment; filename="citation.json"'
    assert json.loads(body)[0]["URL"] == PERMANENT


def test_what_cannot_be_cited_is_refused_with_a_reason(archive: Retrieving) -> None:
    assert archive.get("/api/v1/citations/latest/apa/https://nowhere.example/")[0] == 404
    assert archive.get(f"/api/v1/citations/latest/latex/{link(ARTICLE)}")[0] == 422


@pytest.mark.parametrize("view", ["snapshot", "view/text", "view/cite"])
def test_programs_find_on_every_page_of_a_snapshot_what_to_cite(archive: Retrieving, view: str) -> None:
    _, headers, body = archive.get(f"/{view}/latest/{link(ARTICLE)}")
    page = body.decode()

    assert f'<{PERMANENT}>; rel="cite-as"' in headers["Link"]
    described = headers["Link"].partition("</")[2].partition(">")[0]
    assert json.loads(archive.text(f"/{described}"))[0]["URL"] == PERMANENT
    assert '<meta name="citation_public_url"' in page
    [described] = html.fromstring(page).xpath("//head/script[@type='application/ld+json']/text()")
    assert (json.loads(described)["url"], json.loads(described)["archivedAt"]) == (ARTICLE, PERMANENT)
    assert '<span class="Z3988" title="ctx_ver=Z39.88-2004&amp;' in page


def cited(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "snapshot", "cite", ARTICLE, *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_the_command_cites_and_asks_for_a_public_address(
    archive: Retrieving, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = archive.service.settings.home
    code, _, said = cited(home, capsys)
    assert code == Exit.CONFIG
    assert "public_url" in said

    monkeypatch.setenv("PRESSMARK_PUBLIC_URL", PUBLIC)
    assert PERMANENT in cited(home, capsys, "--style", "gbt7714")[1]
    assert set(json.loads(cited(home, capsys, "--json")[1])) == {style.name for style in STYLES}


def test_a_short_link_leads_to_the_very_capture_of_its_record_with_a_text_or_without(archive: Retrieving) -> None:
    for capture in archive.captures:
        status, headers, _ = archive.get(short_path(capture))
        assert status == 302
        assert headers["Location"] == page_link(capture.url, stamp_of(archive.service, capture))
    named = archive.captures[0].record_id
    wholly = [archive.get(f"/c/{quote(name, safe='')}")[0] for name in (named, named.strip("<>"))]
    unknown = archive.get("/c/00000000-0000-4000-8000-000000000000")[0]
    cited = archive.text(f"/view/cite/latest/{link(ARTICLE)}")
    article = next(capture for capture in archive.captures if capture.url == ARTICLE)

    assert (wholly, unknown) == ([302, 302], 404)
    assert f'href="{PUBLIC}{short_path(article)}"' in cited
    assert len(f"{PUBLIC}{short_path(article)}") < len(PUBLIC) + 42


def test_a_short_link_leads_to_a_record_of_another_program_whose_id_has_slashes(archive: Retrieving) -> None:
    first = archive.captures[0]
    other = first._replace(
        urlkey="example,news)/b",
        url="http://news.example/b",
        record_id="<https://records.example/a/1?b#c>",
        location=replace(first.location, offset=1 << 20),
    )
    archive.service.index.add([other])
    status, headers, _ = archive.get(short_path(other))
    unknown = archive.get("/c/https:%2F%2Frecords.example%2Fnone")[0]

    assert (status, unknown) == (302, 404)
    assert headers["Location"] == page_link(other.url, stamp_of(archive.service, other))
