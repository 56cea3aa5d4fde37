"""Blogs that Pelican and Nikola build with the themes that they ship."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.reading.environments import python_with
from benchmarks.reading.programs.program import Program, run
from benchmarks.reading.programs.written import AUTHOR, Written

PELICAN = ("notmyidea", "simple")
NIKOLA = ("bootblog4", "bootstrap4", "base", "bootblog4-jinja")
APART = ("simple", "bootstrap4")
_PELICAN_SETTINGS = """AUTHOR = "Ada Holm"
SITENAME = "Harbour notes"
SITEURL = "https://blog.example"
PATH = "content"
TIMEZONE = "UTC"
THEME = "{theme}"
LINKS = (("Ferries", "https://ferries.example/"), ("Tides", "https://tides.example/"))
SOCIAL = (("mastodon", "https://social.example/@ada"),)
DISQUS_SITENAME = "harbour"
"""


def python_blogs() -> Iterator[Program]:
    for theme in PELICAN:
        yield Program("Pelican", theme, partial(_pelican, theme), theme in APART, dated=True)
    for theme in NIKOLA:
        yield Program("Nikola", theme, partial(_nikola, theme), theme in APART, dated=True)


def _pelican(theme: str, texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    python = python_with("pelican", "pelican[markdown]==4.12.0")
    (site / "pelicanconf.py").write_text(_PELICAN_SETTINGS.format(theme=theme))
    (site / "content").mkdir()
    for text in texts:
        head = f"Title: {text.title}\nDate: {text.day} 10:00\nAuthor: {AUTHOR}\nCategory: Harbour\nTags: tide, ferry\n"
        (site / "content" / f"{text.name}.md").write_text(f"{head}Slug: {text.name}\n\n{text.body}\n")
    run(python, "-m", "pelican", "content", "-s", "pelicanconf.py", "-o", "out", at=site)
    return {text.name: site / "out" / f"{text.name}.html" for text in texts}


def _nikola(theme: str, texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    python = python_with("nikola", "nikola[extras]==8.3.3")
    run(python, "-m", "nikola", "init", "-q", "blog", at=site)
    blog = site / "blog"
    with (blog / "conf.py").open("a") as settings:
        settings.write(f'\nTHEME = "{theme}"\nBLOG_TITLE = "Harbour notes"\nBLOG_AUTHOR = "{AUTHOR}"\n')
    for text in texts:
        head = f".. title: {text.title}\n.. slug: {text.name}\n.. date: {text.day} 10:00:00 UTC\n.. tags: tide, ferry\n"
        page = blog / "posts" / f"{text.name}.md"
        page.write_text(f"<!--\n{head}.. author: {AUTHOR}\n-->\n\n{text.body}\n")
    run(python, "-m", "nikola", "build", at=blog)
    return {text.name: blog / "output" / "posts" / text.name / "index.html" for text in texts}
