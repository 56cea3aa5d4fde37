"""The blocks of a page and their containers, and what is not a block."""

from __future__ import annotations

import pytest

from extractor.article.blocks import KIND, LANDMARKS, Blocks, blocks_of
from extractor.html.page import Page
from extractor.reading import extract

PROSE = "The ferry now waits for the tide, and the tide for nobody, which the harbour master calls a step forward. "
ARTICLE = f"<h1>Tide</h1><p>{PROSE * 2}</p><p>{PROSE}</p>"


def read(part: str, *, thread: bool = False) -> Blocks:
    return blocks_of(Page("", f"<body><div id=top>{ARTICLE}</div>{part}</body>".encode()), thread=thread)


def test_unbroken_text_in_one_element_is_a_block() -> None:
    blocks = blocks_of(Page("", b"<body>a <b>b</b> c<p>d\n  e</p>f<br>g<pre>h\n  i</pre></body>"))

    assert blocks.texts == ["a b c", "d e", "f", "g", "h\n  i"]
    assert [blocks.kind[holder] for holder in blocks.holder] == [
        KIND[tag] for tag in ("body", "p", "body", "body", "pre")
    ]


def test_containers_hold_the_blocks_from_first_to_end() -> None:
    blocks = blocks_of(Page("", b"<body><div><p>a</p><ul><li>b<li>c</ul></div><p>d</p></body>"))

    held = {
        blocks.nodes[number].tag: blocks.texts[blocks.first[number] : blocks.end[number]]
        for number in range(len(blocks.nodes))
    }
    assert held["body"] == ["a", "b", "c", "d"]
    assert held["div"] == ["a", "b", "c"]
    assert held["ul"] == ["b", "c"]
    assert blocks.landmarks[blocks.holder[1]] & LANDMARKS["ul"]
    assert [blocks.alike[holder] for holder in blocks.holder] == [1, 2, 2, 1]


def test_the_letters_of_links_are_counted() -> None:
    blocks = blocks_of(Page("", b"<body><p>one <a href=/>two <b>three</b></a></p></body>"))

    assert (blocks.texts, blocks.linked) == (["one two three"], [len("twothree")])


OUT = [
    "<form><p>Please enter your comment!</p><input></form>",
    "<div><textarea></textarea><span>Please enter your comment!</span></div>",
    "<div class='td-comments'><p>I disagree.</p></div>",
    "<article role=comment><p>I disagree.</p></article>",
    "<div itemprop=comment><p>I disagree.</p></div>",
    "<div itemscope itemtype='https://schema.org/Comment'><p>I disagree.</p></div>",
    "<nav><a href=/>Home</a></nav>",
    "<div role=navigation><a href=/>Home</a></div>",
    "<div class=relatedPosts><a href=/1>More</a></div>",
    "<div class=paywall-overlay><p>Subscribe to go on.</p></div>",
    "<div class=regwall-prompt><p>Register to go on.</p></div>",
    "<div class=article-regwall__message><p>Register to go on.</p></div>",
    "<div id=leaky_paywall_message><p>Become a member.</p></div>",
    "<div class='pmpro_card pmpro_content_message'><p>You must be a member.</p></div>",
    "<div class=mepr-unauthorized-message><p>You are unauthorized.</p></div>",
    "<header>Gazette</header>",
    "<footer>Imprint</footer>",
    "<noscript>Please turn on JavaScript.</noscript>",
    "<div hidden>Nobody sees this</div>",
    "<div style='color:red; display : none'>Nobody sees this</div>",
    "<div aria-hidden=true>Nobody hears this</div>",
    "<div class='box hidden'>Nobody sees this</div>",
    "<div class='d-none'>Nobody sees this</div>",
    "<p class=byline>By Ada Quist</p>",
    "<div><time datetime=2026-01-01>1 January</time></div>",
    "<p class=post-disclaimer>The views are those of their author.</p>",
    "<section class=usa-banner><p>Offices of the state have addresses of this kind.</p></section>",
    "<script>x()</script><style>x{}</style>",
    "<button>Share</button>",
    "<div class=post-list><p>Another story</p></div>",
    "<ul class=mod_top_news><li>Another story</li></ul>",
    "<div class=article__sign-in-group><p>One account for all</p></div>",
    "<div class=testimonials><p>A newsletter that changed my life</p></div>",
    "<h2><span class=mw-editsection>[edit]</span></h2>",
    "<section id=comments><h2>Comments <a href=#comments>#</a></h2><p>I disagree.</p></section>",
    "<div class='c-layout__sidebar'><p>About us</p></div>",
    "<div class='layout-sidebar'><p>About us</p></div>",
    "<section id=respond-to-us><h2>Respond to us</h2><p>I disagree.</p></section>",
    "<h2 id=share>Share</h2>",
    "<div class='sidebar-right'><p>More</p></div>",
    "<div class=postbox_root__ad><p>Buy</p></div>",
]


