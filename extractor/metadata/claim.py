"""The claims of a page about itself, and the schema.org types of its items."""

from __future__ import annotations

from typing import Literal, NamedTuple

from extractor.html.regions import vocabulary

Field = Literal[
    "title",
    "author",
    "published",
    "modified",
    "language",
    "site",
    "kind",
    "section",
    "tags",
    "image",
    "caption",
    "description",
    "source",
    "canonical",
    "free",
]


class Claim(NamedTuple):
    """One statement of a page about itself."""

    field: Field
    value: str
    origin: str
    """The vocabulary: ``json-ld``, ``open-graph``, ``dublin-core``, ``meta``, ``microdata``."""


ARTICLES = vocabulary(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle BlogPosting"
    " Report TechArticle ScholarlyArticle LiveBlogPosting SocialMediaPosting Review AdvertiserContentArticle"
)
THREADS = vocabulary("DiscussionForumPosting QAPage Question")
PAGES = vocabulary("WebPage ItemPage AboutPage MedicalWebPage Recipe HowTo CreativeWork Event Product")
