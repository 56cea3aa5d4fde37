"""Details of engines that real pages have and no case covers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from extractor.forums.registry import Thread, read_comments, read_thread
from extractor.html.page import Page
from extractor.reading import extract

AT = datetime(2026, 11, 24, tzinfo=UTC)


def thread_of(html: str) -> Thread:
    found = read_thread(Page("https://forum.example/topic/7", html.encode(), "text/html; charset=utf-8"), AT)
    assert found is not None
    return found


NEWS = (
    "<table id=hnmain><tr><td><table class=fatitem><tr class='athing submission' id=40>"
    "<td class=title><span class=titleline><a href=https://agency.example/>Who pays?</a></span></td></tr>"
    "<tr><td class=subtext><span class=subline><span class=score id=score_40>12 points</span> by"
    " <a href='user?id=ann' class=hnuser>ann</a> <span class=age title='2024-05-03T12:34:56 1714739696'>"
    "<a href='item?id=40'>5 hours ago</a></span> | <a href='item?id=40'>2 comments</a></span></td></tr>{0}</table>"
    "<table class=comment-tree>{1}</table></table>"
)
COMMENT = (
    "<tr class='athing comtr' id={0}><td><table><tr><td class=ind indent={1}></td><td class=default>"
    "<a href='user?id=bob' class=hnuser>bob</a> <span class=age title='2024-05-03T13:00:00'><a href='item?id={0}'>"
    "4 hours ago</a></span><div class=comment><div class='commtext c00'>{2}<p>So.</div><div class=reply>reply</div>"
    "</div></td></tr></table></td></tr>"
)


def test_a_story_of_hacker_news_is_the_first_post_and_its_times_are_those_of_utc() -> None:
    told = "<tr><td><div class=toptext>Nobody said so.</div></td></tr>"
    tree = COMMENT.format(41, 0, "We do.") + COMMENT.format(42, 1, "Do we?") + COMMENT.format(43, 0, "They do.")

    link, ask = (thread_of(NEWS.format(text, tree)) for text in ("", told))

    assert [(post.id, post.author, post.text, post.answers) for post in link.posts] == [
        ("40", "ann", "Who pays?", None),
        ("41", "bob", "We do.\nSo.", None),
        ("42", "bob", "Do we?\nSo.", "41"),
        ("43", "bob", "They do.\nSo.", None),
    ]
    assert (ask.posts[0].text, ask.posts[0].score, ask.title) == ("Nobody said so.", 12, "Who pays?")
    assert [post.date for post in ask.posts[:2]] == ["2024-05-03T12:34:56+00:00", "2024-05-03T13:00:00+00:00"]


def test_an_advertisement_between_posts_of_invision_is_not_a_post() -> None:
    post = (
        "<article class='cPost ipsComment'{0}><h3 class=cAuthorPane_author><a href=/profile/{1}>{1}</a></h3>"
        "<time datetime='2025-08-26T01:05:36Z'></time><div class=cPost_contentWrap><p>{2}</p></div></article>"
    )
    html = post.format(" id=elComment_5", "joe", "Which?") + post.format("", "Advertisement", "Buy this!")

    assert [item.author for item in thread_of(html + post.format(" id=elComment_6", "ann", "None.")).posts] == [
        "joe",
        "ann",
    ]


def test_edit_notes_and_buttons_for_quotations_and_spoilers_are_not_text_in_invision() -> None:
    body = (
        "<blockquote class=ipsQuote data-ipsquote><p>Which?</p>"
        "<a class=ipsTruncate_more><span>Expand</span></a></blockquote>"
        "<div class=ipsSpoiler data-ipsspoiler><div class=ipsSpoiler_header><span>Reveal hidden contents</span></div>"
        "<div class=ipsSpoiler_contents><p>None.</p></div></div><p>So.</p>"
        "<span class=ipsType_reset data-excludequote><strong>Edited <time>August 26</time> by ann</strong></span>"
    )
    html = (
        "<article class='cPost ipsComment' id=elComment_5><h3 class=cAuthorPane_author>ann</h3>"
        f"<time datetime='2025-08-26T01:05:36Z'></time><div data-role=commentContent>{body}</div></article>"
    )

    [post] = thread_of(html).posts

    assert (post.text, post.own) == ("Which?\nNone.\nSo.", "None.\nSo.")


def test_a_host_name_with_forum_does_not_make_a_link_the_board_in_invision() -> None:
    html = (
        "<ol class=ipsBreadcrumb__list><li><a href=https://forum.example/>Home</a></li>"
        "<li><a href=https://forum.example/forum/6-community/>Community</a></li><li>Dust</li></ol>"
        "<nav class=ipsBreadcrumb><a href=https://forum.example/discover/>All Activity</a></nav>"
        "<article class=ipsEntry id=elComment_5><p class=ipsEntry__username>joe</p>"
        "<div class=ipsEntry__post><p>Which?</p></div></article>"
    )

    assert thread_of(html).board == "Community"


def test_a_post_from_another_server_has_its_address_as_id_in_nodebb() -> None:
    post = (
        "<li component=post data-pid='{0}' data-username={1} data-timestamp=1732722623000>"
        "{2}<div component='post/content'><p>{3}</p></div></li>"
    )
    far = "https://social.example/item/f489315a-29f9-4eff"
    answered = f"<a component='post/parent' data-parent-pid='{far}'></a>"
    html = f"<ul>{post.format(far, 'ann', '', 'Luck!')}{post.format('101914', 'bob', answered, 'Thanks.')}</ul>"

    assert [(item.id, item.answers) for item in thread_of(html).posts] == [(far, None), ("101914", far)]


def test_a_comment_on_the_story_replies_to_no_other_in_lobsters() -> None:
    comment = (
        "<li class=comments_subtree><div id=c_{0} data-shortid={0} class=comment><div class=byline>"
        "<a href=/~ann>ann</a></div><div class=comment_text>{0}</div></div><ol class=comments>{1}</ol></li>"
    )
    html = comment.format("aaaaaa", comment.format("bbbbbb", "")) + comment.format("cccccc", "")
    within = f"<ol><li class=comments_subtree id=story_comments><ol class=comments>{html}</ol></li></ol>"

    assert [(item.id, item.answers) for item in thread_of(within).posts] == [
        ("aaaaaa", None),
        ("bbbbbb", "aaaaaa"),
        ("cccccc", None),
    ]


def test_a_question_of_stack_exchange_without_an_id_attribute_gets_it_from_its_link() -> None:
    body = "<div class=js-post-body><p>{0}</p></div><a class=js-share-link href=/{1}></a>"
    html = (
        f"<div id=question>{body.format('Why?', 'q/507')}</div>"
        f"<div class=answer id=answer-534 data-answerid=534>{body.format('So.', 'a/534')}</div>"
    )

    assert [item.id for item in thread_of(html).posts] == ["507", "534"]


def test_a_time_at_an_unusual_place_of_a_theme_is_found_and_none_is_taken_from_a_body() -> None:
    post = (
        "<li class=message id=post-{0} data-author=ann><small><span>{1}</span></small>"
        "<blockquote class=messageText>{2}</blockquote></li>"
    )
    html = post.format("1", "12.03.2020, 19:29", "On 1.2.2019.") + post.format("2", "", "On 3.4.2018.")

    assert [item.date for item in thread_of(f"<html id=XenForo>{html}").posts] == ["2020-03-12T19:29", None]


def test_a_quotation_without_a_link_has_no_post_in_xenforo_1() -> None:
    quote = "<div class=bbCodeQuote data-author=bob><a class=AttributionLink href='goto/{0}'>↑</a>Dust.</div>"
    html = (
        "<html id=XenForo><li class=message id=post-9 data-author=ann><blockquote class=messageText>{0}So?</blockquote>"
    )

    lost, found = (thread_of(html.format(quote.format(to))) for to in ("[URL=https?id=0#[URL", "post?id=4#post-4"))

    assert [thread.posts[0].quotes[0].post for thread in (lost, found)] == [None, "4"]


def test_likes_of_xenforo_include_unnamed_users_and_its_files_are_attachments() -> None:
    new = (
        "<html id=XF><article class=message data-author=ann data-content=post-9><div class=bbWrapper>So.</div>"
        "<div class=message-attachments><p class=attachment-name><a href=/attachments/a.7/>a.jpg</a></p></div>"
        "<a class=reactionsBar-link href=/posts/9/reactions>{0}</a></article>"
    )
    old = (
        "<html id=XenForo><li class=message id=post-9 data-author=ann><blockquote class=messageText>So.</blockquote>"
        "<div class=likesSummary><span class=LikeText><a class=username>b</a>, <a class=username>c</a> and"
        " <a class=OverlayTrigger>1,203 others</a> like this.</span></div></li>"
    )

    scores = [
        thread_of(new.format(said)).posts[0].score
        for said in ("<bdi>b1</bdi>", "<bdi>b1</bdi> and <bdi>c</bdi>", "<bdi>b1</bdi>, <bdi>c</bdi> and 12 others")
    ]

    assert (scores, thread_of(old).posts[0].score) == ([1, 2, 14], 1205)
    assert [file.name for file in thread_of(new.format("")).posts[0].attachments] == ["a.jpg"]


def test_the_author_of_an_imported_quotation_is_read_in_vanilla() -> None:
    html = (
        "<div class=ItemDiscussion id=Discussion_5><div class='Message userContent'>"
        "<blockquote class='Quote UserQuote'>"
        "<div class=blockquote-content><a href=/profile/bob>bob</a> wrote: <a href=/discussion/4 class=QuoteLink>»</a>"
        "</div><div class=blockquote-content>Dust.</div></blockquote>So?</div></div>"
    )

    quote = thread_of(html).posts[0].quotes[0]

    assert (quote.author, quote.post, quote.text) == ("bob", "4", "Dust.")


def test_the_time_of_a_reply_is_after_its_number_in_smf_2_0() -> None:
    html = (
        "<div id=forumposts><div class=post_wrapper><div class=poster><h4><a>ann</a></h4></div>"
        "<div class=postarea><div class=flow_hidden><div class=keyinfo><div class=messageicon></div>"
        "<h5 id=subject_12><a href='index.php?topic=7.msg12#msg12' rel=nofollow>Re: Dust</a></h5>"
        "<div class=smalltext>&#171; <strong>Reply #1 on:</strong> March 30, 2024, 11:15:00 PM &#187;</div></div></div>"
        "<div class=post><div class=inner id=msg_12>So.</div></div></div></div></div>"
    )

    post = thread_of(html).posts[0]

    assert (post.id, post.author, post.date, post.text) == ("12", "ann", "2024-03-30T23:15:00", "So.")


def test_the_board_of_a_phpbb_topic_is_the_last_breadcrumb_of_the_header() -> None:
    crumb = "<span class=crumb{0}><a href={1}><span>{2}</span></a></span>"
    home = crumb.format("", "index.php", "Board index")
    html = (
        f"<ul><li class=breadcrumbs>{home}{crumb.format(' data-forum-id=3', '?f=3', 'Dust')}</li></ul>"
        "<div id=p5 class='post bg1'><div class=postbody><p class=author><strong><a class=username>ann</a></strong></p>"
        f"<div class=content>So.</div></div></div><ul><li class=breadcrumbs>{home}</li></ul>"
    )

    assert thread_of(html).board == "Dust"


def test_the_author_of_a_consecutive_post_on_tapatalk_is_read_from_its_script_data() -> None:
    post = (
        '<div class="post" id=p{0}><script>var post_data_{0} = {{"POST_AUTHOR":"Zo\\u00eb \\"Z\\" Quist","S":0}};'
        "</script>{1}<div class=postbody><div class=content>We do.</div></div></div>"
    )
    shown = "<dl class=postprofile><dt><a class=username href=/u>Zoë</a></dt></dl>"

    found = thread_of(f"<body id=phpbb>{post.format(4, shown)}{post.format(5, '')}")

    assert [post.author for post in found.posts] == ["Zoë", 'Zoë "Z" Quist']


def test_only_the_title_of_a_link_preview_is_part_of_a_post() -> None:
    cooked = (
        "<p>See this.</p><aside class=onebox><header class=source><a href=https://zoo.example/>Zoo</a></header>"
        "<article class=onebox-body><h3><a href=https://zoo.example/bears>Of bears</a></h3><p>Bears are large.</p>"
        "</article></aside><p>It tells all.</p>"
    )
    discourse = (
        "<meta name=generator content='Discourse 3.2'><div class=crawler-post id=post_1>"
        f"<div class=post itemprop=text>{cooked}</div></div>"
    )
    payload = json.dumps({"post_stream": {"posts": [{"post_number": 1, "cooked": cooked}]}})
    xenforo = (
        "<html id=XF><article class='message message--post' data-author=ann data-content=post-1>"
        "<div class=message-body><div class=bbWrapper>See this.<br><div class='bbCodeBlock bbCodeBlock--unfurl'>"
        "<h3 class=contentRow-header><a href=https://zoo.example/bears>Of bears</a></h3>"
        "<div class=contentRow-snippet>Bears are large.</div><div class=contentRow-minor>zoo.example</div></div>"
        "<br>It tells all.</div></div></article>"
    )

    for html in (discourse, payload, xenforo):
        assert thread_of(html).posts[0].text == "See this.\nOf bears\nIt tells all."
        assert "(https://zoo.example/bears)" in thread_of(html).posts[0].markdown


def test_a_comment_without_a_body_does_not_take_that_of_a_reply() -> None:
    html = (
        "<shreddit-post id=t3_p author=ann><h1 slot=title>Who pays?</h1></shreddit-post>"
        "<shreddit-comment thingid=t1_a author=bob><p>Comment removed by moderator</p>"
        "<shreddit-comment thingid=t1_b author=cy parentid=t1_a><div slot=comment>We do.</div></shreddit-comment>"
        "</shreddit-comment>"
    )

    assert [(post.id, post.author, post.text) for post in thread_of(html).posts] == [
        ("p", "ann", "Who pays?"),
        ("b", "cy", "We do."),
    ]


def test_an_author_in_the_footer_of_a_comment_is_read_and_a_like_button_is_not_text() -> None:
    """The markup is that of the theme Newspaper and of Jetpack's button."""
    likes = (
        "<div class='jetpack-comment-likes-widget-wrapper'><div class='likes-widget-placeholder comment-likes'>"
        "<span class='loading'>Loading...</span></div></div>"
    )
    html = "<ol class=comment-list>" + "".join(
        f"<li class='comment ' id=comment-{n}><article><footer><cite>{who}</cite><a href=#comment-{n}>"
        f"<time pubdate=17692648{n}>Jan 24, 2026 At 8:{n} am</time></a></footer>"
        f"<div class='comment-content tagdiv-type'><p>Well said.</p>{likes}</div></article></li>"
        for n, who in ((15, "Ken"), (16, "Jo"))
    )

    found = read_comments(Page("https://news.example/a", f"<p>It is so.</p>{html}</ol>".encode()), AT)

    assert found is not None
    assert [(post.author, post.date, post.text) for post in found.posts] == [
        ("Ken", "2026-01-24T08:15", "Well said."),
        ("Jo", "2026-01-24T08:16", "Well said."),
    ]


