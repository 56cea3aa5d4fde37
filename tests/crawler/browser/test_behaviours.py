"""What a reader would do to see all of a page is done to it, within a budget, and recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from crawling.crawls import Run, events, source
from crawling.memory import MemoryArchive
from crawling.site import Asked, Reply, Site

from archive.values.capture import PAGE_INFO, SCREENSHOT, THUMBNAIL
from crawler.policy.shared import BrowserLimits

pytestmark = pytest.mark.system

HEAD = "<!doctype html><title>t</title><p>Text of the page itself, with a few more words to read.</p>"


def drawn(site: Site, run: Run, body: str) -> tuple[str, dict[str, int]]:
    """Draw a page; return its document, and what was done to it."""
    site.routes |= {"/p": Reply(body=HEAD + body), "/favicon.ico": Reply(404)}
    run(source(f"{site.url}/p", walk="page", fetch="browser"))
    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    return run.archive.derived[0][0].body.decode(), event["behaviours"]  # type: ignore[return-value]


def beside(run: Run, site: Site) -> list[str]:
    """Return the prefixes of what was recorded of the page: none for its document."""
    return [one.url.removesuffix(f"{site.url}/p") for one, _, _ in run.archive.derived]


def test_a_list_is_loaded_to_its_end_by_its_button(site: Site, run: Run) -> None:
    def page(asked: Asked) -> Reply:
        number = int(asked.path.rpartition("/")[2])
        return Reply(body=f"<li>item {number}</li>", headers=(("X-Last", "yes" if number == 4 else "no"),))

    site.routes |= {f"/part/{number}": page for number in range(5)}
    body = """<ol id=list></ol><button id=more>Load more …</button><script>
    let next = 0;
    more.onclick = async () => {
      const answer = await fetch('/part/' + next++);
      list.insertAdjacentHTML('beforeend', await answer.text());
      if (answer.headers.get('x-last') === 'yes') more.remove();
    };</script>"""

    document, behaviours = drawn(site, run, body)

    assert [f"item {number}" in document for number in range(5)] == [True] * 5
    assert behaviours["load more: load more"] == 5


def test_a_button_that_brings_nothing_is_pressed_once(site: Site, run: Run) -> None:
    _, behaviours = drawn(site, run, "<button onclick='window.pressed = 1'>Show more</button>")

    assert behaviours == {"load more: show more": 1}


def test_a_list_without_end_is_loaded_within_the_budget(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    body = "<ol id=list></ol><button onclick=\"list.insertAdjacentHTML('beforeend', '<li>x')\">Show more</button>"
    run = Run(tmp_path, archive, browser=BrowserLimits(quiet=0.0))

    document, behaviours = drawn(site, run, body)

    assert behaviours == {"load more: show more": 30}
    assert document.count("<li>") == 30


def test_closed_details_and_read_more_are_opened(site: Site, run: Run) -> None:
    body = """<details ontoggle="fetch('/inside').then(a => a.text()).then(t => this.append(t))">
    <summary>s</summary></details>
    <p id=cut>The beginning</p><button aria-expanded=false
      onclick="cut.textContent += ' and the end'; this.ariaExpanded = true">Read more</button>"""
    site.routes["/inside"] = Reply(body="text that opening loads")

    document, behaviours = drawn(site, run, body)

    assert "text that opening loads" in document
    assert "The beginning and the end" in document
    assert behaviours == {"expand: details": 1, "expand: read more": 1}


@pytest.mark.parametrize(
    ("platform", "banner"),
    [
        ("OneTrust", "<div id=b><button id=onetrust-accept-btn-handler {yes}>a</button>"
                     "<button id=onetrust-reject-all-handler {no}>r</button></div>"),
        ("Cookiebot", "<div id=b><button id=CybotCookiebotDialogBodyButtonDecline {no}>r</button></div>"),
        ("Didomi", "<div id=b><button id=didomi-notice-agree-button {yes}>a</button>"
                   "<span class=didomi-continue-without-agreeing {no}>Continue without agreeing</span></div>"),
        ("CookieYes", "<div id=b><button class=cky-btn-accept {yes}>a</button>"
                      "<button class=cky-btn-reject {no}>r</button></div>"),
        ("Complianz", "<div id=b><button class=cmplz-accept {yes}>a</button>"
                      "<button class=cmplz-deny {no}>r</button></div>"),
    ],
)  # fmt: skip
def test_a_consent_banner_is_answered_by_refusal(site: Site, run: Run, platform: str, banner: str) -> None:
    pressed = banner.format(
        yes="onclick=\"document.title='accepted'\"", no="onclick=\"document.title='refused'; b.remove()\""
    )

    document, behaviours = drawn(site, run, pressed)

    assert "<title>refused</title>" in document
    assert "<button" not in document
    assert behaviours == {f"consent refused: {platform}": 1}


def test_a_banner_in_a_shadow_root_is_answered(site: Site, run: Run) -> None:
    body = """<div id=usercentrics-root></div><script>
    const host = document.getElementById('usercentrics-root'), root = host.attachShadow({mode: 'open'});
    root.innerHTML = '<button data-testid="uc-deny-all-button">Deny</button>';
    root.firstChild.onclick = () => { document.title = 'refused'; host.remove(); };</script>"""

    document, behaviours = drawn(site, run, body)

    assert "<title>refused</title>" in document
    assert behaviours == {"consent refused: Usercentrics": 1}


def test_nothing_is_sent_bought_or_left(site: Site, run: Run) -> None:
    body = """<form action=/sent method=post><button>Load more</button></form>
    <a href=/elsewhere><button>Show more</button></a><a href=/there role=button>View more</a>
    <button onclick="document.title='bought'">Buy more</button><button onclick="document.title='voted'">Upvote</button>
    <button disabled onclick="document.title='x'">Show more</button><button>Read more about us and log in</button>"""

    document, behaviours = drawn(site, run, body)

    assert "<title>t</title>" in document
    assert behaviours == {}
    assert site.times("/sent") == site.times("/elsewhere") == site.times("/there") == 0


HASHES = """<main id=m></main><script>
const show = () => { m.innerHTML = location.hash.slice(2) === 'all' ? '<h1>Another page</h1>'
  : '<h1>The article</h1><a href="#%sall">View more</a><a href="#%sall" aria-expanded=false>Read more</a>'; };
