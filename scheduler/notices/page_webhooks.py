"""The webhooks that people set up in the pages."""

from __future__ import annotations

from archive.database.engine import Database
from archive.database.schema import marks
from archive.database.statements import insert_missing
from config.groups.page_webhooks import PageWebhook
from scheduler.notices.outbox import begin
from scheduler.notices.page_settings import PageSettings, as_text


class PageWebhooks(PageSettings[PageWebhook]):
    """The webhooks of the pages, by name."""

    kind = "webhook"

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database

    def type_of(self, name: str) -> type[PageWebhook]:
        return PageWebhook

    def add(self, name: str, webhook: PageWebhook, outbox: str) -> bool:
        """Add a webhook, which gets the events from now on. Return False if there is one of this name.

        The webhook that was removed last continues where it was; another one gets nothing that was for it. All in one
        transaction: of two people who do so, one gets False, and nothing is sent meanwhile.
        """
        fresh = self.former(name) != webhook
        row = {"name": f"{self.kind}/{name}", "value": as_text(webhook)}
        with self._database.writing() as connection:
            if not connection.execute(insert_missing(connection, marks, "name").values(**row)).rowcount:
                return False
            begin(connection, outbox, fresh=fresh)
        return True
