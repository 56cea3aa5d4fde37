"""What the pages say: the text that an archive of them must have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from crawling.site import Asked, Reply, Site

APPLICATIONS = ("react", "vue", "svelte", "lit", "solid", "preact", "docsify")
EACH = 8
LIVE = 3
PICTURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class ScriptPage:
    """One page and its text."""

    application: str
    number: int

    @property
    def path(self) -> str:
        return f"/{self.application}/{self.number}{'/' if self.application == 'docsify' else ''}"

    @property
    def title(self) -> str:
        return f"Report {self.number} by {self.application}"

    @property
    def paragraphs(self) -> list[str]:
        return [f"Paragraph {n} of {self.title} describes at length what was measured." for n in range(5)]

    @property
    def comments(self) -> list[str]:
        return [f"Comment {n} on {self.title} asks how it was measured." for n in range(4)]

    @property
    def text(self) -> list[str]:
        """All that must be archived."""
        return [self.title, *self.paragraphs, *self.comments]

    @property
    def picture(self) -> str:
        if self.application == "docsify":
            return f"{self.path}picture.png"
        return f"/pictures/{self.application}-{self.number}.png"


PAGES = [ScriptPage(name, number) for name in APPLICATIONS for number in range(EACH)] + [
    ScriptPage("live", number) for number in range(LIVE)
]
NEXT = [ScriptPage("next", number) for number in range(EACH)]
"""Pages of a site that Next builds: the server sends a part of each, and scripts fetch the rest."""
CHALLENGE = "/challenge/0"
"""The sixtieth page, whose text nobody gets without answering."""


def furnish(site: Site, built: Path) -> None:
    """Serve the pages. `built` is the directory of the built applications."""
    for file in filter(Path.is_file, (built / "assets").rglob("*")):
        kind = "text/css" if file.suffix == ".css" else "text/javascript"
        site.routes[f"/assets/{file.name}"] = Reply(body=file.read_bytes(), type=kind)
    for page in PAGES:
        _serve(site, page, built)
    site.routes["/graphql"] = _graphql


def furnish_next(site: Site, built: Path) -> None:
    """Serve the pages of Next. `built` is the directory of the built site."""
    kinds = {".css": "text/css", ".json": "application/json", ".js": "text/javascript"}
    for file in filter(Path.is_file, (built / "_next").rglob("*")):
        path = f"/{file.relative_to(built).as_posix()}"
        site.routes[path] = Reply(body=file.read_bytes(), type=kinds.get(file.suffix, "application/octet-stream"))
    for page in NEXT:
        _serve(site, page, built, f"next/{page.number}.html")


def _serve(site: Site, page: ScriptPage, built: Path, file: str | None = None) -> None:
    site.routes[page.picture] = Reply(body=PICTURE, type="image/png")
    if page.application == "docsify":
        lines = [f"# {page.title}", *page.paragraphs, *page.comments, "![](picture.png)"]
        site.routes[f"{page.path}README.md"] = Reply(body="\n\n".join(lines), type="text/markdown")
        site.routes[page.path] = Reply(body=_DOCSIFY)
        return
    site.routes[page.path] = Reply(body=(built / (file or f"{page.application}.html")).read_bytes())
    facts = json.dumps({"title": page.title, "paragraphs": page.paragraphs})
    site.routes[f"/api{page.path}.json"] = Reply(body=facts, type="application/json")
    said = Reply(body=json.dumps(page.comments), type="application/json")
    site.routes[f"/api{page.path}/comments.json"] = said


def _graphql(asked: Asked) -> Reply:
    query = json.loads(asked.body)["query"]
    page = ScriptPage("vue", int(query.partition("number: ")[2].partition(")")[0]))
    facts = {"title": page.title, "paragraphs": page.paragraphs}
    data = {"article": facts} if "article(" in query else {"comments": page.comments}
    return Reply(body=json.dumps({"data": data}), type="application/json")


_DOCSIFY = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Documentation</title></head>
<body><div id="app"></div><script>window.$docsify = {name: 'Documentation'};</script>
<script src="/assets/docsify.js"></script></body></html>"""
CHALLENGE_REPLY = Reply(
    503,
    body="""<!doctype html><html lang="en-US"><head><title>Just a moment...</title></head><body>
<noscript>Enable JavaScript and cookies to continue</noscript>
<script src="/cdn-cgi/challenge-platform/h/b/x.js"></script>
</body></html>""",
    headers=(("cf-mitigated", "challenge"),),
)
