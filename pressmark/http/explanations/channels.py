"""Words and sentences about the channels of notifications, marked for translation."""

from __future__ import annotations

from collections.abc import Mapping

from pressmark.http.words import N_

CHANNEL_NAMES: Mapping[str, str] = {"mail": N_("mail"), "webhook": N_("webhook"), "apprise": "Apprise"}
CHANNELS = (
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
