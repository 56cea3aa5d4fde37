"""Make this case: render Misago's own templates and tags, outside Misago, with our thread.

    python make.py MISAGO > page.html

MISAGO is the unpacked wheel of misago from PyPI; the environment has django and markdown.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

SAID = [
    (101, "ada", "2024-03-30 22:15", "Nobody said who pays for the *new telescope*.\n\nDoes anyone know more?", [], 2),
    (102, "boris", "2024-03-30 23:15", "The budget:\n\n- 40 % from the states\n- 60 % from the union",
     [{"filename": "budget.pdf", "url": {"index": "/a/k3/9/", "uploader": "/u/boris/2/"}, "uploader_name": "boris",
       "filetype": "PDF", "size": 2048, "uploaded_on": datetime(2024, 3, 30, 23, 10, tzinfo=UTC)}], 0),
    (105, "chiyo", "2024-03-31 23:00",
     '[quote="@boris"]\n40 % from the states\n[/quote]\n\nThat was the plan of last year. 今年的计划还没有公布。',
     [], 1),
    (106, None, "2026-11-22 14:05", "I shall ask the panel.", [], 0),
]  # fmt: skip


def main(misago: str) -> None:
    sys.path.insert(0, misago)
    import django
    from django.conf import settings
    from django.http import HttpResponse
    from django.template.loader import get_template
    from django.urls import include, path

    tags = {
        "core": ("misago_absoluteurl", "misago_batch", "misago_capture", "misago_shorthands"),
        "threads": ("misago_poststags",),
        "users": ("misago_avatars",),
    }
    libraries = {name: f"misago.{part}.templatetags.{name}" for part, names in tags.items() for name in names}
    templates = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [f"{misago}/misago/templates"],
        "OPTIONS": {"libraries": libraries},
    }
    settings.configure(TEMPLATES=[templates], USE_TZ=True, TIME_ZONE="UTC", ROOT_URLCONF=__name__, USE_I18N=True)
    django.setup()

    def view(*_: object) -> HttpResponse:
        return HttpResponse()

    thread = "t/<slug:slug>/<int:pk>/"
    named = [
        path(thread, view, name="thread"),
        path(thread + "<int:page>/", view, name="thread"),
        path("u/<slug:slug>/<int:pk>/", view, name="user"),
    ]
    globals()["urlpatterns"] = [path("", include((named, "misago")))]

    given = {**_thread(), "posts": [_post(*said) for said in SAID], "url_name": "misago:thread"}
    given["posts"].insert(3, _event())
    body = get_template("misago/thread/header.html").render(given)
    for part in ("toolbar_top", "posts/index", "toolbar_bottom"):
        body += get_template(f"misago/thread/{part}.html").render(given)
    head = '<html lang="en-us"><head><meta charset="utf-8"><title>Who pays for the new telescope?</title></head>'
    lines = f"<!DOCTYPE html>\n{head}\n<body>\n{body}\n</body></html>\n".split("\n")
    print("\n".join(line.rstrip() for line in lines if line.strip()))


def _thread() -> dict[str, Any]:
    board = SimpleNamespace(id=3, name="Policy & Science", get_absolute_url="/c/policy-science/3/", color="#65a30d")
    threads = SimpleNamespace(id=1, name="Threads", get_absolute_url="/", special_role="root_category")
    starter = _member("ada")
    thread = SimpleNamespace(
        pk=7, slug="who-pays-for-the-new-telescope", title="Who pays for the new telescope?", category=board,
        starter=starter, starter_id=1, starter_name="ada", starter_slug="ada", replies=44, weight=0,
        started_on=datetime(2024, 3, 28, 9, 0, tzinfo=UTC),
    )  # fmt: skip
    pages = SimpleNamespace(page=2, pages=3, first=1, previous=1, next=3, last=3)
    nobody = SimpleNamespace(is_authenticated=False)
    return {"thread": thread, "category": board, "breadcrumbs": [threads, board], "paginator": pages, "user": nobody}


def _member(name: str) -> SimpleNamespace:
    rank = SimpleNamespace(is_tab=False, css_class=None, title=None, get_absolute_url="")
    avatars = [{"size": 100, "url": f"/media/avatars/{name}.png"}]
    return SimpleNamespace(
        username=name, get_absolute_url=f"/u/{name}/{len(name)}/", avatars=avatars, rank=rank, title=None, posts=12,
        get_any_title="Members",
    )  # fmt: skip


def _post(number: int, name: str | None, at: str, said: str, files: list[dict], likes: int) -> SimpleNamespace:
    import markdown
    from misago.markup.bbcode.quote import QuoteExtension
    from misago.markup.finalize import finalize_markup

    liked = [{"id": place, "username": who} for place, who in enumerate(("dana", "emil")[:likes])]
    maker = markdown.Markdown()
    QuoteExtension().extendMarkdown(maker)
    return SimpleNamespace(
        pk=number, poster=_member(name) if name else None, poster_name=name or "gone", is_event=False, is_read=True,
        posted_on=datetime.fromisoformat(at).replace(tzinfo=UTC), is_valid=True, attachments=files,
        content=finalize_markup(maker.convert(said)), last_likes=liked, likes=likes,
        get_absolute_url=f"/t/who-pays-for-the-new-telescope/7/post/{number}/",
        acl=SimpleNamespace(can_see_hidden=False, can_see_likes=2, can_like=False, can_reply=False, can_edit=False),
    )  # fmt: skip


def _event() -> SimpleNamespace:
    """Make an action of a moderator, which is not a post."""
    return SimpleNamespace(
        pk=103, is_event=True, is_read=True, event_type="pinned_locally", poster=None, poster_name="dana", acl={},
        posted_on=datetime(2024, 3, 31, 8, 0, tzinfo=UTC), event_context={},
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
