"""Forms to comment with, and comments, are not part of an article's text, whatever they are called."""

from __future__ import annotations

import re

import pytest
from programs.small_articles import read

from extractor.article.comment_phrases import counts, invites, is_note, may_tell, names
from extractor.html.page import Page
from extractor.reading import extract

ENGLISH = (
    "The Zhongguancun Forum opened on Thursday in the north of the city, with guests from more than eighty countries.",
    "Nearly one hundred and twenty speakers talked about quantum networks, about seeds that need less water, and about "
    "who should pay for the telescopes of the next decade.",
    "“We came to compare our measurements with those of our neighbours,” said Marta Lindqvist, who leads the "
    "delegation.",
    "The next forum opens in May of next year, once more in the north of the city, and it will be open to the public.",
)
CHINESE = (
    "2026年中关村论坛年会周四在京开幕，来自八十多个国家和地区的嘉宾出席了开幕式。",
    "近一百二十位演讲者围绕量子网络、节水种子以及下一个十年望远镜的经费问题作了报告，会场内外讨论热烈。",
    "“我们来这里是为了把我们的测量结果与邻居的结果进行比较。”海峡委员会代表团团长林德奎斯特说。",
    "下一届论坛将于明年五月在同一会场举行，届时将首次向公众全面开放，并同步进行网络直播和手语翻译。",
)
SAID = (
    ("Ada Quist", "May 26, 2026 at 9:14 am", "Thanks for the transcripts, they were a great help to my students."),
    ("Tom Brandreth", "May 27, 2026 at 10:02 am", "I was in the second session, and the seeds were the best part."),
    ("Ines Moreau", "May 28, 2026 at 7:45 pm", "Does anybody know whether the slides of that session are public?"),
)
AKISMET = "<p>This site uses Akismet to reduce spam. <a href=/a>Learn how your comment data is processed.</a></p>"
FIELDS = (
    "<p>Your email address will not be published. Required fields are marked *</p><p>Comment* <textarea></textarea></p>"
    "<p>Name* <input></p><p><input type=checkbox> Save my name, email, and website in this browser for the next time I "
    "comment.</p><p><input type=submit value='Post Comment'></p>"
)
ZH_FIELDS = (
    "<p>电子邮件地址不会被公开。必填项已用*标注</p><p>评论* <textarea></textarea></p><p>姓名* <input></p><p>"
    "验证码：<input></p>"
    "<p><input type=checkbox> 在此浏览器中保存我的姓名、电子邮件地址和网站，以便下次评论时使用。</p>"
)
FORMS = {
    "wordpress": "<div id=respond class=comment-respond><h3 id=reply-title>Leave a Reply <small><a href=#>Cancel "
    "reply</a>"
    f"</small></h3><form>{FIELDS}</form></div>{AKISMET}",
    "box": f"<div class=box><h3>Leave a Comment</h3><form>{FIELDS}</form></div>{AKISMET}",
    "in the column": f"<h3>Leave a Comment</h3>{FIELDS}{AKISMET}",
    "form in the column": f"<h3>Leave a Comment</h3><form>{FIELDS}</form>{AKISMET}",
    "without form": f"<div class=box><h3>Post a comment</h3><div>{FIELDS}</div><p>Comments are moderated and will not "
    "appear until they are approved by the editor of the site, which may take a day or two.</p></div>",
    "recaptcha": f"<div class=box><h3>Leave a Comment</h3><form>{FIELDS}</form></div><p>This site is protected by "
    "reCAPTCHA and the Google <a href=/p>Privacy Policy</a> and <a href=/t>Terms of Service</a> apply.</p>",
    "disqus": "<h2>Comments</h2><div id=disqus_thread></div><noscript><p>Please enable JavaScript to view the <a "
    "href=/>"
    "comments powered by Disqus.</a></p></noscript>",
    "giscus": "<h2>Comments</h2><div class=giscus></div><noscript>Please enable JavaScript to load the "
    "comments.</noscript>",
    "drupal": "<ul class='links inline'><li><a href=/in>Log in</a> or <a href=/up>register</a> to post "
    "comments</li></ul>",
    "closed": "<p>Comments are closed.</p>",
    "joomla": "<h4>Add comment</h4><form id=comments-form><p><input><label>Name (required)</label></p><p><textarea>"
    "</textarea></p><p>Refresh</p></form>",
    "german": f"<h3>Schreibe einen Kommentar</h3><p>Deine E-Mail-Adresse wird nicht veröffentlicht.</p>{FIELDS}",
    "french": "<h3>Laisser un commentaire</h3><p>Votre adresse e-mail ne sera pas publiée, et les commentaires "
    "sont lus "
    "par la rédaction avant d'être publiés.</p><p><textarea></textarea></p>",
    "z-blog": "<div class=bx><p class=t>发表评论:</p><p><input> 名称(*)</p><p>正文(*)</p><p><textarea></textarea></p>"
    "<p>◎欢迎参与讨论，请在这里发表您的看法、交流您的观点。</p></div>",
    "chinese": f"<h3>发表评论</h3>{ZH_FIELDS}<p>本站使用Akismet来减少垃圾评论。<a href=/a>"
    "了解您的评论数据如何被处理</a>。</p>",
    "dedecms": "<div class=mt1><dl class=tbox><dt><strong>发表评论</strong></dt><dd><form><small>"
    "请自觉遵守互联网相关的政策法规，"
    "严禁发布色情、暴力、反动的言论。</small><textarea></textarea>用户名:<input>验证码:<input></form></dd></dl></div>",
    "empire cms": "<table><tr><td><strong>发表评论</strong></td><td>共有 0 条评论</td></tr><tr><td colspan=2>"
    "用户名: <input> "
    "验证码: <input></td></tr><tr><td colspan=2><textarea></textarea></td></tr></table>",
    "portal": "<div class=pl><h3>网友评论</h3><p>文明上网理性发言，请遵守新闻评论服务协议</p><p>0人参与 "
    "0条评论</p><textarea>"
    "</textarea><p>网友评论仅供其表达个人看法，并不表明本站同意其观点或证实其描述。</p></div>",
    "changyan": "<div id=SOHUCS><h3>网友评论</h3><span>0人参与，0条评论</span><textarea></textarea><div>"
    "还没有评论，快来抢沙发吧！"
    "</div><a href=/>畅言云评 正在使用畅言</a></div>",
}
PLAIN = "".join(f"<div class=it><b>{name}</b> <span>{at}</span><p>{said}</p></div>" for name, at, said in SAID)
WALINE = "".join(
    f"<div class=wl-card-item id=c{number}><div class=wl-head><span class=wl-nick>{name}</span><span class=wl-time>{at}"
    f"</span></div><div class=wl-content><div><p>{said}</p></div></div></div>"
    for number, (name, at, said) in enumerate(SAID)
)
COMMENTS = {
    "unmarked": f"<div class=box><h3>3 Comments</h3>{PLAIN}</div><div class=box><h3>Leave a Comment</h3>{FIELDS}</div>",
    "waline": "<div id=waline><div><div class=wl-panel><textarea></textarea><div>0 Words</div></div><div "
    "class=wl-count>"
    f"<span>3</span> Comments</div><div>{WALINE}</div><div>Powered by <a href=/>Waline</a> v3</div></div></div>",
    "nameless": f"<div class=box>{PLAIN}</div>",
}
FORUM_NEWS = "https://post.example/2026/zhongguancun-forum"
PLACES = {
    "in the body": "<div class=wrap><article><h1>{0}</h1><div class=entry-content>{1}{2}</div></article></div>",
    "in the article": "<div class=wrap><article><h1>{0}</h1><div class=entry-content>{1}</div>{2}</article></div>",
    "below it": "<div class=wrap><div class=c1><h1>{0}</h1>{1}</div>{2}</div>",
    "beside its paragraphs": "<div class=wrap><h1>{0}</h1>{1}{2}</div>",
    "in the form of the page": "<form id=aspnetForm><div class=wrap><div class=c1><h1>{0}</h1>{1}{2}</div></div>"
    "</form>",
}


