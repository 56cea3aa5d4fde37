"""Blogs that Hexo builds with themes of the npm registry, most of them Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.reading.environments import node_with
from benchmarks.reading.programs.program import Program, run
from benchmarks.reading.programs.written import AUTHOR, Written

THEMES = ("landscape", "fluid", "butterfly", "icarus", "keep", "reimu", "stellar", "redefine", "kratos-rebirth")
APART = ("icarus", "reimu")
_PLUGINS = (
    *("hexo@8.1.2", "hexo-generator-archive", "hexo-generator-category", "hexo-generator-index", "hexo-generator-tag"),
    *("hexo-renderer-ejs", "hexo-renderer-marked", "hexo-renderer-stylus", "hexo-renderer-pug", "hexo-renderer-less"),
    *("hexo-renderer-inferno", "hexo-renderer-nunjucks", "hexo-generator-searchdb"),
)
_SETTINGS = """title: 港口札记
subtitle: 潮水与渡轮
author: {author}
language: zh-CN
timezone: UTC
url: https://blog.example
root: /
permalink: posts/:name.html
theme: {theme}
syntax_highlighter: highlight.js
highlight: {{line_number: true, wrap: true, hljs: false}}
"""


def hexo_sites() -> Iterator[Program]:
    for theme in THEMES:
        yield Program("Hexo", theme, partial(_build, theme), theme in APART, dated=True)


def _build(theme: str, texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    modules = node_with("hexo", *_PLUGINS, *(f"hexo-theme-{name}" for name in THEMES))
    names = [name.partition("@")[0] for name in (*_PLUGINS, f"hexo-theme-{theme}")]
    (site / "package.json").write_text(
        json.dumps({"name": "blog", "hexo": {"version": ""}, "dependencies": dict.fromkeys(names, "*")})
    )
    (site / "node_modules").symlink_to(modules)
    (site / "_config.yml").write_text(_SETTINGS.format(theme=theme, author=AUTHOR))
    posts = site / "source" / "_posts"
    posts.mkdir(parents=True)
    for text in texts:
        head = f'title: "{text.title}"\ndate: {text.day} 10:00:00\ntags: [tide, ferry]\ncategories: [harbour]\n'
        (posts / f"{text.name}.md").write_text(f"---\n{head}---\n\n{text.body}\n")
    run("node", "node_modules/hexo/bin/hexo", "generate", at=site)
    return {text.name: site / "public" / "posts" / f"{text.name}.html" for text in texts}
