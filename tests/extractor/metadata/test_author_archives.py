# ruff: noqa: E501 - labels, and lines of markup
"""Labels of links to all that a person wrote: their names are found, and those without one name nobody."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.metadata.bylines import clean_name
from extractor.metadata.metadata import read_metadata

TEXT = "<p>The ferries of the strait stay in the harbour today, since the wind is too strong for them.</p>" * 9
NAMELESS = {
    "en": ("View all posts", "View all articles →", "See all stories", "All posts", "More articles", "More from this author",
           "View author archive", "All posts by this author", "Read more posts", "View all of the author's posts", "View Archive"),
    "de": ("Alle Artikel anzeigen", "Alle Beiträge ansehen", "Alle Beiträge", "Weitere Artikel", "Mehr Beiträge",
           "Alle Artikel des Autors", "Weitere Beiträge dieser Autorin", "Zeige alle Artikel"),
    "fr": ("Voir tous les articles", "Afficher toutes les publications", "Tous les articles", "Plus d'articles", "Autres articles",
           "Voir tous ses articles", "Tous les articles de cet auteur"),
    "es": ("Ver todas las entradas", "Ver todos los artículos", "Todas las publicaciones", "Más artículos",
           "Ver todas las entradas de este autor"),
    "pt": ("Ver todos os posts", "Ver todos os artigos", "Todos os artigos", "Mais artigos", "Ver todas as publicações"),
    "it": ("Vedi tutti gli articoli", "Visualizza tutti gli articoli", "Tutti gli articoli", "Altri articoli", "Leggi tutti i post"),
    "nl": ("Bekijk alle berichten", "Toon alle artikelen", "Alle berichten", "Meer artikelen"),
    "ru": ("Посмотреть все записи", "Показать все статьи", "Все записи", "Другие статьи", "Все статьи автора"),
    "ar": ("عرض كل المقالات", "جميع المقالات", "المزيد من المقالات", "مشاهدة جميع مقالات الكاتب"),
    "zh": ("查看全部文章", "查看所有文章", "全部文章", "更多文章", "查看更多文章", "檢視全部文章", "查看作者的所有文章", "作者主页"),
    "ja": ("すべての投稿を表示", "投稿をすべて表示", "記事一覧", "この著者の記事一覧", "全ての記事を見る"),
    "ko": ("모든 글 보기", "전체 글 보기", "모든 기사 보기", "글 더 보기"),
}  # fmt: skip
NAMED = [
    ("View all posts by Ada Quist →", "Ada Quist"),
    ("More stories from Ada Quist", "Ada Quist"),
    ("Alle Artikel von Ada Quist anzeigen", "Ada Quist"),
    ("Zeige alle Beiträge von Ada Quist", "Ada Quist"),
    ("Voir tous les articles de Ada Quist", "Ada Quist"),
    ("Ver todos los artículos de Ada Quist", "Ada Quist"),
    ("Ver todos os posts por Ada Quist", "Ada Quist"),
    ("Leggi tutti gli articoli di Ada Quist", "Ada Quist"),
    ("Bekijk alle berichten van Ada Quist", "Ada Quist"),
    ("Все статьи автора Ада Хольм", "Ада Хольм"),
    ("查看何安澜的全部文章", "何安澜"),
    ("堀 亜田の記事一覧", "堀 亜田"),
    ("홍길동의 모든 글 보기", "홍길동"),
]
NAMES = [
    "Thomas More",
    "Alle Fransson",
    "Ada Tutti",
    "Ver Lund",
    "Meer Berg",
    "Stories Inc",
    "Weitere Holm",
    "全小满",
    "Bo Lund Jr.",
    "Ada Quist, Ph.D.",
]
"""Names that have some of these words."""


@pytest.mark.parametrize("label", [label for labels in NAMELESS.values() for label in labels])
def test_a_label_without_a_name_names_nobody(label: str) -> None:
    assert clean_name(label) is None


@pytest.mark.parametrize(("label", "name"), NAMED)
def test_a_label_with_a_name_has_it(label: str, name: str) -> None:
    assert clean_name(label) == name


@pytest.mark.parametrize("said", ["She keeps the gauge.", "Пишет о гавани.", "Who wrote this?"])
def test_a_sentence_names_nobody(said: str) -> None:
    assert clean_name(said) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_a_name(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("language", NAMELESS)
@pytest.mark.parametrize(
    "box",
    [
        "<div class=author-box><div class=author-name>{0}</div><p>{1}</p><a class=author-link rel=author href=/author/x>{2}</a></div>",
        "<section class=post-author><a href=/author/x rel=author>{2}</a><h4 class=author__name>{0}</h4></section>",
    ],
    ids=["after the name", "before the name"],
)
def test_a_box_with_such_a_link_names_its_person_or_nobody(language: str, box: str) -> None:
    for label in NAMELESS[language]:
        for name in ("Ada Quist", ""):
            body = f"<article><h1>A mast breaks</h1>{TEXT}{box.format(name, 'She keeps the gauge.', label)}</article>"
            found = read_metadata(Page("https://www.harbour.example/x", f"<body>{body}".encode())).authors
            assert list(found) == ([name] if name else []), label
