"""Foreign content in titles, names, texts, posts and URLs is nothing but text on our pages."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from journeys.household import Household, Served
from lxml import html
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from specimens.payloads import PAYLOADS
from specimens.segments import CONTEXT, SegmentFile, answered
from specimens.versions import THREAD, thread_version

from archive.archive import Archive
from archive.export import EXPORTERS
from archive.spool.sealed import Sealed
from archive.texts.texts import TextRow, Texts
from config.settings import load_settings
from pressmark.http.static import STYLE
from pressmark.service.assembly import open_pressmark
from pressmark.views.links import link

OURS = {"html", "head", "meta", "title", "link", "script", "noscript", "body", "a", "header", "div", "nav", "form"}
OURS |= {"button", "main", "h1", "h2", "h3", "p", "span", "time", "article", "dl", "dt", "dd", "ul", "ol", "li", "code"}
OURS |= {"pre", "section", "table", "caption", "thead", "tbody", "tr", "th", "td", "input", "label", "select", "option"}
OURS |= {
    "details",
    "summary",
    "dialog",
    "kbd",
    "ins",
    "del",
    "mark",
    "svg",
    "rect",
    "path",
    "iframe",
    "footer",
    "br",
    "small",
}
OURS |= {"style", "textarea", "figure", "figcaption", "circle", "path", "fieldset", "legend", "video", "audio"}
OUTLETS = (
    "/view/text/latest/",
    "/snapshot/latest/",
    "/view/cite/latest/",
    "/view/record/latest/",
    "/view/headers/latest/",
)


def url_of(number: int) -> str:
    return f"https://example.org/{number}?{quote(PAYLOADS[number], safe=SAFE)}"


SAFE = "<>\"'(){}!;:=/*$`,%&-"
"""Characters that a URL may contain if it was never escaped."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Each payload is the title of a page, its author, its text, a header field, a part of its URL, and a post."""
    household = Household(tmp_path_factory.mktemp("inert") / "home")
    segment = SegmentFile(tmp_path_factory.mktemp("warcs"))
    rows = [_row(segment, number, minute) for number in range(len(PAYLOADS)) for minute in (0, 1)]
    with open_pressmark(load_settings({"home": str(household.home), "spool.ballast": "0B"})) as service:
        for minute in (2, 3):
            posts = [(str(n), said if minute == 2 else f"{said} harbour") for n, said in enumerate(PAYLOADS)]
            version = thread_version(posts, minute)
            capture = segment.write(answered(THREAD, b"<p>posts</p>", minute=minute), context=CONTEXT)
            row = TextRow(capture.record_id, "", THREAD, capture.at, capture.digest, "done", text=version.text)
            rows.append(replace(row, extractor="x", version="1", title=PAYLOADS[0], **version.facts))

        def read(sealed: Sealed) -> list[TextRow]:
            return [replace(row, segment=sealed.name) for row in rows]

        Archive(service.index, Texts(service.database), service.store, read_texts=read).ingest(segment.path)
    with household.serving() as running:
        yield running


def _row(segment: SegmentFile, number: int, minute: float) -> TextRow:
    said = PAYLOADS[number]
    field = "".join(c for c in said if c.isprintable() and c.isascii())
    body = f"{minute}{said}".encode()
    capture = segment.write(
        answered(url_of(number), body, minute=minute, headers=("Content-Type: text/html", f"X: {field}"))
    )
    text = f"{said}\nThe harbour at {minute}."
    row = TextRow(capture.record_id, "", capture.url, capture.at, capture.digest, "done", text=text)
    return replace(row, extractor="x", version="1", title=said, author=said if minute else None)


