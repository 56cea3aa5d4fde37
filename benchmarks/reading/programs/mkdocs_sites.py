"""MkDocs with its own themes and others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.reading.environments import python_with
from benchmarks.reading.programs.program import Program, run
from benchmarks.reading.programs.written import Written

PINS = ("mkdocs==1.6.1", "mkdocs-material==9.7.0", "pymdown-extensions")
PACKAGES = {
    "mkdocs": PINS, "readthedocs": PINS, "material": PINS,
    "windmill": ("mkdocs-windmill",), "cinder": ("mkdocs-cinder",), "ivory": ("mkdocs-ivory",),
    "terminal": ("mkdocs-terminal",), "shadcn": ("mkdocs-shadcn",), "simple-blog": ("mkdocs-simple-blog",),
    "dracula": ("mkdocs-dracula-theme",), "bootstrap": ("mkdocs-bootstrap",), "gitbook": ("mkdocs-gitbook",),
}  # fmt: skip
APART = ("terminal", "windmill")
_SETTINGS = """site_name: Harbour office
site_url: https://docs.example/
theme: {{name: {theme}}}
markdown_extensions: [tables, fenced_code]
"""


def mkdocs_sites() -> Iterator[Program]:
    for theme in PACKAGES:
        yield Program("MkDocs", theme, partial(_build, theme), theme in APART)


def _build(theme: str, texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    pinned = PACKAGES[theme]
    python = python_with("mkdocs", *PINS) if pinned == PINS else python_with(f"mkdocs-{theme}", "mkdocs<2", *pinned)
    (site / "mkdocs.yml").write_text(_SETTINGS.format(theme=theme))
    (site / "docs").mkdir()
    (site / "docs" / "index.md").write_text("# Harbour office\n\nThe pages of the office.\n")
    for text in texts:
        (site / "docs" / f"{text.name}.md").write_text(f"# {text.title}\n\n{text.body}\n")
    run(python, "-m", "mkdocs", "build", "-q", "-d", site / "out", at=site)
    return {text.name: site / "out" / text.name / "index.html" for text in texts}
