"""vBulletin 5: the markup of a saved thread of 5.3 and of a member's profile, with other words."""

from __future__ import annotations

from datetime import UTC, datetime

from extractor.forums.registry import read_thread
from extractor.html.page import Page

AT = datetime(2026, 11, 1, tzinfo=UTC)
URL = "https://forum.example/forum/7-scripts"
WIDGET = (
    "<div class='b-module canvas-widget {0}-widget'><div class=widget-header><div class='module-title h-left'>"
    "<h1 class='main-title js-main-title hide-on-editmode'>{1}</h1></div></div></div>"
)
POST = (
    "<li data-node-id={0} data-node-publishdate={1} class='b-post js-post b-post--text OLD__list-item' itemscope"
    " itemtype='http://schema.org/Comment'><a id=post{0} class=anchor></a><div class='userinfo b-userinfo'>"
    "<a class='b-avatar b-avatar--m' href=/member/1-{2}><img alt={2}></a><div class=b-userinfo__details><div"
    " class='author h-text-size--14'><strong><a href=/member/1-{2}>{2}</a></strong></div>"
    "<div class=usertitle>Member</div></div></div><div class='b-post__content js-post__content'>"
    "<a class=b-post__count href='?p={0}#post{0}'>#1</a><div class='b-post__timestamp OLD__post-date'>"
    "<time itemprop=dateCreated datetime={3}>10-24-2014, 09:00 AM</time></div>"
    "<div class='js-post__content-text OLD__post-content-text restore h-wordwrap' itemprop=text>{4}</div></div>"
    "<div class=b-post__footer><ul class=js-post-controls><li id=votecount-{0} class='b-post-control votecount'>"
    "<span class=b-post-control__label><b>12 like</b></span></li></ul></div></li>"
)
CRUMBS = "<ul id=breadcrumbs><li class='crumb ellipsis'><a class=crumb-link href=/f/20>Developer Help</a></li></ul>"
PAGER = (
    "<div class=pagenav-controls><form class=pagenav-form><div class='pagenav h-left'>Page <input name=page"
    " class='js-pagenum textbox' value=2> of <span class=pagetotal>3</span></div></form></div>"
)


def test_a_thread_has_the_title_of_its_page_and_its_posts_times_to_the_second() -> None:
    widgets = WIDGET.format("announcement", "Announcement") + WIDGET.format("page-title", "Scripts of my own")
    first = POST.format(2772, 1414155603, "ann", "2014-10-24T09:00:03", "Where do I put them?")
    second = POST.format(2775, 1414157660, "bob", "2014-10-24T09:34:20", "Into a folder.")
    posts = f"<ul class='conversation-list list-container thread-view'>{first}{second}</ul>"

    thread = read_thread(Page(URL, (CRUMBS + widgets + PAGER + posts).encode()), AT)

    assert thread is not None
    assert (thread.title, thread.board, thread.page, thread.pages) == ("Scripts of my own", "Developer Help", 2, 3)
    assert [(post.id, post.author, post.date, post.score, post.text) for post in thread.posts] == [
        ("2772", "ann", "2014-10-24T09:00:03-04:00", 12, "Where do I put them?"),
        ("2775", "bob", "2014-10-24T09:34:20-04:00", 12, "Into a folder."),
    ]


def test_the_activity_of_a_member_is_not_a_thread() -> None:
    post = (
        "<li class='b-post js-post list-item' data-node-id=235><a class='user-profile author'>ann</a>"
        "<time itemprop=dateCreated datetime=2017-12-07T15:44:09>07-12-17</time>"
        "<div class='js-post__content-text h-wordwrap' itemprop=text>So.</div></li>"
    )
    html = "<ul class='conversation-list list-container {0}'>{1}</ul>"
    pages = [
        Page("https://forum.example/member/2", html.format(view, post).encode())
        for view in ("stream-view activity-view", "stream-view thread-view")
    ]

    activity, thread = (read_thread(page, AT) for page in pages)

    assert activity is None
    assert thread is not None and [(post.id, post.author) for post in thread.posts] == [("235", "ann")]