def test_votes_of_lemmy_1_are_on_the_button_and_pages_of_woltlab_6_are_counted_without_links() -> None:
    comment = (
        "<ul class=comments><li class='comment list-unstyled'><article class='details comment-node' id=comment-8>"
        "<a class=person-listing href=/u/ann>ann</a><div class=comment-content><div class=md-div>So.</div></div>"
        "<button aria-pressed=false data-tippy-content='12 Upvotes'>12</button></article></li></ul>"
    )
    pager = "<woltlab-core-pagination page=2 count=3 url='/thread/7/?a=1'></woltlab-core-pagination>"
    post = "<article class='wbbPost message' data-object-id=5><div class=messageText>So.</div></article>"

    woltlab = thread_of(post + pager)

    assert thread_of(comment).posts[0].score == 12
    assert (woltlab.page, woltlab.pages, woltlab.next) == (2, 3, "https://forum.example/thread/7/?a=1&pageNo=3")


def test_a_comment_of_slash_2_5_has_an_author_with_a_number_and_a_parent_in_a_flat_list() -> None:
    comment = (
        "<li id=tree_{0} class=comment><div id=comment_{0}><div id=comment_top_{0} class='commentTop newcomment'>"
        "<div class=title><h4><a name={0}>Re:Pay</a><span id=comment_score_{0} class=score> (Score:2)</span></h4></div>"
        "<div class=details>by {1} <span class=otherdetails id=comment_otherdetails_{0}>{2} on Sunday August 06, 2006"
        " @02:05PM (<a href='//s.example/comments.pl?sid=7&amp;cid={0}'>#{0}</a>)</span></div></div>"
        "<div class=commentBody><div id=comment_body_{0}>So.</div></div><div class=commentSub id=comment_sub_{0}>{3}"
        "</div></div></li>"
    )
    ann = "<a href='//s.example/~ann'>ann (12)</a> <a href='/faq/com-mod.shtml#cm2600'>*</a>"
    link = "<a href='//s.example/comments.pl?sid=7&amp;{}'>{}</a>"
    links = f"[ {link.format('op=Reply&amp;pid=9', 'Reply to This')} | {link.format('cid=8', 'Parent')} ]"
    mail = "&lt;<a href='mailto:cy@by.example'>cy@by.example</a>&gt;"

    thread = thread_of(
        "<ul id=commentlisting>"
        + comment.format(8, ann, "", "")
        + comment.format(9, "<a href='//s.example/~cy'>cy (7)</a>", mail, links)
        + comment.format(10, "Anonymous Coward", "", "")
        + "</ul>"
    )

    assert [(post.id, post.author, post.date, post.answers) for post in thread.posts] == [
        ("8", "ann", "2006-08-06T14:05", None),
        ("9", "cy", "2006-08-06T14:05", "8"),
        ("10", "Anonymous Coward", "2006-08-06T14:05", None),
    ]