@pytest.mark.parametrize("part", OUT)
def test_an_element_excluded_by_its_markup_is_not_a_block(part: str) -> None:
    assert read(part).texts == read("").texts


STAYS = [
    "<div class=commentary><p>An editorial.</p></div>",
    "<p>On <time datetime=2026-01-01>1 January</time> it rained.</p>",
    "<blockquote>It rained. <footer>Ada Quist</footer></blockquote>",
    "<article><header>Late</header></article>",
    "<p class=usa>In the states, it rained.</p>",
    "<div class=paywall><p>What only subscribers read is text.</p></div>",
    "<div class=regwall><p>What only members read is text.</p></div>",
    "<div class=article-regwall__body><p>What only members read is text.</p></div>",
    "<div class=paywall-overlay-content><p>What only subscribers read is text.</p></div>",
    "<p class=message>What the harbour says is text.</p>",
    "<div aria-hidden=false>Heard</div>",
    "<p>Please enter your comment! is what the sign said.</p>",
    "<div class='hidden md:block'>Seen on wide screens</div>",
    "<div class='d-none d-sm-block'>Seen on wide screens</div>",
    "<p><b aria-hidden=true>Eat slowly.</b></p>",
    "<button aria-controls=a>Ask</button><div id=a hidden>What a control opens</div>",
    "<a role=tab aria-controls='b a'>macOS</a><section id=a role=tabpanel aria-hidden=true hidden>Panel</section>",
    "<h3><button>What does it cost?</button></h3>",
    "<button><div><h3>What does it cost?</h3></div></button>",
    "<h2 id=what-share-of-adolescents-is-well>What share of adolescents is well?</h2>",
    "<section id=reply-to-comments><h2>Reply to comments<a href=#reply-to-comments>¶</a></h2><p>So.</p></section>",
    "<aside class='footnote-list brackets'><p>See the first part.</p></aside>",
    "<div class='table_root__adKqa'><p>Of no advertisement</p></div>",
    "<div class='blog-main sidebar-enabled--false'><p>No bar</p></div>",
    "<div class='page-grid-toc-content-sidebar'><p>No bar either</p></div>",
    "<div class='with-sidebar'><p>No bar either</p></div>",
    "<pre class='overflow-auto [html.sidebar_&]:p-2'>code</pre>",
    "<div class='top-of-news topnews'><p>Words of others</p></div>",
]


@pytest.mark.parametrize("part", STAYS)
def test_an_element_without_such_markup_stays(part: str) -> None:
    assert len(read(part).texts) > len(read("").texts)


@pytest.mark.parametrize("name", ["paywall-overlay", "paywall-message", "regwall-gate", "article-paywall-prompt"])
def test_a_box_of_a_paywall_with_much_running_text_is_the_rest_of_the_article(name: str) -> None:
    def texts_with(said: str) -> list[str]:
        return read(f"{ARTICLE * 4}<div class={name}><p>{said}</p></div>").texts

    rest, notice = PROSE * 7, "Subscribe to go on, and read each article of the month before the tide comes in again."

    assert texts_with(rest)[-1] == rest.strip()
    assert texts_with(notice) == read(ARTICLE * 4).texts


@pytest.mark.parametrize("wrapper", ["div class=share", "form", "div style=display:none", "aside", "noscript"])
def test_the_container_of_the_article_stays_whatever_its_name(wrapper: str) -> None:
    html = f"<body><{wrapper}>{ARTICLE}</{wrapper.partition(' ')[0]}><p>x</p></body>"
    blocks = blocks_of(Page("", html.encode()))

    assert PROSE.strip() in blocks.texts


