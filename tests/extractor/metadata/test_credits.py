"""Authors on pages without a marked by-line."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.metadata.metadata import Metadata, read_metadata

P = "<p>The ferries of the strait stay in the harbour today, since the wind is too strong for them, say captains.</p>"
TEXT = P * 5
H1 = "<h1>The ferry waits</h1>"


def metadata(body: str, head: str = "", url: str = "https://www.harbour.example/x") -> Metadata:
    return read_metadata(Page(url, f"<html><head>{head}</head><body>{body}</body></html>".encode()))


def authors(body: str, head: str = "") -> str:
    return "; ".join(metadata(body, head).authors)


def card(label: str, name: str, number: int = 1) -> str:
    return f'<meta name="twitter:label{number}" content="{label}"><meta name="twitter:data{number}" content="{name}">'


@pytest.mark.parametrize(
    "label", ["Written by", "Verfasst von", "Écrit par", "Escrito por", "作者", "執筆者", "Автор:"]
)
def test_the_author_on_a_card_is_read_in_any_language(label: str) -> None:
    found = metadata(H1 + TEXT, card("Reading time", "5 minutes") + card(label, "Ada Quist", 2))

    assert (found.authors, found.origins["author"]) == (("Ada Quist",), "card")


@pytest.mark.parametrize(
    "head",
    [
        card("Est. reading time", "Five Minutes"),
        card("Written by", ""),
        card("Reviewed by", "Bo Lund"),
        '<meta name="twitter:label1" content="Written by"><meta name="twitter:data2" content="5 minutes">',
    ],
)
def test_other_entries_of_a_card_are_not_authors(head: str) -> None:
    assert authors(H1 + TEXT, head) == ""


def test_other_metadata_wins_over_a_card() -> None:
    assert authors(H1 + TEXT, '<meta name="author" content="Ada Quist">' + card("Written by", "Bo Lund")) == "Ada Quist"


def test_a_byline_wins_over_an_account_or_the_site_on_a_card() -> None:
    byline, site = "<p>By Ada Quist</p>", '<meta property="og:site_name" content="The Harbour">'

    assert authors(H1 + byline + TEXT, card("Written by", "blund")) == "Ada Quist"
    assert authors(H1 + byline + TEXT, site + card("Written by", "The Harbour")) == "Ada Quist"
    assert authors(H1 + byline + TEXT, card("Written by", "Bo Lund and Cy Marsh")) == "Bo Lund; Cy Marsh"
    assert authors(H1 + TEXT, card("Written by", "blund")) == "blund"


@pytest.mark.parametrize(
    ("credit", "names"),
    [
        ("<h3>Author</h3><p> Ada Quist</p>", "Ada Quist"),
        ("<h6>Author(s)</h6><ul><li><a href=/1>Ada Quist</a></li><li>Bo Lund</li></ul>", "Ada Quist; Bo Lund"),
        ("<ul><li>Author</li><li>Ada Quist</li><li>Photos</li><li>Bo Lund</li></ul>", "Ada Quist"),
        ("<ul><li><strong>Autorin/Autor</strong> Ada Quist</li><li>Themen</li></ul>", "Ada Quist"),
        ("<p><strong>Autor:</strong> <a href=/p/1>Ada Quist</a><br>Tags: Fähren</p>", "Ada Quist"),
        ("<h3>Written by Ada Quist</h3><p>She has been on many ferries.</p>", "Ada Quist"),
        ("<p>Written by <a href=/p/1>Ada Quist and Bo Lund</a></p>", "Ada Quist; Bo Lund"),
        ("<p>Text: Ada Quist<br>Fotos: Bo Lund</p>", "Ada Quist"),
        ("<p><em>Text von Ada Quist &nbsp; Illustration von Bo Lund</em></p>", "Ada Quist"),
        ("<p>Text und Fotos: Ada Quist</p>", "Ada Quist"),
        ("<div><b>Von:</b><br><br>Ada Quist</div>", "Ada Quist"),
        ("<p>Auteur : Ada Quist </p><p>Edition : Bo Lund</p>", "Ada Quist"),
        ("<h3>Reviewed by Bo Lund</h3>", ""),
        ("<h3>Fact checked by</h3><p>Bo Lund</p>", ""),
        ("<p>Übersetzung: Bo Lund</p><p>Translated by Bo Lund</p>", ""),
        ("<p>Fotos: Bo Lund</p><p>Photo by Bo Lund</p>", ""),
        ("<p>Text: Neue regeln für Fähren</p>", ""),
        ("<h3>Author</h3><p>View Profile</p>", ""),
        ("<h3>Author</h3><p>Harbour News Team</p>", ""),
        ("<h3>Author</h3><p>The Harbour</p>", ""),
        ("<p>Directed by Bo Lund</p><p>Written by Cy Marsh</p>", ""),
        ("<p>Author: Cy Marsh</p><p>ISBN 978-3-16-148410-0</p>", ""),
        ("<p>Written by Ada Quist</p><p>Written by Bo Lund</p>", ""),
        (f"{P}{P}<p>Author: Cy Marsh</p>{P}{P}", ""),
        ("<div class=comments><p>Written by Bo Lund</p></div>", ""),
        ("<div class=related><p>Written by Bo Lund</p></div>", ""),
        ("<article><h2>A mast breaks</h2><p>Written by Bo Lund</p></article>", ""),
    ],
)
def test_a_full_name_after_a_label_at_either_end_of_the_text_is_the_author(credit: str, names: str) -> None:
    site = '<meta property="og:site_name" content="The Harbour">'

    assert authors(f"{H1}<div>{TEXT}</div><div>{credit}</div>", site) == names


LINK = "<a href={0}>{1}</a>"


@pytest.mark.parametrize(
    ("links", "names"),
    [
        (LINK.format("/blog/author/ada-quist/", "<div><img src=1.png></div><div>Ada Quist</div>"), "Ada Quist"),
        (LINK.format("/authors/ada-quist?from=top", "Ada Quist") * 2, "Ada Quist"),
        (LINK.format("/author/anlan/", "全部文章"), ""),
        (LINK.format("/author/anlan/", "作者主页"), ""),
        (LINK.format("/author/ada-quist", "View Profile"), ""),
        (LINK.format("/author/ada-quist", "All Articles"), ""),
        (LINK.format("/author/ada-quist", "ada"), ""),
        (LINK.format("/author/ada-quist/books", "Ada Quist"), ""),
        (LINK.format("/author/ada-quist", "Ada Quist") + LINK.format("/author/bo-lund", "Bo Lund"), ""),
        ("<nav>" + LINK.format("/author/ada-quist", "Ada Quist") + "</nav>", ""),
        ("<div class=comment>" + LINK.format("/author/ada-quist", "Ada Quist") + "</div>", ""),
    ],
)
def test_a_full_name_that_links_to_the_only_author_page_is_the_author(links: str, names: str) -> None:
    assert authors(f"{H1}<div>{links}</div>{TEXT}") == names


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("{text}<div class=author-box><div>Ada Quist</div><p>has been on many ferries.</p></div>", "Ada Quist"),
        ("{text}<div class=author-box><h4>Ada Quist (Captain)</h4></div>", "Ada Quist"),
        ("{text}<div class=author-box><h4>Ada Quist</h4></div><div class=author-box><h4>Bo Lund</h4></div>", ""),
        ("{text}<aside><div class=author-box><h4>Bo Lund</h4></div></aside>", ""),
        ("{text}<div class=sidebar><div class=author-box><h4>Bo Lund</h4></div></div>", ""),
        ("{text}<div class=author-box><span>Ada Quist</span><span>Captain</span></div>", ""),
        ("{text}<div class=comment-list><div class=author-box><h4>Bo Lund</h4></div></div>", ""),
        ("{text}<p><em>Von <span>Ada Quist</span></em></p>", "Ada Quist"),
        ("<p>Quelle: dpa</p><byline>Von Ada Quist, dpa</byline>{text}", "Ada Quist"),
        ("{text}<p>Von Hafen zu Hafen</p>", ""),
        ("{text}<ul><li><p>A mast breaks</p><p>By Bo Lund</p></li></ul>{text}", ""),
        ("{text}<p style='text-align:right;'><strong>Lê Phương</strong></p>", "Lê Phương"),
        ("{text}<p style='text-align:right;'><strong>Lê Phương</strong> said so</p>", ""),
        ("{text}<p style='text-align:right;'><strong>Lê Phương</strong></p>{text}", ""),
        ("<p style='text-align:right;'><strong>Mark Twain</strong></p>{text}", ""),
        ("{text}<p style='text-align:right;'><strong>Lê</strong> Phương</p>", ""),
        ("{text}<p><strong>Lê Phương</strong></p>", ""),
        ("<article>{text}<p>Written by Ada Quist</p></article>", "Ada Quist"),
    ],
)
def test_the_author_is_found_in_boxes_and_at_the_ends_of_the_text(page: str, names: str) -> None:
    assert authors(f"{H1}<div>{page.format(text=TEXT)}</div>") == names


CREDIT = f"{H1}<div>{TEXT}</div><h3>Author</h3><p>Ada Quist</p>"
THREAD = '<script type="application/ld+json">{"@type":"DiscussionForumPosting","author":{"name":"lund77"}}</script>'


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ('<meta name="author" content="harbour.example">', "Ada Quist"),
        ('<meta name="author" content="The Harbour (www.harbour.example)">', "Ada Quist"),
        ('<meta name="author" content="bo.lund">', "Ada Quist"),
        ('<meta name="author" content="Bo Lund">', "Bo Lund"),
        ('<meta name="author" content="Redaktion harbour.example">', "Redaktion harbour.example"),
        (THREAD, "lund77"),
    ],
)
def test_a_visible_full_name_wins_over_the_site_or_an_account(head: str, names: str) -> None:
    assert authors(CREDIT, head) == names


def test_a_visible_name_may_be_in_capitals() -> None:
    assert authors(f"{H1}<p class=byline>By ADA QUIST</p>{TEXT}", '<meta name="author" content="harbour.example">') == (
        "ADA QUIST"
    )


@pytest.mark.parametrize("byline", ["", "<a class=author-link>Topic Author</a>", "<a class=author-link>منوعات</a>"])
def test_an_account_is_the_author_if_no_full_name_is_visible(byline: str) -> None:
    assert authors(H1 + byline + TEXT, '<meta name="author" content="bo.lund">') == "bo.lund"


@pytest.mark.parametrize(
    ("card", "names"),
    [
        ("<a class=author-link>View all posts by Ada Quist →</a>", "Ada Quist"),
        ("<a class=author-link>More articles by Ada Quist</a>", "Ada Quist"),
        ("<a class=author-link>查看何安澜的所有文章</a>", "何安澜"),
        ("<a class=author-link>堀 亜田 の投稿をすべて表示</a>", "堀 亜田"),
        ("<a class=author-link>Посмотреть все записи автора Ада Хольм</a>", "Ада Хольм"),
        ("<a class=author-link>Voir tous les articles de Ada Quist</a>", "Ada Quist"),
        ("<h2 class=author-heading>发布者：</h2><h3 class=author-title>何安澜</h3>", "何安澜"),
        ("<h2 class=author-heading>Опубликовал</h2><h3 class=author-title>Ада Хольм</h3>", "Ада Хольм"),
        ("<p class=author-bio>她写过两本书。现在住在岸上。</p>", ""),
        ("<a class=author-link>More posts from the islands</a>", ""),
        ("<a class=author-link>All posts by category</a>", ""),
        ("<a class=author-link>查看全部的所有文章</a>", ""),
    ],
)
def test_a_link_to_all_that_a_person_wrote_has_the_name_and_a_label_or_a_sentence_is_none(
    card: str, names: str
) -> None:
    assert authors(f"<article><h1>A mast breaks</h1>{TEXT}<div>{card}</div></article>") == names


def line(name: str, slug: str = "q7", day: str = "2026-03-09") -> str:
    return f'<div>{day} <a href="/author/{slug}/">{name}</a> 3 ♥</div>'


@pytest.mark.parametrize(
    ("around", "names"),
    [
        (H1 + line("何安澜") + TEXT, "何安澜"),
        (H1 + TEXT + line("何安澜"), "何安澜"),
        (H1 + line("Ада Хольм") + TEXT, "Ада Хольм"),
        (H1 + line("Ada Quist") + TEXT, "Ada Quist"),
        (H1 + line("harbourcat", "harbourcat") + TEXT, "harbourcat"),
        (H1 + line("何安澜") + TEXT + line("何安澜"), "何安澜"),
        (H1 + line("何安澜") + TEXT + line("王大川", "w"), ""),
        (H1 + line("何安澜", day="") + TEXT, ""),
        (H1 + line("全部文章") + TEXT, ""),
        (H1 + line("admin", "admin") + TEXT, ""),
        (H1 + line("harbourcat") + TEXT, ""),
        (H1 + TEXT + f"<aside>{line('王大川')}</aside>", ""),
        (H1 + TEXT + f"<article><h2>A mast breaks</h2>{line('王大川')}</article>", ""),
        (H1 + TEXT + f"<ol class=comment-list><li>{line('王大川')}</li></ol>", ""),
        (H1 + line("何安澜").replace("<div>", f"<div>{P}{P}") + TEXT, ""),
        (H1 + TEXT + line("何安澜").replace("3 ♥", "came home.") + TEXT, ""),
    ],
)
def test_a_name_in_a_link_to_an_author_beside_a_day_is_the_author(around: str, names: str) -> None:
    assert authors(f"<div>{around}</div>") == names


def test_a_day_beside_the_link_to_the_author_is_the_date_where_no_other_one_is_found() -> None:
    written = '<div><b>Copyright:</b> This was written by <a href="/author/q/">Ada Quist</a> {} published</div>'
    signed = f"<div>{H1}{TEXT}{written.format('2026-03-09')}"

    assert metadata(f"{signed}</div>").date == "2026-03-09"
    assert metadata(f"{signed}{written.format('2026-03-10')}</div>").date is None
    assert metadata(f"<div>{H1}{TEXT}</div><aside>{written.format('2026-03-09')}</aside>").date is None