def test_the_author_of_a_thread_is_its_opener_even_if_the_page_names_the_forum_software() -> None:
    html = (Path(__file__).parent / "cases" / "flaskbb_program" / "page.html").read_bytes()
    assert b'<meta name="author" content="FlaskBB Team"' in html

    text = extract(Page("https://forum.example/topic/1-who-pays", html, at=AT))

    assert text is not None and text.thread is not None
    assert (text.authors, text.origins["author"]) == ((text.thread.posts[0].author,), "first post")


def test_answers_in_a_plugin_for_discussions_are_the_text_and_no_comments_under_it() -> None:
    long = "Ask those who paint for a living, and show what you paint to as many people as you can. " * 9
    answer = (
        "<article id=comment-9 class='comment depth-1'><b class=fn>Bo</b><div class=comment-content>{}</div></article>"
    )
    page = "<body class='single single-{}'><article><h1>How?</h1><p>How do I begin?</article><div>{}</div></body>"
    pages = (page.format(kind, answer.format(f"<p>{long}")).encode() for kind in ("discussion-topics", "post"))

    topic, post = (read_comments(Page("https://board.example/t", html)) for html in pages)

    assert topic is None
    assert post is not None and [(one.id, one.author) for one in post.posts] == [("9", "Bo")]


def test_a_comment_has_neither_the_words_of_its_answers_nor_the_name_of_what_it_cites() -> None:
    body = "<h4 class=media-heading>{} <small>3 March 2026</small></h4><p>{}</p>"
    media = "<div id=comment-{} class='comment depth-{} media'><div class=media-body>{}{}</div></div>"
    answer = media.format(8, 2, body.format("Cy", "Nor do I."), "")
    said = body.format("Bo", "As <cite>The Times</cite> said, nobody knows.")
    rules = "<div id=comment-guidelines class='comment depth-1'><div class=comment-content>Be kind.</div></div>"
    html = f"<h1>A mast breaks</h1><div class=comment-list>{rules}{media.format(7, 1, said, answer)}</div>"

    found = read_comments(Page("https://blog.example/a", html.encode()))

    assert found is not None
    assert [(post.id, post.author, post.text) for post in found.posts] == [
        ("7", "Bo", "As The Times said, nobody knows."),
        ("8", "Cy", "Nor do I."),
    ]
