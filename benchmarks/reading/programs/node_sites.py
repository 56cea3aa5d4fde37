"""Documentation, and a blog, that programs of the npm registry build: VitePress, Docusaurus and others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.reading.environments import node_with
from benchmarks.reading.programs.program import Program, run
from benchmarks.reading.programs.written import AUTHOR, Written

_VITEPRESS = "export default {title: 'Harbour office', themeConfig: {sidebar: %s, outline: 'deep'}}\n"
_DOCUSAURUS = """module.exports = {
  title: 'Harbour office', url: 'https://docs.example', baseUrl: '/', onBrokenLinks: 'ignore',
  presets: [['classic', {docs: {}, blog: {showReadingTime: true, onUntruncatedBlogPosts: 'ignore'}}]],
  themeConfig: {
    navbar: {title: 'Harbour office', items: [{to: '/blog', label: 'Blog'}]},
    footer: {copyright: 'Harbour office', links: [{title: 'More', items: [{label: 'Tides', to: '/blog'}]}]}
  }
}
"""
_STARLIGHT = """import starlight from '@astrojs/starlight'
export default {integrations: [starlight({title: 'Harbour office', pagefind: false})], telemetry: false}
"""
_STARLIGHT_CONTENT = """import {defineCollection} from 'astro:content'
import {docsLoader} from '@astrojs/starlight/loaders'
import {docsSchema} from '@astrojs/starlight/schema'
export const collections = {docs: defineCollection({loader: docsLoader(), schema: docsSchema()})}
"""
_RSPRESS = "export default {root: 'docs', title: 'Harbour office', outDir: 'out', themeConfig: {sidebar: {'/': %s}}}\n"


def node_sites() -> Iterator[Program]:
    yield Program("VitePress", "default", _vitepress)
    yield Program("Docusaurus", "docs", partial(_docusaurus, "docs"), apart=True)
    yield Program("Docusaurus", "blog", partial(_docusaurus, "blog"), apart=True, dated=True)
    yield Program("Starlight", "default", _starlight)
    yield Program("HonKit", "default", _honkit, apart=True)
    yield Program("Rspress", "default", _rspress)


def _vitepress(texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    _with_modules(site, "vitepress", "vitepress@1.6.4")
    (site / ".vitepress").mkdir()
    listed = [{"text": text.title, "link": f"/{text.name}"} for text in texts]
    (site / ".vitepress" / "config.mjs").write_text(_VITEPRESS % json.dumps(listed))
    _write(site, texts, "index.md")
    run("node", "node_modules/vitepress/bin/vitepress.js", "build", ".", at=site)
    return {text.name: site / ".vitepress" / "dist" / f"{text.name}.html" for text in texts}


def _docusaurus(part: str, texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    release = "3.10.2"
    pins = (f"@docusaurus/core@{release}", f"@docusaurus/preset-classic@{release}", "react@19", "react-dom@19")
    _with_modules(site, "docusaurus", *pins)
    (site / "docusaurus.config.js").write_text(_DOCUSAURUS)
    for name in ("docs", "blog"):
        (site / name).mkdir()
    _write(site / "docs", texts, "index.md")
    for text in texts:
        head = f'title: "{text.title}"\ndate: {text.day}\nauthors: [{{name: {AUTHOR}, title: Keeper}}]\ntags: [tide]'
        (site / "blog" / f"{text.name}.md").write_text(f"---\nslug: {text.name}\n{head}\n---\n\n{text.body}\n")
    run("node", "node_modules/@docusaurus/core/bin/docusaurus.mjs", "build", at=site)
    return {text.name: site / "build" / part / text.name / "index.html" for text in texts}


def _starlight(texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    _with_modules(site, "starlight", "astro@5", "@astrojs/starlight@0.36", "sharp")
    docs = site / "src" / "content" / "docs"
    docs.mkdir(parents=True)
    (site / "astro.config.mjs").write_text(_STARLIGHT)
    (site / "src" / "content.config.mjs").write_text(_STARLIGHT_CONTENT)
    (docs / "index.md").write_text("---\ntitle: Harbour office\n---\n\nThe pages of the office.\n")
    for text in texts:
        (docs / f"{text.name}.md").write_text(f'---\ntitle: "{text.title}"\n---\n\n{text.body}\n')
    run("node", "node_modules/astro/astro.js", "build", at=site, ASTRO_TELEMETRY_DISABLED="1")
    return {text.name: site / "dist" / text.name / "index.html" for text in texts}


def _honkit(texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    _with_modules(site, "honkit", "honkit@6.1.7")
    _write(site, texts, "README.md")
    listed = "\n".join(f"* [{text.title}]({text.name}.md)" for text in texts)
    (site / "SUMMARY.md").write_text(f"# Summary\n\n* [Harbour office](README.md)\n{listed}\n")
    run("node", "node_modules/honkit/bin/honkit.js", "build", ".", "out", at=site)
    return {text.name: site / "out" / f"{text.name}.html" for text in texts}


def _rspress(texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    _with_modules(site, "rspress", "rspress@1.47.2")
    (site / "docs").mkdir()
    listed = [{"text": text.title, "link": f"/{text.name}"} for text in texts]
    (site / "rspress.config.mjs").write_text(_RSPRESS % json.dumps(listed))
    _write(site / "docs", texts, "index.md")
    run("node", "node_modules/rspress/bin/rspress.js", "build", "-c", "rspress.config.mjs", at=site)
    return {text.name: site / "out" / f"{text.name}.html" for text in texts}


def _with_modules(site: Path, name: str, *packages: str) -> None:
    (site / "node_modules").symlink_to(node_with(name, *packages))
    (site / "package.json").write_text('{"name": "site", "private": true}')


def _write(directory: Path, texts: Sequence[Written], first: str) -> None:
    (directory / first).write_text("# Harbour office\n\nThe pages of the office.\n")
    for text in texts:
        (directory / f"{text.name}.md").write_text(f"# {text.title}\n\n{text.body}\n")