def article(place: str, under: str, *, url: str = "https://post.example/2026/forum-opens.html") -> Page:
    """Make a page with an article and something under it, in one of the places above."""
    said = CHINESE if any(letter >= "\u4e00" for letter in under) else ENGLISH
    title = "中关村论坛开幕" if said is CHINESE else "The forum opens"
    body = place.format(title, "".join(f"<p>{line}</p>" for line in said), under)
    html = (
        f"<html><head><title>{title} - The Post</title></head><body><nav><a href=/>Home</a> <a href=/a>Science</a>"
        "</nav>"
        f"{body}<footer>© The Post 2026</footer></body></html>"
    )
    return Page(url, html.encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_a_form_to_comment_with_is_not_part_of_the_text(place: str, form: str) -> None:
    text = extract(article(place, form))

    assert text is not None
    assert text.text.split("\n") == list(ENGLISH if text.language == "en" else CHINESE)


@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
@pytest.mark.parametrize("name", ["unmarked", "waline"])
def test_comments_below_their_heading_are_not_part_of_the_text(place: str, name: str) -> None:
    text = extract(article(place, COMMENTS[name], url="https://post.example/2026/tides.html"))

    assert text is not None
    assert text.text.split("\n") == list(ENGLISH)


@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
@pytest.mark.parametrize("name", list(COMMENTS))
def test_an_article_about_a_forum_keeps_its_text_and_has_its_comments_apart(place: str, name: str) -> None:
    text = extract(article(place, COMMENTS[name], url=FORUM_NEWS))

    assert text is not None
    assert text.text.split("\n") == list(ENGLISH)
    assert text.thread is not None
    assert [(post.author, post.text) for post in text.thread.posts] == [(name, said) for name, _, said in SAID]


@pytest.mark.parametrize("first", ["on", "Thursday", "Nice", "So on and so forth"])
def test_a_short_first_comment_costs_no_text_of_the_article(first: str) -> None:
    comments = PLAIN.replace(SAID[0][2], first, 1)

    text = extract(article(PLACES["below it"], f"<div class=box>{comments}</div>", url=FORUM_NEWS))

    assert text is not None
    assert text.text.split("\n") == list(ENGLISH)


def test_posts_on_the_host_of_a_forum_are_its_text() -> None:
    page = article(PLACES["below it"], COMMENTS["nameless"], url="https://forum.example/t/7")

    text = extract(page)

    assert text is not None
    assert text.text.split("\n") == [said for _, _, said in SAID]


def test_a_comment_that_repeats_a_paragraph_does_not_remove_it_from_the_article() -> None:
    said = "".join(
        f"<li id=comment-{number} class='comment depth-1'><div class=comment-author><b class=fn>{name}</b></div>"
        f"<div class=comment-content><p>{ENGLISH[number]}</p><p>{line}</p></div></li>"
        for number, (name, _, line) in enumerate(SAID)
    )
    page = article(PLACES["in the article"], f"<div id=comments><ol class=comment-list>{said}</ol></div>")

    text = extract(page)

    assert text is not None
    assert text.text.split("\n") == list(ENGLISH)
    assert text.thread is not None
    assert len(text.thread.posts) == 3


LONG = (
    "<p>The office of the harbour reads each of them, and it answers those that ask something, within a day or two.</p>"
)


@pytest.mark.parametrize("heading", ["Comments", "Leave a comment", "Feedback", "评论"])
def test_a_section_with_such_a_heading_stays(heading: str) -> None:
    text, _ = read(f"{LONG * 3}<h2>{heading}</h2>{LONG}<h2>Tides</h2>{LONG}")

    assert heading in text.split("\n")
    assert text.count("The office of the harbour") == 5


def test_a_link_to_the_comments_between_two_parts_ends_nothing() -> None:
    text, _ = read(f"{LONG * 3}<p><a href=#c>3 Comments</a></p>{LONG}")

    assert text.count("The office of the harbour") == 4


@pytest.mark.parametrize(
    "line",
    ["Leave a Reply Cancel reply", "Post a comment", "发表评论:", "我来说两句", "发表回复 取消回复", "コメントを残す"],
)
def test_an_invitation_is_recognized(line: str) -> None:
    assert may_tell(line)
    assert invites(line)


@pytest.mark.parametrize(
    "line", ["3 Comments", "已有 3 条评论", "3 thoughts on “The forum”", "Comments (12)", "2 Kommentare"]
)
def test_a_count_is_recognized(line: str) -> None:
    assert may_tell(line)
    assert counts(line)
    assert not names(line)


@pytest.mark.parametrize(
    "line",
    [
        "Leave a comment on the tides of the north, she said.",
        "The 3 comments came from the harbour.",
        "网友评论说，今年的论坛比去年更热闹。",
        "Comments are closed circuits in this language.",
        "Please log in to the harbour office on Monday.",
        "Sign in to your dashboard and delete all old comments.",
        "Log in to your dashboard to view the comments of the week.",
        "登录后台，逐条审核评论。",
        "登录后台删除评论",
        "登录后先逐条审核评论。",
        "评论员文章",
    ],
)
def test_sentences_about_comments_are_neither(line: str) -> None:
    assert not (invites(line) or counts(line) or names(line) or is_note(line))


RESPOND = f"<div id=respond class=comment-respond><h3>Leave a Reply</h3><form>{FIELDS}</form></div>"
CONTACT = "<div id=contact><form><textarea name=message></textarea></form></div>"
FILM = "<iframe src=https://films.example/embed/tides></iframe>"
ZH_SHORT = (
    "论坛的影响仍有待观察，学界看法不一。",
    "有学者认为，开放数据才是最大的收获。",
    "也有人担心经费无以为继，呼吁设立基金。",
)
ENDINGS = {
    "python and a form": (f"<h2>Comments</h2>{LONG}<pre># a comment</pre>{LONG}<h2>Names</h2>{LONG}", RESPOND),
    "python and disqus": (f"<h2>Comments</h2>{LONG}<h2>Names</h2>{LONG}", "<div id=disqus_thread></div>"),
    "feedback and a contact form": (f"<h2>Feedback</h2>{LONG}", CONTACT),
    "a response and a film": (f"<h2>Response</h2>{LONG}{FILM}", ""),
    "a reply in a dialogue and a film": (f"<p>Reply:</p>{LONG}{FILM}", ""),
    "readers' comments in Chinese": (f"<h3>网友评论</h3>{LONG}", RESPOND),
    "how to comment and a contact form": (f"<h3>发表评论</h3>{LONG}", CONTACT),
    "a form to look at": (f"<h2>Comments</h2>{LONG}<textarea></textarea>{LONG}", ""),
    "responses that are counted": (f"<h2>3 Responses to the Crisis of the Telescopes</h2>{LONG}", ""),
    "responses that are counted and a form": (f"<h2>3 Responses</h2>{LONG * 3}", RESPOND),
    "an interview": ("<h3>Response</h3><p>We never asked for it.</p><h3>Reply</h3><p>It is not true, he said.</p>", ""),
    "a list of parts": ("<ul><li>Posts</li><li>Comments</li><li>Likes and shares</li></ul>", RESPOND),
    "a list of steps": ("<ul><li>Make an account</li><li>Post a comment</li><li>Win a telescope</li></ul>", ""),
    "short paragraphs": ("<h2>Feedback</h2><p>Write to us before 3 May.</p><p>We answer within two days.</p>", RESPOND),
}


@pytest.mark.parametrize("heading", ["评论", "回复", "评论区"])
@pytest.mark.parametrize("under", ["", RESPOND], ids=["nothing", "a form"])
def test_short_sentences_below_such_a_heading_stay(heading: str, under: str) -> None:
    section = f"<h2>{heading}</h2>{''.join(f'<p>{line}</p>' for line in ZH_SHORT)}"

    text = extract(article(PLACES["in the body"], section + under))

    assert text is not None
    assert text.text.split("\n") == [*CHINESE, heading, *ZH_SHORT]


@pytest.mark.parametrize(("section", "under"), ENDINGS.values(), ids=list(ENDINGS))
def test_a_section_about_comments_stays_whatever_is_below_it(section: str, under: str) -> None:
    html = f"<article><h1>Tides</h1><div class=entry-content>{LONG * 3}{section}</div></article>{under}"
    page = Page("https://post.example/2026/tides.html", f"<body>{html}</body>".encode(), "text/html; charset=utf-8")
    parts = [part for part in re.split(r"<[^>]*>", section) if part]

    text = extract(page)

    assert text is not None
    assert [part for part in parts if part not in text.text] == []
    assert text.text.count("The office of the harbour") == section.count("The office of the harbour") + 3
    assert "Required fields" not in text.text


ANSWERS = [
    f"Answer {number} says at some length how a telescope is cleaned, with {number} cloths." for number in "1234"
]


@pytest.mark.parametrize("path", ["t/12", "questions/12/telescope", "forum/topic/12"])
@pytest.mark.parametrize("count", ["2 Answers", "2 Replies", "2 Responses"])
@pytest.mark.parametrize("last", ["<p>It is done.</p>", f"<p>{ANSWERS[3]}</p>"], ids=["read as posts", "read badly"])
def test_answers_below_their_count_are_in_the_text_or_in_the_thread(path: str, count: str, last: str) -> None:
    asked = "".join(f"<p>{line}</p>" for line in ENGLISH)
    answers = "".join(
        f"<div class=answer id=a{day}><div class=post-text>{said}</div><div><span class=author>{name}</span> "
        f"<time datetime=2026-05-2{day}T09:14:00>May 2{day}, 2026</time></div></div>"
        for day, name, said in (
            (2, "Tom Brand", f"<p>{ANSWERS[0]}</p><p>{ANSWERS[1]}</p>"),
            (4, "Ines Moreau", f"<p>{ANSWERS[2]}</p>{last}"),
        )
    )
    html = (
        f"<body><main><h1>How?</h1><div class=question>{asked}</div><div class=answers><h2>{count}</h2>{answers}</div>"
        "</main></body>"
    )

    text = extract(Page(f"https://qa.example/{path}", html.encode(), "text/html; charset=utf-8"))

    assert text is not None
    found = text.text + (text.thread.text if text.thread is not None else "")
    assert [line for line in (*ENGLISH, *ANSWERS[:3]) if line not in found] == []


def test_posts_that_are_only_names_take_no_answers_from_the_text() -> None:
    asked = "".join(f"<p>{line}</p>" for line in ENGLISH)
    answers = "".join(
        f"<div class=answer id=a{day}><div class=post-text><p>{ANSWERS[day - 1]}</p><p>{ANSWERS[day]}</p></div>"
        f"<span class=author>{name}</span> <time datetime=2026-05-2{day}T09:14:00>May 2{day}, 2026</time></div>"
        for day, name in ((1, "Tom Brand"), (3, "Ines Moreau"))
    )
    html = (
        f"<body><main><h1>How?</h1><div class=question><div class=post-text>{asked}</div><div class=user>asked by Ada "
        "Quist <time datetime=2026-05-20T09:14:00>May 20, 2026</time></div></div><div class=answers><h2>2 Answers</h2>"
        f"{answers}</div></main></body>"
    )

    text = extract(Page("https://qa.example/questions/12/telescope", html.encode(), "text/html; charset=utf-8"))

    assert text is not None
    found = text.text + (text.thread.text if text.thread is not None else "")
    assert [line for line in (*ENGLISH, *ANSWERS[:3]) if line not in found] == []


@pytest.mark.parametrize("own", ["", "<p>Source?</p>"])
def test_comments_that_quote_the_article_take_nothing_from_it(own: str) -> None:
    said = [f"Paragraph {number} says of the telescopes of decade {number} what no other does." for number in range(10)]
    quoting = "".join(
        f"<li class=comment id=comment-{number}><article class=comment-body><footer><b class=fn>{name}</b> <time>{at}"
        f"</time></footer><div class=comment-content><p>{said[number]}</p><p>{said[number + 1]}</p>{own}</div>"
        "</article></li>"
        for number, (name, at, _) in zip((1, 6), SAID[:2], strict=True)
    )
    above = "".join(f"<p>{line}</p>" for line in said)
    html = f"<body><article>{above}</article><div id=comments><ol class=comment-list>{quoting}</ol></div></body>"

    text = extract(Page("https://post.example/tides", html.encode(), "text/html; charset=utf-8"))

    assert text is not None
    assert text.text.split("\n") == said


@pytest.mark.parametrize(
    "line",
    [
        "You must be logged in to post a comment.",
        "Log in or register to post comments",
        "Please sign in to comment.",
        "Sign in with your account to leave a new comment on this article.",
        "Please log in to your account to view the comments",
        "登录后才能发表评论",
        "请先登录后发表评论",
        "您需要登录后才可以回复",
        "登录后即可参与评论。",
        "登录后评论",
        "Comments are closed.",
    ],
)
def test_a_note_about_who_may_comment_is_recognized(line: str) -> None:
    assert is_note(line)


def test_a_last_sentence_about_comments_stays() -> None:
    text, _ = read(f"{LONG * 6}<p>Sign in to your dashboard and delete all old comments.</p>")

    assert text.endswith("delete all old comments.")


@pytest.mark.parametrize("repeated", [(2,), (2, 3), (0, 1, 2, 3, 4)])
def test_comments_of_wordpress_that_repeat_paragraphs_remove_none_of_the_article(repeated: tuple[int, ...]) -> None:
    prose = [f"The {name} ferry waits for the tide beside the harbour wall, as it did each day." for name in "ABCDE"]
    head = "<footer class=comment-meta><b class=fn>Bo Lund</b><time datetime=2026-03-09>9 March</time></footer>"
    comment = f"<li id=comment-{{}} class='comment depth-1'>{head}<div class=comment-content>{{}}</div>"
    text = [f"<p>{text}</p>" for text in prose]
    article = f"<article><h1>A mast breaks</h1><div class=entry-content>{''.join(text)}</div></article>"

    for comments in ("".join(comment.format(one, text[one]) for one in repeated), comment.format(9, "".join(text))):
        page = Page("https://blog.example/a", f"{article}<ol class=comment-list>{comments}</ol>".encode())
        assert (found := extract(page)) is not None and found.text.split("\n") == prose
