"""The current webhooks: those of the settings, which are read again when a file has changed, and those of the pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from archive.database.engine import Database
from config.errors import ConfigError, Problem
from config.groups.page_webhooks import PageWebhook
from config.groups.permissions import Permissions
from config.groups.webhooks import Webhook
from config.settings import Settings
from pressmark.service.redaction import redaction
from scheduler.notices.page_webhooks import PageWebhooks

_log = logging.getLogger(__name__)

Stamp = tuple[int, ...] | None
_UNREADABLE = "this version of Pressmark can't read the webhook; remove it, and add it again"


Origin = Literal["settings", "pages"]


def outbox_of(name: str, origin: Origin) -> str:
    """Return the name under which the messages of a webhook are kept: one of the settings never gets another's."""
    return name if origin == "settings" else f"pages/{name}"


@dataclass(frozen=True, slots=True)
class FoundWebhook:
    """A webhook, and where it is set up."""

    origin: Origin
    webhook: Webhook | None
    """None while nothing can be sent to it."""
    problem: str | None = None
    """Why nothing can be sent to it."""
    own: PageWebhook | None = None
    """One of the pages as it is written there; None for one of the settings, and for one that can't be read."""


class Hooks:
    """The webhooks. Any thread may ask. A webhook of the settings counts, and not one of the same name of the pages.

    An invalid file changes nothing, and the mistake is logged once.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._permissions = settings.permissions
        self._own = PageWebhooks(database)
        self._stamps = _stamps(settings.files)
        self._reading = threading.Lock()

    def current(self) -> Mapping[str, Webhook]:
        """Return the webhooks to which messages can be sent, by the name of their outbox. Raises DatabaseUnusable."""
        return {outbox_of(name, one.origin): one.webhook for name, one in self.all().items() if one.webhook}

    def all(self) -> dict[str, FoundWebhook]:
        """Return all webhooks by name, in their order. Raises DatabaseUnusable."""
        found = {name: FoundWebhook("pages", None, _UNREADABLE) for name in self._own.unreadable()}
        found |= {name: self._found(own) for name, own in self._own.all().items()}
        found |= {name: FoundWebhook("settings", webhook) for name, webhook in self.settings().webhooks.items()}
        return dict(sorted(found.items()))

    def _found(self, own: PageWebhook) -> FoundWebhook:
        try:
            webhook = webhook_of(own, self._permissions)
        except ConfigError as error:
            return FoundWebhook("pages", None, str(error), own)
        redaction.hide(secrets_of({"": webhook}))
        return FoundWebhook("pages", webhook, None, own)

    def settings(self) -> Settings:
        """Return the settings that the webhooks were last read from.

        Costs one stat per file when nothing has changed.
        """
        with self._reading:
            stamps = _stamps(self._settings.files)
            if stamps != self._stamps:
                self._read(stamps)
            return self._settings

    def _read(self, stamps: dict[Path, Stamp]) -> None:
        self._stamps = stamps
        try:
            self._settings = self._settings.read_again()
        except ConfigError as error:
            told = redaction.text(str(error))
            _log.error(
                "the webhook settings can't be reloaded; the previous ones stay in force", extra={"reason": told}
            )
            return
        # Stamps are taken before reading, so that a later change is noticed.
        self._stamps = {file: stamps.get(file, stamp) for file, stamp in _stamps(self._settings.files).items()}
        redaction.hide(secrets_of(self._settings.webhooks))
        _log.info("the webhook settings were reloaded", extra={"webhooks": sorted(self._settings.webhooks)})


def webhook_of(own: PageWebhook, permissions: Permissions) -> Webhook:
    """Return a webhook of the pages with its secrets. Raises ConfigError: one is not permitted, not there, or wrong.

    It may be at the addresses that the operator permits to sources.
    """
    facts = {
        "url": permissions.reveal(own.url),
        "secret": permissions.reveal(own.secret),
        "events": own.events,
        "sources": own.sources,
        "watches": own.watches,
        "addresses": permissions.allow.addresses,
    }
    try:
        return Webhook.model_validate(facts)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        if "url" in wrong:
            raise ConfigError(Problem(f"the secret {own.url.secret} is not the URL of a webhook")) from None
        hint = "run 'pressmark webhooks secret' to make one"
        raise ConfigError(
            Problem(f"the secret {own.secret.secret} is not the signing key of a webhook", suggestion=hint)
        ) from None


def secrets_of(webhooks: Mapping[str, Webhook]) -> Iterator[str]:
    """Return what must never be shown or logged."""
    for webhook in webhooks.values():
        yield from (secret.get_secret_value() for secret in (webhook.url, webhook.secret) if secret)


def _stamps(files: Iterable[Path]) -> dict[Path, Stamp]:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> Stamp:
    """Return the stamp of a file; None if it does not exist."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_ctime_ns
