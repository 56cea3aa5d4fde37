"""The channels of notifications that people set up in the pages."""

from __future__ import annotations

from config.groups.page_channels import CHANNELS, Channel
from scheduler.notices.page_settings import PageSettings


class PageChannels(PageSettings[Channel]):
    """The channels of the pages: at most one of each kind."""

    kind = "channel"

    def type_of(self, name: str) -> type[Channel] | None:
        return next((made_of for each, made_of in CHANNELS.items() if each == name), None)
