"""Spirit, filled with threads and served on a loopback socket. Runs in an environment of its own, never imported.

    python spirit_forum.py DIRECTORY THREADS LONGEST

Prints a line of JSON when it is ready: the port, and all that was written, in the order of the pages; serves, and is
written to (see `recorded_requests`), until its standard input ends.
"""

from __future__ import annotations

import html
import re
import sys
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

sys.path.insert(0, str(Path(__file__).parent))

from configured import FOLDER, LANGUAGE, PER_PAGE, under
from recorded_requests import Asked, serve
from said import PEOPLE, threads

MODERATOR = "the_moderator"


def main(directory: str, count: int, longest: int) -> None:
    import django
    from django.conf import settings
    from spirit.extra.project_template.project_name.settings import base

    given = {name: value for name, value in vars(base).items() if name.isupper()}
    given |= {
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{directory}/forum.sqlite"}},
        "ROOT_URLCONF": "spirit.extra.project_template.project_name.urls",
        "SECRET_KEY": "for tests",
        "ST_SITE_URL": "http://127.0.0.1/",
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "DEBUG": True,
        "LOGGING_CONFIG": None,
        "ST_RATELIMIT_ENABLE": False,
        "ST_TASK_MANAGER": None,
        "STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": LANGUAGE or "en",
        "FORCE_SCRIPT_NAME": FOLDER or None,
    }
    settings.configure(**given)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _configure()
    written = _fill(count, longest)
    from django.core.wsgi import get_wsgi_application

    asked = Asked(under(FOLDER, get_wsgi_application()))
    serve(make_server("127.0.0.1", 0, asked, handler_class=_Quiet), asked, written, _change)


def _configure() -> None:
    from djconfig.models import Config

    if PER_PAGE:
        Config.objects.update_or_create(key="comments_per_page", defaults={"value": str(PER_PAGE)})


def _change(do: str, thread: str, post: str, author: str, source: str) -> str:
    """Change the running forum by the forum's own forms."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from spirit.comment.models import Comment

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(username=author if do in ("add", "quote") else MODERATOR))
    number = thread.removeprefix(FOLDER).split("/")[2]
    if do == "quote":
        form = client.get(f"/comment/{number}/publish/{post}/quote/").content.decode()
        quoted = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)[1])
        do, source = "add", f"{quoted.strip()}\n\n{source}"
    path = {"add": f"{number}/publish", "edit": f"{post}/update", "delete": f"{post}/delete"}[do]
    answer = client.post(f"/comment/{path}/", {"comment": source})
    assert answer.status_code == 302, (do, path, answer.status_code)
    return str(Comment.objects.filter(topic_id=number).latest("pk").pk) if do == "add" else post


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _fill(count: int, longest: int) -> list[dict]:
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from spirit.category.models import Category
    from spirit.comment.models import Comment
    from spirit.core.utils.markdown import Markdown
    from spirit.topic.models import Topic

    written = threads(count, longest)
    with transaction.atomic():
        users = {name: get_user_model().objects.create_user(name, f"{name}@example.org", "x") for name in PEOPLE}
        moderator = get_user_model().objects.create_user(MODERATOR, "moderator@example.org", "x")
        moderator.st.is_moderator = True
        moderator.st.save()
        category = Category.objects.create(title="Policy & Science")
        for thread in written:
            first = thread["posts"][0]
            last = datetime.fromisoformat(thread["posts"][-1]["at"])
            topic = Topic.objects.create(
                user=users[first["author"]],
                category=category,
                title=thread["title"],
                date=first["at"],
                last_active=last,
                comment_count=len(thread["posts"]),
            )
            for said in thread["posts"]:
                comment = Comment.objects.create(
                    user=users[said["author"]],
                    topic=topic,
                    date=datetime.fromisoformat(said["at"]),
                    comment=said["source"],
                    comment_html=Markdown().render(said["source"]),
                )
                said["id"] = str(comment.pk)
            thread["url"] = topic.get_absolute_url()
    return written


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