@pytest.mark.parametrize(
    "frame", ["div class=no-sidebar", "form", "div class=content-sidebar-wrap", "div class=disclaimer"]
)
def test_a_frame_around_most_of_the_prose_stays_whatever_its_class_says(frame: str) -> None:
    longer = f"<p>{PROSE * 4}</p>"

    assert (PROSE * 4).strip() in read(f"<{frame}>{longer}</{frame.partition(' ')[0]}>").texts


@pytest.mark.parametrize("frame", ["div class=consent-given", "div class='wp-block-query is-layout'"])
def test_a_frame_around_nearly_all_of_the_prose_stays_whatever_its_class_says(frame: str) -> None:
    longer = f"<p>{PROSE * 12}</p>"

    assert (PROSE * 12).strip() in read(f"<{frame}>{longer}</{frame.partition(' ')[0]}>").texts


@pytest.mark.parametrize(
    "part",
    [
        "footer",
        "div role=complementary",
        "aside",
        "div class='wp-block-query is-layout'",
        "div id=some-consent-sdk",
    ],
)
def test_an_element_marked_as_apparatus_by_tag_or_role_is_not_text_even_if_it_is_longer(part: str) -> None:
    longer = f"<p>{PROSE * 4}</p>"

    assert read(f"<{part}>{longer}</{part.partition(' ')[0]}>").texts == read("").texts


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("main", "class=some-consent-sdk"),
        ("article", "class=some-consent-sdk"),
        ("main", "id=CookieBox role=dialog aria-modal=true"),
        ("main", "id=privacy role=alertdialog"),
        ("main", "id=usercentrics-root"),
    ],
)
def test_a_consent_dialog_many_times_as_long_as_the_text_is_not_text(text: str, named: str, first: bool) -> None:
    article = f"<{text}><h1>Tide</h1><p>{PROSE}</p></{text}>"
    dialog = f"<div {named}><h2>Your privacy</h2>{f'<p>{PROSE} Cookies.</p>' * 20}<button>Accept all</button></div>"
    page = Page("https://harbour.example/", f"<body>{dialog + article if first else article + dialog}".encode(), "")

    assert "Cookies" not in "".join(blocks_of(page).texts)


def test_a_heading_with_a_link_to_its_own_place_is_text_whatever_its_class_says() -> None:
    link = "<a href='#tools' class=hash-link title='Direct link to Tools'></a>"

    assert "Tools" in read(f"<h2 class='anchor anchorTargetStickyNavbar_Vzrq' id=tools>Tools{link}</h2>").texts
    assert "Tools" not in read("<h2 class='anchor anchorTargetStickyNavbar_Vzrq' id=tools>Tools</h2>").texts


@pytest.mark.parametrize(
    "page", ["<h1>The Harbour</h1><p>The list of all articles.</p>", f"<h1>A teaser</h1><p>{PROSE}</p>"]
)
@pytest.mark.parametrize(
    "frame", ["div class='post tag-consent'", "div role=dialog", "dialog open", "section class=informed-consent"]
)
def test_an_article_in_a_dialog_or_about_consent_is_text(frame: str, page: str) -> None:
    about = f"<{frame}>{f'<p>{PROSE} Consent to cookies.</p>' * 20}<button>Close</button></{frame.partition(' ')[0]}>"
    read = blocks_of(Page("https://harbour.example/", f"<body><main>{page}</main>{about}".encode(), ""))

    assert "Consent" in "".join(read.texts)


def test_an_element_marked_as_apparatus_by_class_is_not_text_beside_a_longer_one() -> None:
    assert read(f"<div class=recommend-list><p>{PROSE * 2}</p></div>").texts == read("").texts


def test_the_hidden_source_of_a_page_is_not_text() -> None:
    assert read(f"<pre hidden># Tide\n\n{PROSE * 3}</pre>").texts == read("").texts
    assert len(read(f"<pre># Tide\n\n{PROSE * 3}</pre>").texts) > len(read("").texts)


def test_a_button_in_a_heading_is_not_part_of_it() -> None:
    assert read("<h2>Enum Result<button>Copy item path</button></h2>").texts[-1] == "Enum Result"


