"""All pages, in the order in which their routes are tried."""

from __future__ import annotations

from pressmark.http import static
from pressmark.web import (
    access,
    calendar,
    diff,
    fixity,
    go,
    notes,
    overview,
    runs,
    search,
    snapshots,
    source_edit,
    sources,
    takedowns,
    threads,
    timetable,
    watches,
    webhooks,
)
from pressmark.web import add as adding
from pressmark.web import changes as news
from pressmark.web import collections as kept
from pressmark.web.channels import channel_edit, webhook_edit
from pressmark.web.citing import archive_page
from pressmark.web.following import feed_address, watch_edit, watch_messages
from pressmark.web.logins import login, openid
from pressmark.web.looks import cards, look
from pressmark.web.many import bulk, source_lists, undo
from pressmark.web.rendered import media, pictures, replay_checks

PAGES = (
    pictures,  # before `snapshots`, whose paths match its own and those of `media`, too
    media,
    snapshots,  # the routes are tried in turn: those of most requests first
    search,
    overview,
    bulk,
    undo,
    look,
    cards,
    source_edit,
    sources,
    source_lists,
    adding,
    timetable,
    runs,
    replay_checks,
    archive_page,
    news,
    feed_address,
    calendar,
    diff,
    threads,
    notes,
    kept,
    takedowns,
    access,
    watches,
    watch_edit,
    watch_messages,
    webhooks,
    channel_edit,
    webhook_edit,
    fixity,
    go,
    static,
    login,
    openid,
)
