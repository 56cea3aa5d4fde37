"""Write the message that tells people what a watch has found: plain text, HTML, and a link that ends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from urllib.parse import quote, urlsplit

from archive.values.errors import ArchiveError
from config.groups.notify import Mail
from pressmark.notify.assistant.marking import MARK
from pressmark.notify.watches.machine_shapes import KIND_NAMES, MachineShape
from pressmark.notify.watches.watch_shapes import HitShape
from pressmark.service.service import Service
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.citations.printed import apa
from pressmark.views.citations.work import work_of
from scheduler.notices.watch_subscriptions import Subscription

Say = Callable[[str], str]
"""Translates a sentence of ours."""

TITLE = "%(watch)s: %(count)s new sentences"
TITLE_OF_ONE = "%(watch)s: 1 new sentence"
TEST_TITLE = "%(watch)s: a test"
TEST = "This is a test: messages about what the watch %(watch)s finds are sent to this address."
NEW, CHANGED = "New page", "Changed page"
ARCHIVED, COMPARE, CITE = "Archived page", "What changed", "To cite it"
END = "To get no more messages about this watch"
_LONGEST_TITLE = 200
_POLICY = SMTP.clone(max_line_length=900)
"""Programs that end messages read the header fields as they stand: an address in them must not be encoded or cut."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that was found, with absolute addresses and a citation."""

    hit: HitShape
    page: str
    diff: str | None
    citation: str


def told(service: Service, home: str, hits: Sequence[HitShape]) -> list[Told]:
    """Add addresses and citations to hits; `home` is our own origin."""
    addresses = ((hit, home + hit.page, home + hit.diff if hit.diff else None) for hit in hits)
    return [Told(hit, page, diff, _citation(service, home, hit)) for hit, page, diff in addresses]


def _citation(service: Service, home: str, hit: HitShape) -> str:
    """Return a citation in the style of the APA; of a capture that can't be read now, its title and addresses."""
    permanent, stamp = home + hit.page, hit.page.split("/", 3)[2]
    try:
        with snapshot_at(service, hit.url, stamp) as found:
            return apa(work_of(found, permanent))
    except (ArchiveError, OSError, ValueError):
        return f"{hit.title or hit.url}. {hit.url}. {permanent}"


def title_of(watch: str, found: int, say: Say) -> str:
    return say(TITLE_OF_ONE if found == 1 else TITLE) % {"watch": watch, "count": found}


def text_of(found: Sequence[Told], say: Say, end: str | None) -> str:
    """Return the message as plain text; `end` is the address that ends the subscription."""
    parts = [
        "\n".join(
            filter(
                None,
                (
                    f"{say(CHANGED if one.hit.changed else NEW)}: {one.hit.title or one.hit.url}",
                    f"  “{one.hit.sentence}”",
                    *(f"  {_label(machine, say)}: “{machine.text}”" for machine in _written(one)),
                    f"  {one.hit.url}",
                    f"  {say(ARCHIVED)}: {one.page}",
                    f"  {say(COMPARE)}: {one.diff}" if one.diff else None,
                    f"  {say(CITE)}: {one.citation}",
                ),
            )
        )
        for one in found
    ]
    return "\n\n".join([*parts, *([f"-- \n{say(END)}: {end}"] if end else [])]) + "\n"


def _written(one: Told) -> list[MachineShape]:
    """Return what a language model wrote about a sentence."""
    return [machine for machine in one.hit.machine if machine.text]


def _label(machine: MachineShape, say: Say) -> str:
    """Return what stands before a text of a language model: what it is, and that nobody checked it."""
    return f"{say(KIND_NAMES[machine.kind])} – {say(MARK) % {'model': machine.model}}"


def html_of(found: Sequence[Told], say: Say, end: str, language: str, title: str) -> str:
    """Return the message as HTML without scripts, styles or pictures."""
    parts = [f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8"><title>{escape(title)}</title>']
    for one in found:
        of_page = escape(one.hit.language or "", quote=True)
        kind = say(CHANGED if one.hit.changed else NEW)
        title_of_page = escape(one.hit.title or one.hit.url)
        parts.append(
            f'<h2 dir="auto"><a href="{escape(one.page)}" lang="{of_page}">{title_of_page}</a></h2>'
            f'<p>{escape(kind)} · {escape(one.hit.url)}</p><blockquote lang="{of_page}" dir="auto">'
            f"{escape(one.hit.sentence)}</blockquote>"
        )
        for machine in _written(one):
            of_text = escape(machine.language or one.hit.language or "", quote=True)
            said = f'<q lang="{of_text}" dir="auto">{escape(machine.text or "")}</q>'
            parts.append(f"<p>{escape(_label(machine, say))}: {said}</p>")
        if one.diff:
            parts.append(f'<p><a href="{escape(one.diff)}">{escape(say(COMPARE))}</a></p>')
        parts.append(f"<p>{escape(say(CITE))}: {escape(one.citation)}</p>")
    parts.append(f'<hr><p><a href="{escape(end)}">{escape(say(END))}</a></p></html>')
    return "\n".join(parts)


def end_of(home: str, one: Subscription) -> str:
    """Return the address at which a subscription ends, without a login."""
    return f"{home}/unsubscribe/{quote(one.token)}"


def mail_of(
    mail: Mail, home: str, one: Subscription, *, title: str, text: str, html: str | None, number: int
) -> EmailMessage:
    """Return the mail. The same `number` gives the same Message-ID: a mail that is sent twice can be recognized."""
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = " ".join(f"Pressmark: {title}".split())[:_LONGEST_TITLE]
    message["From"] = mail.sender
    message["To"] = Address(addr_spec=one.address)
    message["Date"] = format_datetime(one.claimed_until or one.created_at)
    message["Message-ID"] = f"<watch.{one.id}.{number}@{urlsplit(home).hostname or 'pressmark.invalid'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{end_of(home, one)}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message
