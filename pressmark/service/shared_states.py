"""States of what several services share, of reading rooms whose names are misspelt, and of the provider of logins."""

from __future__ import annotations

from pressmark.service.exits import Exit
from pressmark.service.state_kind import Kind

ROOM_KINDS: dict[str, Kind] = {
    "rooms-without-collection": Kind(
        "rooms",
        "the setting rooms, which limits who may read a collection, names collections that do not exist: "
        "%(names)s; if a name is misspelt, the collection that was meant is open to all readers: correct "
        "the name in the settings, and restart the service",
        Exit.CONFIG,
        "A collection exists once it has archived pages, or once a source names it (`keep.collection`). Remove the room"
        " of a collection that no longer exists.",
        blocks=False,
    ),
    "rooms-without-person": Kind(
        "rooms",
        "the setting rooms, which limits who may read a collection, names people who do not exist: "
        "%(names)s; the administrator can correct the names in the settings, or add the people with the "
        "command pressmark user add",
        Exit.CONFIG,
        "`pressmark user list` shows the people. A name here that nobody has gives nobody access.",
        blocks=False,
    ),
    "login-provider-unusable": Kind(
        "login",
        "nobody can log in with %(title)s (OpenID Connect): %(why)s; people with a password or an access token "
        "can still log in; check the settings below oidc, the network, and the provider's own state",
        Exit.TEMPORARY,
        "The provider is asked again after half a minute. A wrong `oidc.issuer` or `oidc.addresses` needs a restart of"
        " the service once it is corrected. A wrong client ID or client secret shows only when somebody logs in: the"
        " audit trail has the reason.",
        blocks=False,
    ),
    "webhook-without-room": Kind(
        "webhooks",
        "webhooks name rooms (collections that only some people may read) that the setting rooms does not "
        "contain: %(names)s; so these webhooks receive no events of the rooms that were meant: correct the "
        "rooms of the webhooks in the settings",
        Exit.CONFIG,
        "A webhook gets the events of open collections, and of the closed ones in its `rooms`. A misspelt name adds"
        " none, so the webhook gets no events of the room that was meant.",
        blocks=False,
    ),
    "webhook-without-watch": Kind(
        "webhooks",
        "webhooks name watches that do not exist: %(names)s; so these webhooks receive nothing of the watches that "
        "were meant: correct or remove the names in the webhooks, in the settings or on the page Webhooks",
        Exit.CONFIG,
        "A webhook with `watches` gets the sentences of these watches alone. A misspelt name, or that of a watch that"
        " was removed, gives it none.",
        blocks=False,
    ),
    "purge-unfinished": Kind(
        "purges",
        "captures that were to be purged (deleted for good) are not all deleted yet: %(left)s; Pressmark tries again "
        "each hour, and the command pressmark purge tries at once and says why",
        Exit.TEMPORARY,
        "`pressmark purge` without an id ends what was interrupted. It names each place that refuses, and why.",
        blocks=False,
    ),
    "purge-held-by-month": Kind(
        "purges",
        "months of the index can't be written again without what was purged (deleted for good): %(months)s; so "
        "captures that were to be purged are not deleted yet where these months may name them: %(why)s",
        Exit.INTEGRITY,
        "Restore the named file from a copy, or take the month away: `pressmark months detach`, `pressmark rebuild`"
        " where the database has no rows of it, `pressmark months delete`. Then `pressmark purge` without an id, or the"
        " service within an hour, deletes the rest. Captures of other months are deleted all the same.",
        blocks=False,
    ),
}

SERVICE_KINDS: dict[str, Kind] = {
    "captures-elsewhere": Kind(
        "captures",
        "the machine %(host)s has captures that are not in the store yet: %(count)s; its crawling process "
        "%(worker)s has not run since %(since)s; start the service there again",
        Exit.INTEGRITY,
        "A worker keeps captures in its spool until they are in the store. They are listed and searched, and can't be"
        " read until then. If the machine is lost, `pressmark spool adopt` brings what its disk has into the store;"
        " if the disk is lost, too, `pressmark spool give-up` ends this state."
        " After a day, the pages are fetched again. `pressmark verify --all` names the files (several-machines.md).",
        blocks=False,
    ),
    "file-back-unusable": Kind(
        "purges",
        "WARC files that were given up as lost are there again, and can't be taken back into the archive: %(count)s, "
        "the first is %(first)s of the machine %(host)s: %(why)s; their captures stay marked as missing until then",
        Exit.INTEGRITY,
        "The next start of the service with this spool (its directory of archived files that are not in the store yet)"
        " tries again, and so does `pressmark spool adopt`. If the disk can't read a file, copy the spool to another"
        " disk and adopt the copy (how-to/takedowns.md).",
        blocks=False,
    ),
    "file-back-unpurged": Kind(
        "purges",
        "WARC files that were given up as lost are in the store again, as a whole, and what was purged (deleted for "
        "good) meanwhile is not deleted from them yet: %(count)s, the first is %(first)s of the machine %(host)s "
        "(%(why)s); Pressmark tries again each hour, and the command pressmark purge tries at once and says why",
        Exit.TEMPORARY,
        "Take-downs in force hide these captures meanwhile. A worker that still has a copy of the file removes it"
        " after `spool.grace`; the purge follows.",
        blocks=False,
    ),
    "file-back-hidden": Kind(
        "purges",
        "WARC files that were given up as lost are back, and captures in them are taken down: %(count)s, the first is "
        "%(first)s; if these captures are to be deleted for good, purge these take-downs again: %(takedowns)s",
        Exit.TEMPORARY,
        "Nobody sees these captures. The state ends when each of the take-downs was purged or lifted, and after 14 days"
        " at the latest. The audit trail keeps it (`spool back`).",
        blocks=False,
    ),
    "runs-without-source": Kind(
        "sources",
        "runs that wait, because this machine can't run their sources and no other machine starts them: %(count)s, "
        "the first is of the source %(source)s and waits since %(since)s (%(why)s); start the service on a "
        "machine that has the source, or add or change the source or the settings here, or cancel the runs",
        Exit.NOT_FOUND,
        "With several machines on one database, each machine takes the runs of the sources that it has and permits"
        " (several-machines.md). It is reported at once while no other worker is alive; otherwise after 10 minutes.",
        blocks=False,
    ),
    "sources-silent": Kind(
        "sources",
        "since %(since)s UTC, nothing new came from %(count)s of the %(all)s sources that usually bring something each "
        "day; on the days before, it was %(before)s a day; the first is %(first)s; by collection: %(collections)s; "
        "check whether runs are late, or whether sites changed",
        Exit.TEMPORARY,
        "A source counts if its runs archived something new or changed on at least half of the last 14 days. It is"
        " reported if at least three sources and 5 % have been silent for 30 hours, and half as many again as on any of"
        " these days. An unfinished run counts by what it has archived so far. A service with the role `clock` looks"
        " once an hour; what it saw holds for three hours. Paused sources do not count.",
        blocks=False,
    ),
    "services-without-clock": Kind(
        "clock",
        "services are running, but since %(since)s UTC none of them starts runs at the times of the sources; start a "
        "service with the role clock, for example with the command pressmark serve --role clock",
        Exit.TEMPORARY,
        "At least one service needs the role `clock` (several-machines.md); without `--role`, a service has it. It is"
        " reported after 10 minutes, if a source has a timetable.",
        blocks=False,
    ),
    "services-without-work": Kind(
        "crawling",
        "services are running, but since %(since)s UTC none of them crawls, and runs wait: %(count)s; "
        "start a service with the role work, for example with the command pressmark serve "
        "--role work",
        Exit.TEMPORARY,
        "At least one service needs the role `work`; one with the role `ship` takes no runs (several-machines.md)."
        " It is reported after 10 minutes. `pressmark run` does the waiting runs, too.",
        blocks=False,
    ),
}

