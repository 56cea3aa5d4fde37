"""The rules of the pages."""

from __future__ import annotations

from collections.abc import Iterator

from pressmark.http.rules.rule import ADMIN, CURATE, PUBLIC, READ, TRIGGER, Rule


def rules_of_pages() -> Iterator[Rule]:
    yield from _pages()
    yield from _pages_of_sources()
    yield from _pages_of_curators()
    yield from _pages_of_admins()


def _pages() -> Iterator[Rule]:
    for path in (
        "/",
        "/search/go",
        "/sources",
        "/sources/{name}",
        "/timetable",
        "/runs",
        "/runs/{run}",
        "/runs/{run}/review",
        "/runs/{run}/qa",
        "/watches",
        "/watches/{name}",
        "/collections",
    ):
        yield Rule("GET", path, READ, archived=False, filtered=True)
    for path in (
        "/search",
        "/new",
        "/notes",
        "/captures",
        "/archive",
        "/diff",
        "/diff/{start}/{end}/{rest:path}",
        "/compare/{shown}/{start}/{end}/{rest:path}",
        "/thread/{part}/{timestamp}/{rest:path}",
        "/snapshot/{timestamp}/{rest:path}",
        "/c/{record:path}",
        "/view/shown/{frame}",
        "/view/scripts/{timestamp}/{rest:path}",
        "/view/picture/{timestamp}/{rest:path}",
        "/view/media/{file}/{timestamp}/{rest:path}",
        "/view/thumbnail/{timestamp}/{rest:path}",
        "/view/{view}/{timestamp}/{rest:path}",
        "/sources/{name}/picture",
    ):
        yield Rule("GET", path, READ, archived=True, filtered=True)
    yield Rule("POST", "/sources/look", READ, "any", archived=False, filtered=True)  # a reader's own cookies
    yield Rule("GET", "/new/feeds", READ, "any", archived=False, filtered=True)
    for path in ("/new/feeds", "/new/feeds/revoke"):  # a reader's own address
        yield Rule("POST", path, READ, "any", acts=True, archived=False, filtered=True)
    for path in ("/subscriptions/{name}", "/subscriptions/{name}/{id}/test", "/subscriptions/{name}/{id}/remove"):
        yield Rule("POST", path, READ, acts=True, archived=False, filtered=True)  # a reader's own messages
    yield Rule("GET", "/unsubscribe/{token}", PUBLIC, "any", archived=False)
    yield Rule("POST", "/unsubscribe/{token}", PUBLIC, "any", acts=True, archived=False)
    yield Rule("GET", "/archive/extension.zip", READ, "any", archived=False, filtered=True)
    yield Rule("POST", "/new/marks", READ, archived=True, filtered=True)  # a reader's own marks
    yield Rule("GET", "/fixity", READ, archived=False, filtered=True)
    yield Rule("POST", "/archive", TRIGGER, acts=True, archived=True)
    for path in ("/runs/{run}/cancel", "/runs/{run}/retry"):
        yield Rule("POST", path, TRIGGER, acts=True, archived=False)


def _pages_of_curators() -> Iterator[Rule]:
    for path in ("/add", "/add/list", "/sources/{name}/edit", "/sources/{name}/duplicate", "/sources/{name}/remove"):
        yield Rule("GET", path, CURATE, archived=False)
    for path in ("/add/watch", "/watches/{name}/edit"):
        yield Rule("GET", path, CURATE, archived=False)
    yield Rule("POST", "/add/watch/try", CURATE, archived=False)  # it writes nothing
    for path in ("/add/watch", "/watches/{name}/edit", "/watches/{name}/{action}"):
        yield Rule("POST", path, CURATE, acts=True, archived=False)
    for path in ("/notes/tags", "/notes/write/{timestamp}/{rest:path}"):
        yield Rule("POST", path, CURATE, acts=True, archived=True)
    yield Rule("GET", "/collections/takedowns", CURATE, archived=False)
    for path in ("/collections/takedowns", "/collections/takedowns/{id}/lift"):
        yield Rule("POST", path, CURATE, acts=True, archived=False)
    for path in ("/add", "/add/list", "/add/times"):  # they propose, and write nothing
        yield Rule("POST", path, CURATE, archived=False)
    for path in (
        "/add/write",
        "/add/list/write",
        "/runs/{run}/review",
        "/runs/{run}/qa",
        "/pause",
        "/resume",
        "/sources/{name}/{action}",
    ):
        yield Rule("POST", path, CURATE, acts=True, archived=False)


def _pages_of_admins() -> Iterator[Rule]:
    for path in (
        "/settings",
        "/settings/people",
        "/settings/tokens",
        "/settings/trail",
        "/settings/jobs",
        "/settings/jobs/{id}",
        "/settings/notifications/{channel}",
        "/webhooks",
        "/webhooks/{name}",
        "/collections/takedowns/{id}/purge",
        "/collections/holds",
        "/collections/retention",
        "/collections/retention/{collection}/purge",
        "/webhooks/{name}/edit",
        "/add/webhook",
    ):
        yield Rule("GET", path, ADMIN, archived=False)
    for path in (
        "/webhooks/{name}/test",
        "/webhooks/{name}/enable",
        "/webhooks/{name}/edit",
        "/webhooks/{name}/remove",
        "/add/webhook",
        "/settings/notifications/{channel}",
        "/settings/notifications/{channel}/remove",
        "/settings/notifications/{channel}/test",
        "/settings/assistant/test",
        "/settings/people",
        "/settings/people/{name}/{action}",
        "/settings/tokens",
        "/settings/tokens/{name}/revoke",
        "/collections/takedowns/{id}/purge",
        "/collections/holds",
        "/collections/holds/{id}/lift",
        "/collections/retention/{collection}/purge",
        "/settings/jobs/{id}/cancel",
    ):
        yield Rule("POST", path, ADMIN, acts=True, archived=False)


def _pages_of_sources() -> Iterator[Rule]:
    for action in ("run", "cancel"):
        yield Rule("POST", f"/sources/{action}", TRIGGER, acts=True, archived=False)
    for action in ("pause", "resume", "collection", "tags", "timetable", "remove", "undo"):
        yield Rule("POST", f"/sources/{action}", CURATE, acts=True, archived=False)
    for action in ("{name}/edit", "{name}/remove"):
        yield Rule("POST", f"/sources/{action}", CURATE, acts=True, archived=False)
    for action in ("run", "run-all", "run-in-full"):
        yield Rule("POST", f"/sources/{{name}}/{action}", TRIGGER, acts=True, archived=False)
    for action in ("preview", "fields"):  # they show what a text means, and write nothing
        yield Rule("POST", f"/sources/{{name}}/{action}", CURATE, archived=False)