def test_comments_in_code_are_code() -> None:
    code = "<span class='token comment'># set it once</span>\nport = 80 <span class=hljs-comment># of all</span>"

    assert read(f"<pre><code>{code}</code></pre>").texts[-1] == "# set it once\nport = 80 # of all"
    assert read(f"<p>{code}</p>").texts[-1] == "port = 80"


def test_in_a_discussion_posts_are_text_and_the_reply_form_is_not() -> None:
    part = "<div class=comment><p>I disagree.</p></div><form><p>Be kind.</p><textarea></textarea></form>"

    assert read(part, thread=True).texts[-1] == "I disagree."
    assert read(part).comments == len("Idisagree.")


def test_the_content_of_an_entry_is_not_a_form_even_if_controls_are_beside_it() -> None:
    column = (
        "<div><div id=artibody><p>The ferry waits for the tide today.</p></div><div><textarea></textarea></div></div>"
    )

    assert "The ferry waits for the tide today." in read(column).texts
    assert "The ferry waits for the tide today." not in read(column.replace("artibody", "x")).texts


def test_a_hidden_dialog_is_not_text_even_with_an_h1() -> None:
    window = "<div style='display:none'><h1>Sent!</h1><p>We have sent you an email with a new password.</p></div>"

    assert read(window).texts == read("").texts


def test_comment_guidelines_are_not_text_of_a_discussion() -> None:
    part = "<div class=comment><p>I disagree.</p></div><div class=comment-guidelines><p>Please be brief.</p></div>"

    assert read(part, thread=True).texts[-1] == "I disagree."


@pytest.mark.parametrize(
    "said", ["The ferry waits for the tide.", "The ferry waits for the tide, and the harbour for both."]
)
def test_the_form_below_a_short_article_is_not_a_comment(said: str) -> None:
    note = "Your email address will not be published. Required fields are marked *"
    form = f"<form id=commentform><p class=comment-notes>{note}</p><textarea name=comment></textarea></form>"
    reply = f"<div id=respond class=comment-respond><h3>Leave a reply</h3>{form}</div>"
    below = f"<div id=comments>\n\n    <h2>Comments</h2>\n\n\n    {reply}\n\n</div>"
    written = "<div id=comments><div class=comment>So it does, and so do we, and the tide waits for nobody.</div></div>"

    assert _text(f"<article><h1>Tides</h1><p>{said}</p></article>{below}") == said
    assert (
        _text(f"<article><h1>Tides</h1></article>{written}")
        == "So it does, and so do we, and the tide waits for nobody."
    )


def _text(body: str) -> str:
    text = extract(Page("https://a.example/x", f"<body>{body}</body>".encode()))
    return text.text if text is not None else ""


@pytest.mark.parametrize(
    "heading",
    [
        "<h2>Readings<a class=headerlink href=#readings title='Link to this heading'>¶</a></h2>",
        "<h2>Readings<a href=#readings>\uf0c1</a></h2>",
        "<h3><a class=anchor href=#readings>#</a> Readings</h3>",
        "<h2>Readings <a href=/guide#readings aria-label='Permalink to Readings'>\u200b</a></h2>",
        "<dl><dt>Readings<a class=headerlink href=#readings>¶</a></dt></dl>",
        "<table><caption>Readings<a class=headerlink href=#readings>¶</a></caption><tr><th>Time<td>6</table>",
    ],
)
def test_the_sign_of_a_link_of_a_heading_to_itself_is_not_text(heading: str) -> None:
    assert blocks_of(Page("", heading.encode())).texts[0] == "Readings"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h2>Notes <a href=#1>1</a></h2>", "Notes 1"),
        ("<h2><a href=#sharp>C#</a></h2>", "C#"),
        ("<h2>Notes <a href=/next>→</a></h2>", "Notes →"),
        ("<p>A dagger<a href=#n>†</a></p>", "A dagger†"),
        ("<h2><a href=#what>???</a></h2>", "???"),
    ],
)
def test_other_links_of_a_heading_and_signs_in_paragraphs_are_text(html: str, text: str) -> None:
    assert blocks_of(Page("", html.encode())).texts[0] == text
