"""The pages of the Harbour Gazette, as HTML and XML: pure functions of its articles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from email.utils import format_datetime
from html import escape

from web_of_tests.newsroom import SECTIONS, Article

NAME = "The Harbour Gazette"

STYLE = """@font-face { font-family: "Gazette"; src: url("/static/gazette.woff2") format("woff2"); }
body { font-family: Gazette, Georgia, serif; max-width: 60rem; margin: 0 auto; background: url(/images/paper.png); }
.masthead { background-image: url('waves.svg'); min-height: 80px; }
.warning { display: none; color: #a00; }
nav a { margin-right: 1rem; }
"""

# What a reader sees only after pressing the button with an empty form: every article has it.
COMMENT_FORM = """<section id="respond" class="comments">
<h3>LEAVE A REPLY <a rel="nofollow" href="#respond">Cancel reply</a></h3>
<form action="/comments" method="post" class="comment-form">
<textarea name="comment" placeholder="Comment:" rows="8"></textarea>
<div class="warning warning-comment">Please enter your comment!</div>
<input name="author" placeholder="Name:*" type="text">
<div class="warning warning-author">Please enter your name here</div>
<input name="email" placeholder="Email:*" type="text">
<div class="warning warning-email">Please enter your email address here</div>
<label><input type="checkbox" name="consent"> Save my name and email in this browser for next time.</label>
<input type="submit" value="Post Comment">
</form>
</section>"""


def page(title: str, main: str, *, head: str = "", language: str = "en") -> str:
    """Return a whole page: menu above, `main` between, small print below."""
    menu = "".join(f'<a href="/{key}/">{escape(name)}</a>' for key, name in SECTIONS.items())
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{escape(title)}</title>
<link rel="stylesheet" href="/static/gazette.css">
<link rel="icon" href="/images/icon.png">
<link rel="alternate" type="application/rss+xml" title="{NAME}" href="/feed.xml">
<link rel="alternate" type="application/atom+xml" title="{NAME} (Atom)" href="/atom.xml">
{head}</head>
<body>
<header class="masthead"><a href="/"><img src="/static/waves.svg" alt="{NAME}"></a>
<nav class="menu"><a href="/">Home</a>{menu}<a href="/about.html">About</a><a href="/search?q=tide">Search</a></nav>
</header>
<main>
{main}
</main>
<footer>
<nav><a href="/about.html">About us</a><a href="/latest">Latest</a><a href="/sitemap.html">All articles</a></nav>
<p>Subscribe to our newsletter. All rights reserved by {NAME}.</p></footer>
</body>
</html>
"""


def article_page(article: Article, others: Sequence[Article], base: str) -> str:
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)
    section = SECTIONS[article.section]
    main = f"""<p class="breadcrumb"><a href="/">Home</a> » <a href="/{article.section}/">{escape(section)}</a></p>
<article>
<h1>{escape(article.title)}</h1>
<p class="byline">By <a rel="author" href="/about.html">{escape(article.author)}</a>
<time datetime="{article.date.isoformat()}">{article.date:%d %B %Y}</time></p>
<div class="share"><a href="/latest" rel="nofollow">Share</a> <a href="/latest" rel="nofollow">Tweet</a></div>
<figure><img src="{article.picture}" alt="" srcset="{article.picture} 1x, {article.picture}?size=2 2x"></figure>
<div class="body">
{body}
</div>
</article>
<aside class="related"><h3>RELATED ARTICLES</h3>
{_list(others)}
</aside>
{COMMENT_FORM}"""
    return page(f"{article.title} | {NAME}", main, head=_article_head(article, base), language=article.language)


def _article_head(article: Article, base: str) -> str:
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "author": {"@type": "Person", "name": article.author},
        "datePublished": article.date.isoformat(),
        "dateModified": article.modified.isoformat(),
        "inLanguage": article.language,
    }
    return f"""<link rel="canonical" href="{base}{article.path}">
<meta name="author" content="{escape(article.author)}">
<meta property="og:title" content="{escape(article.title)}">
<meta property="og:type" content="article">
<meta property="article:published_time" content="{article.date.isoformat()}">
<script type="application/ld+json">{json.dumps(facts, ensure_ascii=False)}</script>
"""


