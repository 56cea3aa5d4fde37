"""The articles of the Harbour Gazette, a newspaper that exists for the demo and the tests only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

TEXTS = Path(__file__).parent / "gazette"

SECTIONS = {
    "policy": "Science policy",
    "technology": "Technology",
    "forums": "Forums",
    "harbour": "The harbour",
    "zh": "中文",
}


@dataclass(frozen=True, slots=True)
class Article:
    slug: str
    title: str
    author: str
    date: datetime
    section: str
    language: str
    paragraphs: tuple[str, ...]
    modified: datetime

    @property
    def path(self) -> str:
        return f"/{self.section}/{self.date:%Y/%m}/{self.slug}.html"

    @property
    def picture(self) -> str:
        return f"/images/{self.slug}.png"

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


def read_article(path: Path) -> Article:
    """Parse an article of `gazette/`: lines of `key: value`, an empty line, paragraphs."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    date = datetime.fromisoformat(facts["date"])
    return Article(
        slug=path.stem,
        title=facts["title"],
        author=facts["author"],
        date=date,
        section=facts["section"],
        language=facts.get("language", "en"),
        paragraphs=tuple(paragraph.replace("\n", " ") for paragraph in body.strip().split("\n\n")),
        modified=date,
    )


def read_articles(directory: Path = TEXTS) -> list[Article]:
    """Return all articles, newest first."""
    return newest_first(read_article(path) for path in directory.glob("*.txt"))


def newest_first(articles: Iterable[Article]) -> list[Article]:
    return sorted(articles, key=lambda article: (article.date, article.slug), reverse=True)


def related(article: Article, articles: Sequence[Article], count: int = 3) -> list[Article]:
    """Return the articles next to this one in its section, cyclically."""
    section = [other for other in articles if other.section == article.section]
    at = section.index(article)
    return [section[(at + step) % len(section)] for step in range(1, min(count + 1, len(section)))]
