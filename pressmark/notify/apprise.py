"""Notices by the services that Apprise supports: chats, phones, and more.

An extra: ``pip install 'pressmark[apprise]'``.
"""

from __future__ import annotations

from config.groups.notify import Notify
from pressmark.notify.notice import NoticeRefused, Notifier


def by_apprise(settings: Notify) -> Notifier | None:
    if settings.apprise.urls is None:
        return None
    return lambda notice: send_by_apprise(settings, notice.title, notice.text)


def send_by_apprise(settings: Notify, title: str, text: str) -> None:
    """Send a text to all services of the settings. Raises NoticeRefused."""
    if settings.apprise.urls is None:
        raise NoticeRefused("the settings contain no notifications by apprise")
    try:
        import apprise
    except ImportError:
        raise NoticeRefused("Apprise is not installed; install the extra 'apprise'") from None
    asset = apprise.AppriseAsset(http_redirects=False)  # the answer of a service would lead to any address
    services = apprise.Apprise(asset=asset)
    urls = settings.apprise.urls.get_secret_value().split()
    unknown = [number for number, url in enumerate(urls, 1) if not services.add(url)]
    if unknown:
        raise NoticeRefused(f"Apprise does not know the service of URL {unknown[0]} of notify.apprise.urls")
    # Without its format, a service that shows HTML or Markdown would take the words of pages for that.
    if not services.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT):
        raise NoticeRefused("Apprise could not deliver it to all services")
