"""Recognize the label of a link to all that a person wrote, in twelve languages, and the name in it."""

from __future__ import annotations

import re

_LATIN = (
    (
        r"(?:(?:view|see|read|browse|show) )?(?:all(?: of)?(?: (?:the )?author[’']?s?)?|more|other)"
        r" (?:posts?|articles?|stories|entries)|(?:view |see )?(?:author )?archives?|more",
        "(?:by|from|of) ",
        "(?:by|from|of) (?:this|the|the same) (?:author|writer)",
        "",
    ),
    (
        "(?:zeige? )?(?:alle|weitere|mehr|andere) (?:artikel|beiträge|texte|einträge)",
        "(?:anzeigen )?von ",
        "(?:de[sr]|dieses|dieser|vom|von) (?:autor(?:s|en|in)?|verfassers?)",
        "(?:anzeigen|ansehen|lesen)",
    ),
    (
        "(?:(?:voir|afficher|lire) )?(?:tou(?:s|tes) (?:les|ses) |plus d[e’'] ?|(?:d[’'] ?)?autres )"
        "(?:articles|publications|billets|posts)",
        "(?:de |par |d[’'] ?)",
        "(?:de|du|par) (?:cet |cette |même |l[’'] ?)?(?:auteure?|autrice)",
        "",
    ),
    (
        "(?:(?:ver|leer|mostrar) )?(?:tod[oa]s (?:l[oa]s|sus)|más|otr[oa]s)"
        " (?:entradas|publicaciones|artículos|posts|noticias)",
        "(?:de|por) ",
        "(?:de|del|por) (?:est[ea] |la |el )?autora?",
        "",
    ),
    (
        "(?:(?:ver|ler|mostrar|exibir) )?(?:tod[oa]s [oa]s|mais|outr[oa]s)"
        " (?:posts|artigos|publicações|textos|matérias)",
        "(?:de|por) ",
        "(?:d[eo]|dest[ea]|por) (?:est[ea] )?autora?",
        "",
    ),
    (
        "(?:(?:vedi|visualizza|leggi|mostra) )?(?:tutti (?:gli|i)|tutte le|altr[ie])"
        " (?:articoli|post|notizie|pubblicazioni)",
        "(?:di|da) ",
        "(?:di quest[oa’'] ?|dell[’'] ?)(?:autore|autrice)",
        "",
    ),
    (
        "(?:(?:bekijk|toon|lees) )?(?:alle|meer|andere) (?:berichten|artikelen|verhalen)",
        "(?:van|door) ",
        "(?:van|door) (?:deze|dezelfde) auteur",
        "(?:bekijken|tonen)",
    ),
    (
        "(?:(?:посмотреть|показать|читать|смотреть) )?(?:все|другие|ещё) (?:записи|статьи|материалы|публикации)",
        "(?:автора )?",
        "(?:этого )?автора",
        "",
    ),
    (
        "(?:(?:عرض|مشاهدة|اقرأ) )?(?:كل|جميع|المزيد من) (?:ال)?(?:مقالات|منشورات)",
        "(?:الكاتب )?",
        "(?:هذا )?(?:ال)?كاتب",
        "",
    ),
)
"""For each language, as patterns: the label, what is before a name, what is in its place, and the end."""
_EASTERN = (
    "(?:(?:查看|檢視|浏览|阅读) ?)?(.*?) ?的?(?:全部|所有|更多|其他)的?(?:文章|帖子|作品)",
    "(.*?) ?の?(?:(?:すべて|全て)の(?:投稿|記事)(?:を(?:表示|見る))?"
    "|(?:投稿|記事)(?:を(?:すべて|全て|もっと)(?:表示|見る)|一覧))",
    "(.*?)(?:의)? ?(?:(?:모든|전체|다른) (?:글|기사)|(?:글|기사) 더) ?보기",
    "(?:查看|访问)?(作者)(?:主页|首页|专栏)",
)
"""Labels with the place of a name, which may be empty."""
_NOBODY = re.compile("(?:全部|所有|更多|本站|作者|网站|分类|(?:この|同じ)(?:著者|筆者|投稿者)|이 기자|작성자)?")
"""What is in the place of a name, and is none."""
_SIGNS = " ,|·•-–—→»›…:："
_LONGEST = 120


def _pattern(label: str, by: str, nobody: str, after: str) -> str:
    end = f"(?: {after})?" if after else ""
    return f"(?:{label})(?: {nobody})?{end}|(?:{label}) {by}(.+?){end}"


_LABEL = re.compile("|".join(_pattern(*parts) for parts in _LATIN), re.IGNORECASE)
_EASTERN_LABEL = re.compile("|".join(_EASTERN))


def name_in_label(written: str) -> str | None:
    """Return the name in the label of a link to all that a person wrote: empty if it has none. None for other texts."""
    said = " ".join(written.split()).strip(_SIGNS)
    if len(said) > _LONGEST:
        return None
    found = _LABEL.fullmatch(said) or (None if said.isascii() else _EASTERN_LABEL.fullmatch(said))
    if found is None:
        return None
    name = next(filter(None, found.groups()), "").strip()
    return "" if _NOBODY.fullmatch(name) else name
