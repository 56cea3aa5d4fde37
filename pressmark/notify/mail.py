"""Notices by mail."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from config.groups.notify import Mail, Notify
from pressmark.notify.guarded_mail import GuardedMail, GuardedSMTP
from pressmark.notify.notice import SECONDS, Notice, NoticeRefused, Notifier


def by_mail(settings: Notify) -> Notifier | None:
    mail = settings.mail
    if not mail.server:
        return None

    return lambda notice: send_mail(mail, _message(mail, notice))


def send_mail(mail: Mail, message: EmailMessage) -> None:
    """Hand a message to the mail server of the settings. Raises NoticeRefused, OSError."""
    try:
        with _connected(mail) as server:
            server.send_message(message)
    except smtplib.SMTPException as error:
        raise NoticeRefused(f"the mail server {mail.server}:{mail.port} refused: {error}") from None


def _connected(mail: Mail) -> smtplib.SMTP:
    """Yield a logged-in connection, over TLS unless the settings say none. Raises SMTPException, OSError."""
    host, context = mail.server or "", ssl.create_default_context()
    if isinstance(mail, GuardedMail):
        server: smtplib.SMTP = GuardedSMTP(mail, SECONDS, context if mail.tls == "tls" else None)
    elif mail.tls == "tls":
        server = smtplib.SMTP_SSL(host, mail.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, mail.port, timeout=SECONDS)
    try:
        if mail.tls == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, mail.password.get_secret_value() if mail.password else "")
    except BaseException:
        server.close()
        raise
    return server


def _message(mail: Mail, notice: Notice) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = notice.title
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.recipients)
    message["Date"] = format_datetime(notice.since)
    message["Message-ID"] = make_msgid(domain="pressmark.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text)
    return message
