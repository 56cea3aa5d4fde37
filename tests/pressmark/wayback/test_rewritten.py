"""Rewritten pages for programs: in both dialects, and only ever at the origin of replay."""

from __future__ import annotations

import http.client
import re

import pytest
from services.retrieving import ARTICLE, ELSEWHERE, GONE, HOME, MOVED, PICTURE, Retrieving, served

from pressmark.http.stage.stage import Stage

Answered = tuple[int, http.client.HTTPMessage, bytes]
MODIFIERS = ["mp_", "if_", "fr_", "cs_", "im_", "js_", "oe_", ""]


def stage(archive: Retrieving) -> Stage:
    assert archive.stage is not None
    return archive.stage


def followed(archive: Retrieving, path: str) -> Answered:
    """Return what a program gets that follows redirects."""
    answer = archive.get(path)
    origin = stage(archive).origin_for(archive.url)
    if answer[0] == 302 and answer[1]["Location"].startswith(origin):
        return archive.get(answer[1]["Location"])
    return answer


@pytest.mark.parametrize("place", ["web", "all", "default"])
@pytest.mark.parametrize("modifier", MODIFIERS)
def test_a_rewritten_page_is_reached_by_redirect_and_never_at_the_origin_of_the_api(
    archive: Retrieving, place: str, modifier: str
) -> None:
    status, headers, body = archive.get(f"/{place}/20260131120000{modifier}/{HOME}", Accept="text/html,*/*;q=0.8")
    shown = archive.get(headers["Location"])

    assert (status, body) == (302, b"")
    assert "Memento-Datetime" not in headers
    assert headers["Location"].startswith(f"{stage(archive).origin_for(archive.url)}/")
    assert stage(archive).origin_for(archive.url) != archive.url
    assert (shown[0], shown[1]["Memento-Datetime"]) == (200, "Sat, 31 Jan 2026 12:00:00 GMT")
    assert "延误".encode() in shown[2]
    assert "Set-Cookie" not in shown[1] and shown[1]["X-Archive-Orig-Set-Cookie"] == "stolen=1"
    assert shown[1]["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert f'<{archive.url}/{place}/timemap/link/{HOME}>; rel="timemap"' in shown[1]["Link"]
    assert f'<{archive.url}/{place}/20260131120000/{HOME}>; rel="memento"' in shown[1]["Link"]


@pytest.mark.parametrize("accept", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_a_memento_without_a_modifier_is_sent_to_programs_at_its_own_address(
    archive: Retrieving, accept: dict[str, str]
) -> None:
    status, headers, body = archive.get(f"/all/20260131120000/{HOME}", **accept)
    as_it_was = archive.get(f"/all/20260131120000id_/{HOME}")

    assert (status, headers["Memento-Datetime"]) == (200, "Sat, 31 Jan 2026 12:00:00 GMT")
    assert headers["Vary"] == "Accept-Encoding, Accept, Prefer"
    assert body == as_it_was[2]
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_another_time_leads_first_to_the_second_of_the_nearest_memento(archive: Retrieving) -> None:
    status, headers, _ = archive.get(f"/web/2026mp_/{HOME}")

    assert (status, headers["Location"]) == (302, f"{archive.url}/web/20260131150000mp_/{HOME}")


def test_an_archived_redirect_keeps_its_status_and_leads_to_its_target_in_the_archive(archive: Retrieving) -> None:
    status, headers, _ = followed(archive, f"/web/20260131120200mp_/{MOVED}")
    target = archive.get(stage(archive).origin_for(archive.url) + headers["Location"])

    assert (status, headers["Memento-Datetime"]) == (302, "Sat, 31 Jan 2026 12:02:00 GMT")
    assert re.fullmatch(rf"/[\w.-]+/20260131120200mp_/{re.escape(ARTICLE)}", headers["Location"])
    assert target[0] == 200


def test_an_archived_error_is_a_memento_and_a_missing_page_is_not(archive: Retrieving) -> None:
    gone = followed(archive, f"/web/20260131120300mp_/{GONE}")
    nothing = archive.get("/web/20260131120300mp_/http://other.example/")

    assert (gone[0], gone[1]["Memento-Datetime"]) == (404, "Sat, 31 Jan 2026 12:03:00 GMT")
    assert (nothing[0], nothing[1]["Memento-Datetime"]) == (404, None)


def test_a_picture_is_unchanged_and_a_script_is_sent_as_text(archive: Retrieving) -> None:
    picture = followed(archive, f"/web/20260131120400im_/{PICTURE}")
    script = followed(archive, f"/web/20260131120400js_/{PICTURE}")

    assert (picture[1]["Content-Type"], picture[2][:4]) == ("image/png", b"\x89PNG")
    assert script[1]["Content-Type"] == "text/javascript; charset=utf-8"
    assert script[1]["Content-Disposition"] == "attachment"
    assert script[1]["Cross-Origin-Resource-Policy"] == "same-origin"


def test_references_stay_in_their_collection(archive: Retrieving) -> None:
    inside = archive.get(f"/harbour/20260131120500mp_/{ELSEWHERE}")[1]["Location"]

    assert archive.get(inside)[0] == 200
    assert archive.get(inside.replace(ELSEWHERE, HOME))[0] == 404
    assert archive.get(f"/default/20260131120500mp_/{ELSEWHERE}")[0] == 404


def test_rewritten_is_a_preference(archive: Retrieving) -> None:
    status, headers, _ = archive.get(f"/all/{HOME}", Prefer="rewritten")

    assert (status, headers["Preference-Applied"]) == (302, "rewritten")
    assert headers["Location"] == f"{archive.url}/all/20260131150000mp_/{HOME}"


@pytest.mark.parametrize("modifier", ["bn_", "wkr_", "sw_"])
def test_views_that_run_or_only_add_a_bar_are_refused(archive: Retrieving, modifier: str) -> None:
    status, _, body = archive.get(f"/all/20260131120000{modifier}/{HOME}")

    assert status == 400
    assert f"unknown view {modifier}; use cs_, fr_, id_" in body.decode()


def test_without_an_origin_of_replay_nothing_is_rewritten_and_the_reason_is_given(archive: Retrieving) -> None:
    with served(archive.service) as url:
        refused = archive.get(f"{url}/all/20260131120000mp_/{HOME}")
        plain = archive.get(f"{url}/all/20260131120000/{HOME}")

    assert refused[0] == 400
    assert "at a separate origin only, and none is served" in refused[2].decode()
    assert (plain[0], plain[1]["Content-Disposition"][:10]) == (200, "attachment")
