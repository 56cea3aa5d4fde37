"""Redirects: every hop is archived, and they end."""

from __future__ import annotations

import pytest
from crawling.crawls import Run, source
from crawling.site import Asked, Reply, Site, html, redirect, serving


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_hop_of_a_redirect_is_archived_under_one_page_id(site: Site, run: Run, status: int) -> None:
    site.routes |= {"/a": redirect("b", status), "/b": redirect("/c", status), "/c": html()}

    outcome = run(source(f"{site.url}/a", walk="page"))

    assert site.paths == ["/a", "/b", "/c"]
    assert [capture.status for _, _, capture in run.archive.kept] == [status, status, 200]
    assert len({context.page_id for _, context, _ in run.archive.kept}) == 1
    assert (outcome.outcome, outcome.pages) == ("done", 1)


def test_a_circle_of_redirects_ends(site: Site, run: Run) -> None:
    site.routes |= {"/a": redirect("/b"), "/b": redirect("/a")}

    outcome = run(source(f"{site.url}/a", walk="page"))

    assert len(site.paths) == 11
    assert outcome.outcome == "failed"
    assert "more than 10 redirects" in outcome.reason


def test_a_page_that_redirects_to_itself_until_its_cookie_is_set_is_fetched(site: Site, run: Run) -> None:
    def gate(asked: Asked) -> Reply:
        return html() if "ok=1" in asked.headers.get("cookie", "") else redirect("/a", 302, ("Set-Cookie", "ok=1"))

    site.routes["/a"] = gate

    assert run(source(f"{site.url}/a", walk="page")).outcome == "done"
    assert site.paths == ["/a", "/a"]


def test_a_gate_that_redirects_back_with_a_cookie_is_passed(site: Site, run: Run) -> None:
    def page(asked: Asked) -> Reply:
        return html() if "ok=1" in asked.headers.get("cookie", "") else redirect("/gate")

    site.routes |= {"/a": page, "/gate": redirect("/a", 302, ("Set-Cookie", "ok=1; Path=/"))}

    assert run(source(f"{site.url}/a", walk="page")).outcome == "done"
    assert site.paths == ["/a", "/gate", "/a"]


def test_a_link_that_redirects_out_of_scope_is_not_followed(site: Site, run: Run) -> None:
    with serving({"/x": html()}, host="127.0.0.3") as elsewhere:
        site.routes |= {"/": html("/go"), "/go": redirect(f"{elsewhere.url}/x")}

        outcome = run(source(f"{site.url}/", walk="site"))

        assert elsewhere.asked == []
        assert outcome.outcome == "done"
        assert [capture.status for _, _, capture in run.archive.kept] == [200, 302]


def test_a_redirect_to_a_forbidden_address_is_refused(site: Site, run: Run) -> None:
    site.routes["/"] = redirect("http://169.254.169.254/latest/meta-data")

    outcome = run(source(f"{site.url}/", walk="page"))

    assert outcome.outcome == "failed"
    assert "forbidden address (metadata)" in outcome.reason


ARTICLES = [f"<h2><a href='/news/{n}'>The harbour board met for the {n}th time this year</a></h2>" for n in range(1, 6)]


@pytest.mark.parametrize("walk", ["site", "listing"])
def test_a_run_whose_seed_has_moved_outside_the_source_is_partial(site: Site, run: Run, walk: str) -> None:
    with serving({"/": Reply(body="".join(ARTICLES))}, host="127.0.0.3") as elsewhere:
        site.routes["/"] = redirect(f"{elsewhere.url}/", 301)
        outcomes = [run(source(f"{site.url}/", walk=walk)) for _ in range(2)]

    assert elsewhere.paths == ["/", "/"]
    assert {outcome.outcome for outcome in outcomes} == {"partial"}
    assert {outcome.reason for outcome in outcomes} == {
        (
            f"the start URL redirects to {elsewhere.url}/, which does not belong to the source, so "
            "Pressmark does not follow the links on that page"
        )
    }


def test_a_seed_that_moves_within_the_scope_or_has_no_links_to_follow_is_fetched(site: Site, run: Run) -> None:
    routes = {"/": Reply(body="".join(ARTICLES)), "/news/1": html()}
    with serving(routes, host="127.0.0.3") as elsewhere:
        site.routes |= {"/": redirect(f"{elsewhere.url}/", 301), "/old/": redirect("/new/"), "/new/": html("/old/1")}
        site.routes["/old/1"] = html()
        widened = run(source(f"{site.url}/", walk="listing", scope={"hosts": ["127.0.0.3"]}))
        alone = run(source(f"{site.url}/", walk="page"))
        at_once = run(source(f"{site.url}/", walk="site", scope={"depth": 0}))
        back = run(source(f"{site.url}/old/", walk="site"))

    assert [each.outcome for each in (widened, alone, at_once, back)] == ["done", "unchanged", "unchanged", "done"]
