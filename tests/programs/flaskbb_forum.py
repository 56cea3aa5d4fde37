"""FlaskBB, filled with threads and served on a loopback socket. Runs in an environment of its own, never imported.

    python flaskbb_forum.py DIRECTORY THREADS LONGEST

Prints a line of JSON when it is ready: the port, and all that was written, in the order of the pages; serves until its
standard input ends.
"""

from __future__ import annotations
import __future__

import json
import logging
import sys
import threading
from datetime import datetime
from importlib.machinery import SourceFileLoader
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from said import PEOPLE, threads


def main(directory: str, count: int, longest: int) -> None:
    SourceFileLoader.source_to_code = _with_annotations_unread
    from flaskbb import create_app
    from flaskbb.configs.default import DefaultConfig

    given = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{directory}/forum.sqlite",
        "SECRET_KEY": "for tests",
        "WTF_CSRF_SECRET_KEY": "for tests",
        "WHOOSHEE_MEMORY_STORAGE": True,
        "RATELIMIT_ENABLED": False,
        "LOG_DEFAULT_CONF": {"version": 1, "disable_existing_loggers": True},
        "CELERY_CONFIG": {"task_always_eager": True},
    }
    app = create_app(type("Config", (DefaultConfig,), given), instance_path=directory)
    app.config["SERVER_NAME"] = None
    with app.app_context(), app.test_request_context():
        written = _fill(count, longest)
    logging.disable(logging.CRITICAL)
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port, "threads": written}), flush=True)
    sys.stdin.read()


def _with_annotations_unread(loader, data, path, *, _optimize=-1, **_):
    """Before Python 3.14, FlaskBB 2.2 fails at annotations that name what only type checkers import."""
    flags = __future__.annotations.compiler_flag if "flaskbb" in path else 0
    return compile(data, path, "exec", flags, dont_inherit=True, optimize=_optimize)


def _fill(count: int, longest: int) -> list[dict]:
    from flaskbb.extensions import db
    from flaskbb.forum.models import Category, Forum, Post, Topic
    from flaskbb.user.models import User
    from flaskbb.utils.populate import create_default_groups, create_default_settings

    db.create_all()
    create_default_groups()
    create_default_settings()
    users = {}
    for name in PEOPLE:
        users[name] = User(
            username=name,
            password="x",
            email=f"{name}@example.org",
            activated=True,
            primary_group_id=4,
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
        thread["url"] = topic.url
    db.session.commit()
    return written


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
