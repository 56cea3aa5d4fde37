"""The webhooks that people set up in the pages."""

from __future__ import annotations

from config.groups.page_webhooks import PageWebhook
from scheduler.notices.page_settings import PageSettings


class PageWebhooks(PageSettings[PageWebhook]):
    """The webhooks of the pages, by name."""

    kind = "webhook"

    def type_of(self, name: str) -> type[PageWebhook]:
        return PageWebhook