def strange(page: str) -> set[str]:
    """Return foreign elements and attributes of a page, and addresses that lead elsewhere than they should."""
    root = html.fromstring(page)
    found: set[str] = set()
    for element in root.iter():
        if not isinstance(element.tag, str):
            found.add("a comment")
            continue
        found |= {element.tag} - OURS
        found |= {f"{element.tag} {name}" for name in element.attrib if name.startswith("on") or name == "style"}
        for name in ("href", "src", "action", "formaction", "srcdoc", "data"):
            address = str(element.attrib.get(name, "/"))
            is_frame = element.tag == "iframe" and address.startswith("http://localhost:")
            is_permanent = element.tag == "a" and address.startswith("http://127.0.0.1:")
            if address.startswith("//") or not (address.startswith(("/", "#")) or is_frame or is_permanent):
                found.add(f"{element.tag} {name}={address[:60]}")
        if element.get("http-equiv"):
            found.add("an order to the browser")
        if element.tag == "style" and element.text != STYLE:
            found.add("a style")
        if element.get("type") == "application/ld+json" and json.loads(element.text or ""):
            continue  # data, which no browser runs
        if element.tag == "script" and (element.text or not str(element.get("src")).startswith("/static/")):
            found.add("a script")
    return found


def paths() -> dict[str, str]:
    urls = [link(url_of(number)) for number in range(len(PAYLOADS))]
    looks = {f"{outlet}{url}": "" for url in urls for outlet in OUTLETS}
    looks |= {f"/diff/previous/latest/{url}": "" for url in urls}
    looks |= {f"/captures?url={quote(url, safe='')}": "" for url in urls}
    looks |= {f"/search?q={quote(said, safe='')}": "" for said in PAYLOADS}
    looks |= {
        f"/thread/all/latest/{THREAD}": "",
        f"/thread/2/latest/{THREAD}": "",
        f"/diff/previous/latest/{THREAD}": "",
    }
    return looks | {"/new": "", "/new?before=60": "", "/search?q=harbour": "", "/search?q=steal": ""}


def test_sixty_kinds_of_script_injection_are_text_on_every_page(served: Served) -> None:
    told: dict[str, Any] = {}
    held = 0
    for path in paths():
        answer = served.ask("GET", path, headers={"Accept": "text/html"})
        held += "steal" in answer.text
        if answer.status >= 500 or (found := strange(answer.text)):
            told[path] = answer.status, found

    assert len(PAYLOADS) >= 60
    assert told == {}
    assert held > 400, "they are there"


def test_a_page_that_runs_them_is_detected() -> None:
    """Each of the first forty, except for the attributes of a second body, which this parser drops."""
    seen = {
        said: strange(f'<main><p title="{said}">{said}</p><p>{said}</main>')
        for said in PAYLOADS[:40]
        if "<body" not in said
    }

    assert [said for said, found in seen.items() if not found] == []
    assert strange("<style>p { color: red }</style><p>x</p>") == {"a style"}


def test_feeds_contain_them_as_text(served: Served) -> None:
    feed = served.get("/api/v1/feeds/all")
    root = ET.fromstring(feed.body)

    assert feed.status == 200
    assert not [each.tag for each in root.iter() if each.tag.rpartition("}")[2] in ("script", "img", "svg", "iframe")]


def told_in_metrics(text: str) -> list[str]:
    """The names, labels and values of labels that hold what strangers wrote."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    words = [word for sample in samples for word in (sample.name, *sample.labels, *sample.labels.values())]
    return [word for word in words if "steal" in word or "example.org" in word]


def test_no_label_of_a_metric_holds_them(served: Served) -> None:
    text = served.get("/metrics").text

    assert "pressmark_build_info" in text
    assert told_in_metrics(text) == []


def test_a_label_that_holds_them_would_be_seen() -> None:
    registry = CollectorRegistry()
    counter = Counter("pages", "Pages.", ["title"], registry=registry)
    for said in PAYLOADS:
        counter.labels(said).inc()

    assert len(told_in_metrics(generate_latest(registry).decode())) > 40


def test_no_door_writes_csv_whose_formulas_a_spreadsheet_would_run(served: Served) -> None:
    paths = json.loads(served.get("/openapi.json").text)["paths"]
    doors = {path for path, methods in paths.items() if "text/csv" in json.dumps(methods)}

    assert doors == {"/api/v1/notes"}, "its cells, those of tables and of lists of sources are `inert`"
    assert any("application/json" in json.dumps(methods) for methods in paths.values())
    assert [name for name in EXPORTERS if "sv" in name] == []
