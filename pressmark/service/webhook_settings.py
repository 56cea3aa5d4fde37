"""The current webhooks: their settings are read again when one of their files has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from config.errors import ConfigError
from config.groups.webhooks import Webhook
from config.settings import Settings
from pressmark.service.redaction import redaction

_log = logging.getLogger(__name__)

Stamp = tuple[int, ...] | None


class Hooks:
    """The webhooks of the settings. Any thread may ask.

    An invalid file changes nothing, and the mistake is logged once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stamps = _stamps(settings.files)
        self._reading = threading.Lock()

    def current(self) -> Mapping[str, Webhook]:
        """Return the webhooks by name."""
        return self.settings().webhooks

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
