"""Make this board: render Misago's own templates and tags, outside Misago, with our threads.

    python make.py MISAGO > page.html

MISAGO is the unpacked wheel of misago from PyPI; the environment has django. The frame around the content
(`misago/base.html`) is ours.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

THREADS = [
    (7, "who-pays-for-the-new-telescope", "Who pays for the new telescope?", 44, "ada", "chiyo", "2024-03-31 23:00", 1),
    (9, "the-plan-the-budget-for-2024", "The plan & the budget for 2024", 0, "boris", None, "2024-03-29 00:00", 0),
    (8, "wang-yuan-jing", "望远镜的预算是多少？", 1204, None, "ada", "2026-11-23 14:05", 0),
]  # fmt: skip
FRAME = """<!DOCTYPE html>
<html lang="en-us"><head><meta charset="utf-8"><title>{% block title %}Forum{% endblock %}</title>
{% block meta-extra %}{% endblock %}</head>
<body>
{% block content %}{% endblock %}
</body></html>"""


def main(misago: str) -> None:
    sys.path.insert(0, misago)
    import django
    from django.conf import settings
    from django.http import HttpResponse
    from django.template.loader import get_template
    from django.urls import include, path

    tags = ("misago_absoluteurl", "misago_shorthands", "misago_stringutils")
    libraries = {name: f"misago.core.templatetags.{name}" for name in tags}
    libraries["misago_avatars"] = "misago.users.templatetags.misago_avatars"
    loaders = [
        ("django.template.loaders.locmem.Loader", {"misago/base.html": FRAME}),
        ("django.template.loaders.filesystem.Loader", [f"{misago}/misago/templates"]),
    ]
    backend = "django.template.backends.django.DjangoTemplates"
    templates = {"BACKEND": backend, "OPTIONS": {"libraries": libraries, "loaders": loaders}}
    settings.configure(TEMPLATES=[templates], USE_TZ=True, TIME_ZONE="UTC", ROOT_URLCONF=__name__, USE_I18N=True)
    django.setup()

    def view(*_: object) -> HttpResponse:
        return HttpResponse()

    named = [path("u/<slug:slug>/<int:pk>/", view, name="user")]
    globals()["urlpatterns"] = [path("", include((named, "misago")))]
    page = get_template("misago/threadslist/category.html").render(_given())
    print("\n".join(line.rstrip() for line in page.split("\n") if line.strip()))


def _given() -> dict[str, object]:
    board = _board(3, "Policy & Science", "/c/policy-science/3/")
    return {
        "category": board, "top_category": board, "list_type": "all", "request_path": "/c/policy-science/3/",
        "categories": [board], "threads": [_thread(board, *facts) for facts in THREADS],
        "subcategories": [_board(5, "Telescopes", "/c/telescopes/5/")],
        "settings": SimpleNamespace(forum_address="https://forum.example/"), "BLANK_AVATAR_URL": "/blank.png",
        "list_page": SimpleNamespace(start=0, next=8), "user": SimpleNamespace(is_authenticated=False),
    }  # fmt: skip


class _Board(SimpleNamespace):
    def __str__(self) -> str:
        return self.name


def _board(number: int, name: str, url: str) -> _Board:
    return _Board(id=number, name=name, get_absolute_url=url, color="#65a30d", level=1, description="", short_name=None)


def _thread(board: _Board, *facts: Any) -> SimpleNamespace:
    number, slug, title, replies, starter, last, at, weight = facts
    url = f"/t/{slug}/{number}/"
    return SimpleNamespace(
        id=number, title=title, category=board, replies=replies, weight=weight,
        replies_in_ks=f"{round(replies / 1000, 0)}K",
        get_absolute_url=url, get_last_post_url=f"{url}last/", get_new_post_url=f"{url}new/", is_read=True,
        last_post_on=datetime.fromisoformat(at).replace(tzinfo=UTC),
        starter=_member(starter), starter_id=starter and 1, starter_slug=starter, starter_name=starter or "gone",
        last_poster=_member(last), last_poster_id=last and 2, last_poster_slug=last, last_poster_name=last or "gone",
    )  # fmt: skip


def _member(name: str | None) -> SimpleNamespace | None:
    return name and SimpleNamespace(username=name, avatars=[{"size": 40, "url": f"/media/avatars/{name}.png"}])


if __name__ == "__main__":
    main(sys.argv[1])