TEXT_KINDS: dict[str, Kind] = {
    "services-without-read": Kind(
        "texts",
        "services are running, but since %(since)s UTC none of them extracts texts, and WARC files wait for it: "
        "%(count)s; start a service with the role read, for example with the command pressmark serve --role read",
        Exit.TEMPORARY,
        "A worker with `worker.reads_texts: false` leaves the texts of its files to services with the role `read`"
        " (several-machines.md). Until then, their pages are listed and shown, but search does not find them. It is"
        " reported after 10 minutes.",
        blocks=False,
    ),
    "texts-unread": Kind(
        "texts",
        "texts of WARC files in the store can't be extracted: %(count)s, the first is %(first)s: %(why)s; Pressmark "
        "tries again automatically, at least once an hour; if a file is damaged, the administrator can restore it from "
        "a backup",
        Exit.TEMPORARY,
        "A service with the role `read` has tried each of them at least three times. `pressmark verify --all` names"
        " damaged files. The log of that service has the details.",
        blocks=False,
    ),
    "jobs-without-read": Kind(
        "jobs",
        "services are running, but since %(since)s UTC none of them has the role read, and jobs of %(first)s wait: "
        "%(count)s; start a service with the role read, for example with the command pressmark serve --role read, or "
        "cancel them with the command pressmark jobs cancel",
        Exit.TEMPORARY,
        "`pressmark verify --all --queue`, `rebuild --queue` and `export --queue` leave jobs to services with the role "
        "`read` (several-machines.md). It is reported after 10 minutes. The command itself says it at once.",
        blocks=False,
    ),
    "jobs-failing": Kind(
        "jobs",
        "jobs of %(first)s failed several times: %(count)s; %(why)s; Pressmark tries again automatically, at least "
        "once an hour; repair the cause, or cancel them with the command pressmark jobs cancel",
        Exit.TEMPORARY,
        "A service with the role `read` has tried each of them at least three times. The audit, rebuild or export is "
        "not over until all its jobs are done. The log of that service has the details.",
        blocks=False,
    ),
}

ASSISTANT_KINDS: dict[str, Kind] = {
    "assistant-missing": Kind(
        "assistant",
        "watches ask for summaries or translations: %(count)s, the first is %(first)s; but the settings name no "
        "language model that writes them; set assistant.url and assistant.model, or change these watches",
        Exit.CONFIG,
        "Messages and pages show what the watches find without summaries and translations (how-to/watches.md).",
        blocks=False,
    ),
    "assistant-failing": Kind(
        "assistant",
        "the language model at %(host)s has given no good answer since %(since)s UTC: %(why)s; messages about watches "
        "are sent without summaries and translations; check the program there, and the settings below assistant",
        Exit.TEMPORARY,
        "An address that is not on the public internet, such as 127.0.0.1, has to be in `assistant.addresses`. "
        "It is asked again after 30 seconds, then less often, at least once an hour. `pressmark watches assistant`, or"
        " the button on the page **Webhooks**, asks at once: a good answer ends the pause. A changed setting needs a"
        " restart of the service.",
        blocks=False,
    ),
    "assistant-spent": Kind(
        "assistant",
        "the budget of today (UTC) for the language model is used up (requests: %(requests)s, characters: "
        "%(characters)s); what watches find is shown without summaries and translations until tomorrow; to raise the "
        "budget, change assistant.requests_a_day or assistant.characters_a_day, and restart the service",
        Exit.TEMPORARY,
        "The next day has a budget of its own. What was found within a day before gets its texts then.",
        blocks=False,
    ),
}
