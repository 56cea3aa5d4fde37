"""FlaskBB, filled with threads and served on a loopback socket. Runs in an environment of its own, never imported.

    python flaskbb_forum.py DIRECTORY THREADS LONGEST

Prints a line of JSON when it is ready: the port, and all that was written, in the order of the pages; serves, and is
written to (see `recorded_requests`), until its standard input ends.
"""

from __future__ import annotations
import __future__

import logging
import sys
from datetime import datetime
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from configured import FOLDER, LANGUAGE, LOOK, PER_PAGE, under
from recorded_requests import Asked, serve
from said import PEOPLE, threads

MODERATOR = "the_moderator"
BOARDS = "/forum" if LOOK == "portal" else ""
"""The path of the list of boards: a portal takes the front page."""


def main(directory: str, count: int, longest: int) -> None:
    SourceFileLoader.source_to_code = _with_annotations_unread
    from flaskbb import create_app
    from flaskbb.configs.default import DefaultConfig

    given = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{directory}/forum.sqlite",
        "SECRET_KEY": "for tests",
        "WTF_CSRF_ENABLED": False,
        "WHOOSHEE_MEMORY_STORAGE": True,
        "WHOOSHEE_ENABLE_INDEXING": False,
        "RATELIMIT_ENABLED": False,
        "LOG_DEFAULT_CONF": {"version": 1, "disable_existing_loggers": True},
        "CELERY_CONFIG": {"task_always_eager": True},
    }
    if BOARDS:
        given |= {"PLUGIN_PORTAL_URL_PREFIX": "", "FORUM_URL_PREFIX": BOARDS}
    app = create_app(type("Config", (DefaultConfig,), given), instance_path=directory)
    app.config["SERVER_NAME"] = None
    with app.app_context(), app.test_request_context():
        written = _fill(count, longest)
    logging.disable(logging.CRITICAL)
    from werkzeug.serving import make_server

    asked = Asked(under(FOLDER, app))
    serve(make_server("127.0.0.1", 0, asked, threaded=False), asked, written, _Changes(app))


class _Changes:
    """Changes in the running forum, each by the forum's own form."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, do: str, thread: str, post: str, author: str, source: str) -> str:
        thread = thread.removeprefix(FOLDER)
        path = {
            "add": thread,
            "quote": thread,
            "edit": f"{BOARDS}/post/{post}/edit",
            "delete": f"{BOARDS}/post/{post}/delete",
        }[do]
        client = self._signed_in(author if do in ("add", "quote") else MODERATOR)
        if do == "quote":
            do, source = "add", f"{client.get(f'{BOARDS}/post/{post}/raw').text}\n{source}"
        answer = client.post(path, data={"content": source})
        assert answer.status_code == 302, (do, path, answer.status)
        return answer.headers["Location"].rpartition("/")[2] if do == "add" else post

    def _signed_in(self, name: str) -> Any:
        from flaskbb.user.models import User

        client = self._app.test_client()
        with self._app.app_context():
            number = User.query.filter_by(username=name).one().id
        with client.session_transaction() as session:
            session |= {"_user_id": str(number), "_fresh": True}
        return client


def _with_annotations_unread(loader, data, path, *, _optimize=-1, **_):
    """Work around annotations: before Python 3.14, FlaskBB 2.2 fails at those that name imports for type checkers."""
    flags = __future__.annotations.compiler_flag if "flaskbb" in path else 0
    return compile(data, path, "exec", flags, dont_inherit=True, optimize=_optimize)


def _configure() -> None:
    from flaskbb.management.models import Setting
    from flaskbb.plugins.models import PluginRegistry

    given = {"default_language": LANGUAGE, "posts_per_page": PER_PAGE}
    Setting.update({name: value for name, value in given.items() if value})
    if BOARDS:
        import portal

        plugin = PluginRegistry(name="portal")
        plugin.save()
        plugin.add_settings(portal.SETTINGS)


def _fill(count: int, longest: int) -> list[dict]:
    from flaskbb.extensions import db
    from flaskbb.forum.models import Category, Forum, Post, Topic
    from flaskbb.user.models import User
    from flaskbb.utils.populate import create_default_groups, create_default_settings

    db.create_all()
    create_default_groups()
    create_default_settings()
    _configure()
    users = {}
    for name in (*PEOPLE, MODERATOR):
        users[name] = User(
            username=name,
            password="x",
            email=f"{name}@example.org",
            activated=True,
            primary_group_id=1 if name == MODERATOR else 4,
            signature=f"the signature of {name}",
        )
        users[name].save()
    category = Category(title="Science", description="")
    category.save()
    forum = Forum(title="Policy & Science", description="", category_id=category.id)
    forum.save()
    written = threads(count, longest)
    for thread in written:
        topic = None
        for said in thread["posts"]:
            at = datetime.fromisoformat(said["at"])
            post = Post(content=said["source"])
            if topic is None:
                topic = Topic(title=thread["title"])
                topic.save(user=users[said["author"]], forum=forum, post=post)
            else:
                post.save(user=users[said["author"]], topic=topic)
            post.date_created = at
            said["id"] = str(post.id)
            thread["url"] = FOLDER + topic.url
    db.session.commit()
    return written


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
