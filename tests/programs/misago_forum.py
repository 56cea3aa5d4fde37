"""Misago, filled with threads and served on a loopback socket. Runs in an environment of its own, never imported.

    python misago_forum.py DIRECTORY THREADS LONGEST

The variable PROGRAM_POSTGRESQL names its empty database. Prints a line of JSON when it is ready: the port, and all that
was written, in the order of the pages; serves, and is written to (see `recorded_requests`), until its standard input
ends.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

sys.path.insert(0, str(Path(__file__).parent))

from configured import FOLDER, LANGUAGE, LOOK, PER_PAGE, under
from recorded_requests import Asked, serve
from said import PEOPLE, threads

MODERATOR = "the_moderator"
AVATARS = [{"size": size, "url": f"/avatar-{size}.png"} for size in (400, 200, 100)]


def main(directory: str, count: int, longest: int) -> None:
    import django

    # Of the development project that the package ships; without what only shows how it works.
    from devproject import settings as shipped
    from django.conf import settings

    given = {name: value for name, value in vars(shipped).items() if name.isupper()}
    given |= {
        "DATABASES": {"default": _database(os.environ["PROGRAM_POSTGRESQL"])},
        "SECRET_KEY": "for tests",
        "DEBUG": False,
        "LOGGING_CONFIG": None,
        "CELERY_TASK_ALWAYS_EAGER": True,
        "CELERY_BROKER_URL": "memory://",
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "INSTALLED_APPS": [app for app in given["INSTALLED_APPS"] if app != "debug_toolbar"],
        "MIDDLEWARE": [part for part in given["MIDDLEWARE"] if not part.startswith("debug_toolbar")],
        "MISAGO_ADDRESS": "http://127.0.0.1/",
        "MEDIA_ROOT": f"{directory}/media",
        "STATIC_ROOT": f"{directory}/static",
        "LANGUAGE_CODE": LANGUAGE or "en-us",
        "FORCE_SCRIPT_NAME": FOLDER or None,
        "MISAGO_THREADS_ON_INDEX": LOOK != "categories",
    }
    settings.configure(**given)
    django.setup()
    from django.core.management import call_command
    from django.utils import translation

    call_command("migrate", verbosity=0)
    _configure()
    with translation.override("en"):  # the program looks up the rank of its administrators by its English name
        written = _fill(count, longest)
    from django.core.wsgi import get_wsgi_application

    asked = Asked(under(FOLDER, get_wsgi_application()))
    serve(make_server("127.0.0.1", 0, asked, handler_class=_Quiet), asked, written, _change)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    given = {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username or ""}
    return given | {"HOST": dict(parse_qsl(parts.query)).get("host", "")}


def _configure() -> None:
    from misago.conf.models import Setting

    if PER_PAGE:
        for name, value in {"posts_per_page": PER_PAGE, "posts_per_page_orphans": PER_PAGE // 3}.items():
            Setting.objects.change_setting(name, wet_value=value)


def _change(do: str, thread: str, post: str, author: str, source: str) -> str:
    """Change the running forum by its interface for browsers, which its own editor uses."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    users = get_user_model().objects
    users.update(last_posted_on=None)  # the forum refuses a post within three seconds of the last one
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(users.get(username=author if do in ("add", "quote") else MODERATOR))
    posts = f"/api/threads/{thread.rstrip('/').rpartition('/')[2]}/posts/"
    if do == "quote":
        quoted = client.get(f"{posts}reply_editor/?reply={post}").json()
        do, source = "add", f'[quote="@{quoted["poster"]}"]\n{quoted["post"]}\n[/quote]\n\n{source}'
    if do == "add":
        answer = client.post(posts, json.dumps({"post": source}), content_type="application/json")
    elif do == "edit":
        answer = client.put(f"{posts}{post}/", json.dumps({"post": source}), content_type="application/json")
    else:
        answer = client.delete(f"{posts}{post}/")
    assert answer.status_code == 200, (do, posts, post, answer.status_code, answer.content[:500])
    return str(answer.json()["id"]) if do == "add" else post


def _fill(count: int, longest: int) -> list[dict]:
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from misago.cache.versions import invalidate_all_caches
    from misago.categories.models import Category
    from misago.core.utils import slugify
    from misago.markup.flavours import common
    from misago.threads.checksums import update_post_checksum
    from misago.threads.models import Post, Thread

    written = threads(count, longest)
    asked = SimpleNamespace(get_host=lambda: "127.0.0.1", is_secure=lambda: False)
    users = get_user_model().objects
    with transaction.atomic():
        people = {name: users.create_user(name, f"{name}@example.org", "x", avatars=AVATARS) for name in PEOPLE}
        users.create_superuser(MODERATOR, "moderator@example.org", "x", avatars=AVATARS)
        category = Category.objects.get(slug="first-category")
        category.set_name("Policy & Science")
        category.save()
        for thread in written:
            began = datetime.fromisoformat(thread["posts"][0]["at"])
            topic = Thread(category=category, started_on=began, last_post_on=began, starter_name="-", starter_slug="-")
            topic.title, topic.slug = thread["title"], slugify(thread["title"])
            topic.save()
            for said in thread["posts"]:
                poster, at = people[said["author"]], datetime.fromisoformat(said["at"])
                parsed = common(asked, poster, said["source"])["parsed_text"]
                post = Post(category=category, thread=topic, poster=poster, poster_name=poster.username)
                post.original, post.parsed, post.posted_on, post.updated_on = said["source"], parsed, at, at
                post.save()
                update_post_checksum(post)
                post.save(update_fields=["checksum"])
                said["id"] = str(post.pk)
            topic.synchronize()
            topic.save()
            thread["url"] = topic.get_absolute_url()
        category.synchronize()
        category.save()
        invalidate_all_caches()
    return written


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
