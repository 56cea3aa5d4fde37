"""Homes to back up, their backups, and homes to restore them into."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from config.settings import Settings, load_settings
from pressmark.service.assembly import utc_now
from pressmark.upkeep.backup import BackedUp, Backup

BAD = Path("/proc/self/mem")
"""A file whose beginning can't be read: every reader gets the disk error EIO."""


SOURCE = "source: a\nseeds: https://a.example.org/\n"


SETTINGS = """# ours
port: 8700
token: secret-one
s3: {bucket: b, secret_key: secret-two}
webhooks: {w: {url: secret-three, events: ['*']}}
"""


def settings_of(home: Path) -> Settings:
    return load_settings({"home": home, "spool.ballast": "0B"}, dotenv=None)


def backed_up(settings: Settings, target: object, *, secrets: bool = False, days: int = 0) -> BackedUp:
    """Back up, as many days from now."""
    at = utc_now() + timedelta(days=days)
    return Backup(settings, target, now=lambda: at, secrets=secrets).make()  # type: ignore[arg-type]


def new_home(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "another" / "home")
