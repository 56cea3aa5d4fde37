"""Messages to people and programs about what happened: mail, Apprise, webhooks.

It reads events and sends; it never decides what an event is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from config.groups.notify import Notify
from pressmark.notify.apprise import by_apprise
from pressmark.notify.mail import by_mail
from pressmark.notify.notice import Notice, NoticeRefused, Notifier, attempt
from pressmark.notify.webhook import by_webhook

NOTIFIERS: dict[str, Callable[[Notify], Notifier | None]] = {
    "mail": by_mail,
    "webhook": by_webhook,
    "apprise": by_apprise,
}
"""Each makes a notifier from the settings; None when they don't configure it."""


def notifiers_of(settings: Notify) -> dict[str, Notifier]:
    """Return the configured notifiers, by name."""
    made = {name: make(settings) for name, make in NOTIFIERS.items()}
    return {name: notifier for name, notifier in made.items() if notifier is not None}


def try_notifier(settings: Notify, name: str, at: datetime) -> str | None:
    """Send a test by a configured notifier. Return why it failed; None if its server accepted it.

    Raises KeyError for a notifier that is not configured.
    """
    notifier = notifiers_of(settings)[name]
    try:
        notice = Notice("test", "test", at, "This is a test: notifications of Pressmark arrive here.", "")
        attempt(lambda: notifier(notice))
    except (NoticeRefused, OSError) as error:
        return str(error)
    return None