onhashchange = show; show();</script>"""


@pytest.mark.parametrize("sign", ["/", "!"])
def test_a_link_to_another_page_of_a_router_is_not_pressed(site: Site, run: Run, sign: str) -> None:
    document, behaviours = drawn(site, run, HASHES.replace("%s", sign))

    assert "<h1>The article</h1>" in document.partition("<script")[0]
    assert behaviours == {}


@pytest.mark.parametrize("text", ["See more articles", "Read more"])
def test_a_button_that_leads_to_another_page_leaves_the_document_as_it_was(site: Site, run: Run, text: str) -> None:
    body = f"""<main id=m><h1>The article</h1><button id=b>{text}</button></main><script>
    b.onclick = () => {{ history.pushState({{}}, '', '/a'); m.innerHTML = '<h1>Another page</h1>'; }};</script>"""

    document, behaviours = drawn(site, run, body)

    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert "<h1>The article</h1>" in document.partition("<script")[0]
    assert "<h1>Another page</h1>" not in document.partition("<script")[0]
    assert sum(behaviours.values()) == 1
    assert event["refused"] == {"navigations": 1}
    assert beside(run, site) == ["", PAGE_INFO], "a picture would show the other page"


def test_a_list_whose_button_changes_the_address_is_loaded_to_its_end(site: Site, run: Run) -> None:
    body = """<ol id=list><li>item 0</ol><button id=more>Load more</button><script>
    let next = 1;
    more.onclick = () => {
      history.pushState({}, '', '?page=' + next);
      list.insertAdjacentHTML('beforeend', '<li>item ' + next++);
      if (next === 4) more.remove();
    };</script>"""

    document, behaviours = drawn(site, run, body)

    assert [f"<li>item {number}</li>" in document for number in range(4)] == [True] * 4
    assert behaviours == {"load more: load more": 3}


def test_a_link_to_a_place_in_the_page_is_pressed(site: Site, run: Run) -> None:
    body = """<p id=t></p><a href="#more" onclick="t.textContent = 'The rest of it'; this.remove()">Show more</a>"""

    document, behaviours = drawn(site, run, body)

    assert "The rest of it</p>" in document
    assert behaviours == {"load more: show more": 1}


def test_a_button_that_opens_and_closes_ends_open(site: Site, run: Run) -> None:
    body = """<div id=t></div><button onclick="t.innerHTML = t.innerHTML ? '' : '<p>The rest'">Show more</button>"""

    document, behaviours = drawn(site, run, body)

    assert "<p>The rest</p>" in document
    assert behaviours == {"load more: show more": 3}


PAGER = """<main><ol id=list></ol><nav class=pagination>
<button>1</button><button>2</button><button>3</button><button {last}>4</button></nav></main><script>
const show = page => fetch('/part/' + page).then(answer => answer.text()).then(text => { list.innerHTML = text; });
for (const button of document.querySelectorAll('nav button')) button.onclick = () => {
  if (window.route) history.pushState({}, '', '?page=' + button.textContent);
  show(button.textContent);
};
show(1);</script>"""


def parts(site: Site) -> None:
    site.routes |= {f"/part/{n}": Reply(body=f"<li>item {n}<li><a href=/item/{n}>more</a>") for n in range(1, 5)}


def test_the_pages_of_a_numbered_list_are_turned_and_all_their_items_archived(site: Site, run: Run) -> None:
    parts(site)

    document, behaviours = drawn(site, run, PAGER.replace("{last}", ""))

    assert [document.count(f"<li>item {n}") for n in range(1, 5)] == [1] * 4
    assert document.count('href="/item/') == 4
    assert behaviours == {"turn pages": 3}
    assert beside(run, site) == ["", SCREENSHOT, THUMBNAIL, PAGE_INFO]


def test_a_page_of_a_list_that_can_not_be_turned_to_ends_it(site: Site, run: Run) -> None:
    parts(site)

    document, behaviours = drawn(site, run, PAGER.replace("{last}", "disabled"))

    assert [document.count(f"<li>item {n}") for n in range(1, 5)] == [1, 1, 1, 0]
    assert behaviours == {"turn pages": 2}


def test_a_pager_that_leads_to_other_pages_leaves_the_document_and_its_picture(site: Site, run: Run) -> None:
    parts(site)

    document, behaviours = drawn(site, run, "<script>window.route = true</script>" + PAGER.replace("{last}", ""))

    assert [document.count(f"<li>item {n}") for n in range(1, 5)] == [1, 0, 0, 0]
    assert behaviours == {"turn pages": 1}
    assert beside(run, site) == ["", SCREENSHOT, THUMBNAIL, PAGE_INFO]


def test_numbered_links_to_other_pages_are_not_pressed(site: Site, run: Run) -> None:
    pager = "<p>A list.<div class=pager><a href=?p=1>1</a><a href=?p=2>2</a><a href='#/3'>3</a></div>"

    _, behaviours = drawn(site, run, pager)

    assert behaviours == {}


def test_the_images_of_three_widths_are_archived(site: Site, run: Run) -> None:
    names = [f"/{width}.png" for width in (320, 640, 1024, 1600, 2400, 3200)]
    site.routes |= {name: Reply(body=b"\x89PNG\r\n\x1a\n", type="image/png") for name in (*names, "/2x.png", "/1x.png")}
    widths = ", ".join(f"{name} {name[1:-4]}w" for name in names)

    _, behaviours = drawn(
        site, run, f"<img src=/1x.png srcset='{widths}'><img src=/1x.png srcset='/1x.png, /2x.png 2x'>"
    )

    asked = {path for path in (*names, "/1x.png", "/2x.png") if site.times(path)}
    assert asked >= {"/640.png", "/1024.png", "/2400.png", "/1x.png", "/2x.png"}
    assert "/3200.png" not in asked
    assert behaviours == {"images of three widths": 1}


def test_the_replies_of_comments_are_opened(site: Site, run: Run) -> None:
    body = """<div id=t>A comment.</div>
    <button onclick="t.append(' A reply to it.'); this.remove()">Show 3 replies</button>"""

    document, behaviours = drawn(site, run, body)

    assert "A comment. A reply to it." in document
    assert behaviours == {"expand: read more": 1}