def listing_page(title: str, articles: Sequence[Article], *, previous: str = "", following: str = "") -> str:
    """Return a section, or the front page: teasers, with links to the pages around it."""
    teasers = "\n".join(
        f'<article class="teaser"><h2><a href="{one.path}">{escape(one.title)}</a></h2>'
        f'<a href="{one.path}"><img src="{one.picture}" alt=""></a>'
        f"<p>{escape(one.paragraphs[0][:140])}…</p></article>"
        for one in articles
    )
    around = (f'<a rel="prev" href="{previous}">Newer articles</a>' if previous else "") + (
        f'<a rel="next" href="{following}">Older articles</a>' if following else ""
    )
    return page(f"{title} | {NAME}", f'<h1>{escape(title)}</h1>\n{teasers}\n<p class="pagination">{around}</p>')


def about_page() -> str:
    text = (
        "<h1>About us</h1><p>The Harbour Gazette is written for tests. Its towns, people and findings are made up.</p>"
        '<p>Some of our addresses are old: <a href="/news/harbour-fog-signal">the fog signal</a> has moved, '
        '<a href="/news/harbour-bell">the harbour bell</a> is gone, and <a href="/tides.html">the table of tides</a> '
        "takes its time.</p>"
    )
    return page(f"About us | {NAME}", text)


def all_articles_page(articles: Iterable[Article]) -> str:
    return page(f"All articles | {NAME}", f"<h1>All articles</h1>\n{_list(articles)}")


def _list(articles: Iterable[Article]) -> str:
    return "<ul>" + "".join(f'<li><a href="{one.path}">{escape(one.title)}</a></li>' for one in articles) + "</ul>"


def rss(articles: Sequence[Article], base: str) -> str:
    items = "\n".join(
        f"<item><title>{escape(one.title)}</title><link>{base}{one.path}</link>"
        f'<guid isPermaLink="true">{base}{one.path}</guid>'
        f"<pubDate>{format_datetime(one.date)}</pubDate><author>{escape(one.author)}</author>"
        f"<description>{escape(one.paragraphs[0])}</description></item>"
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{NAME}</title><link>{base}/</link><description>News that is made up</description>\n{items}\n"
        "</channel></rss>\n"
    )


def atom(articles: Sequence[Article], base: str) -> str:
    entries = "\n".join(
        f'<entry><title>{escape(one.title)}</title><link href="{base}{one.path}"/><id>{base}{one.path}</id>'
        f"<published>{one.date.isoformat()}</published><updated>{one.modified.isoformat()}</updated>"
        f"<author><name>{escape(one.author)}</name></author></entry>"
        for one in articles
    )
    updated = max(one.modified for one in articles).isoformat()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f'<title>{NAME}</title><id>{base}/</id><link href="{base}/"/><updated>{updated}</updated>\n{entries}\n</feed>\n'
    )


def sitemap(articles: Sequence[Article], base: str) -> str:
    pages = "".join(
        f"<url><loc>{base}{one.path}</loc><lastmod>{one.modified:%Y-%m-%d}</lastmod></url>\n" for one in articles
    )
    sections = "".join(f"<url><loc>{base}/{section}/</loc></url>\n" for section in SECTIONS)
    return f"{_SITEMAP_HEAD}<urlset {_SITEMAP_NAMESPACE}>\n{sections}{pages}</urlset>\n"


def sitemap_index(base: str) -> str:
    where = f"<sitemap><loc>{base}/sitemap-articles.xml</loc></sitemap>"
    return f"{_SITEMAP_HEAD}<sitemapindex {_SITEMAP_NAMESPACE}>{where}</sitemapindex>\n"


_SITEMAP_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def robots(base: str) -> str:
    return f"User-agent: *\nDisallow: /search\nDisallow: /comments\n\nSitemap: {base}/sitemap.xml\n"
