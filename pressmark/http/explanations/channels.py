"""Words and sentences about the channels of notifications, marked for translation."""

from __future__ import annotations

from collections.abc import Mapping

from pressmark.http.words import N_

CHANNEL_NAMES: Mapping[str, str] = {"mail": N_("mail"), "webhook": N_("webhook"), "apprise": "Apprise"}
EVENT_NAMES: Mapping[str, str] = {
    "page.new": N_("a page is new"),
    "page.changed": N_("the text of a page changed"),
    "watch.matched": N_("a watch found its words"),
    "run.over": N_("a run ended"),
    "source.blocked": N_("a site blocks Pressmark"),
    "source.free": N_("a site no longer blocks Pressmark"),
}
"""The events of webhooks (`config.groups.webhooks.KINDS`)."""
CHANNELS = (
    N_("this version of Pressmark can't read the webhook; remove it, and add it again"),
    N_("the secret %(name)s is not the signing key of a webhook; run 'pressmark webhooks secret' to make one"),
    N_("another person changed the webhook at the same time; open its page again"),
    N_("a webhook named %(name)s already exists; choose another name"),
    N_("the webhook %(name)s has no former state, so there is nothing to undo"),
    N_("the webhook %(name)s is in the settings file; change it there"),
    N_("the webhook exists already: send the header If-Match with its version"),
    N_("there is no webhook of this name: leave out the header If-Match to add one"),
    N_("this version of Pressmark can't read the channel; remove it, and set it up again"),
    N_("the secret %(name)s is not the URL of a webhook"),
    N_(
        "the channel was changed while you edited it, so your changes are not saved; "
        "open the page again and repeat them"
    ),
    N_("another person changed the channel at the same time; open its page again"),
    N_("there are no notifications by %(channel)s"),
    N_("the notifications by %(channel)s are in the settings file; change them there"),
    N_(
        "Pressmark sends no mail by the server %(server)s: the settings (allow.addresses) do not permit its address "
        "%(address)s"
    ),
    N_("Pressmark sends no mail by the server %(server)s: the settings (allow.addresses) do not permit its port"),
)
