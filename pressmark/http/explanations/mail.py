"""How runs of mailboxes end, and why, marked for translation: see `crawler.mail`."""

from __future__ import annotations

from pressmark.http.words import N_

MAIL = (
    N_("%(count)s new messages archived; %(why)s"),
    N_("1 new message archived; %(why)s"),
    N_("%(count)s new messages archived"),
    N_("1 new message archived"),
    N_("no new messages in the folder %(folder)s; %(why)s"),
    N_("no new messages in the folder %(folder)s"),
    N_("%(count)s messages are larger than allowed and not archived"),
    N_("1 message is larger than allowed and not archived"),
    N_("the mail server did not mark or move %(count)s messages"),
    N_("the mail server did not mark or move 1 message"),
    N_("the mail server did not give %(count)s messages"),
    N_("the mail server did not give 1 message"),
    N_("%(count)s images could not be fetched"),
    N_("1 image could not be fetched"),
    N_("%(count)s missing images archived"),
    N_("1 missing image archived"),
    N_("the run log names each"),
    N_("the folder %(folder)s of %(host)s has no messages that match"),
    N_("the folder %(folder)s of %(host)s has no messages"),
    N_("%(host)s port %(port)s refused the login; check user and password"),
    N_("%(host)s port %(port)s has no folder %(folder)s that can be opened: %(why)s"),
    N_("%(host)s port %(port)s lets the folder only be read; use mark: none"),
    N_("%(host)s port %(port)s can't move single messages: it has neither MOVE nor UIDPLUS; use mark: seen or none"),
    N_("%(host)s port %(port)s offers no STARTTLS; use tls: implicit, usually on port 993"),
    N_("%(host)s port %(port)s did not answer in time"),
    N_("%(host)s port %(port)s can't be reached: %(why)s"),
    N_("the certificate of %(host)s port %(port)s is not valid: %(why)s"),
    N_("no TLS session with %(host)s port %(port)s: %(why)s"),
    N_("the connection to %(host)s port %(port)s broke: %(why)s"),
    N_("the connection to %(host)s port %(port)s broke during the login"),
)
