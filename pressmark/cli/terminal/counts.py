"""What the commands count, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

COUNTS = (
    N_("the tables of the database %(database)s are of schema %(schema)s"),
    N_("services with the role read have extracted the texts of %(files)s"),
    N_("the texts of %(files)s could not be extracted; Pressmark tries again automatically"),
    N_("texts still have to be extracted from %(files)s, but no running service has the role read"),
    N_("start one with the command: pressmark serve --role read; it begins with these files"),
    N_(
        "WARC files that the store has lost: %(count)s, e.g. %(which)s; 'pressmark doctor --store' lists all lost "
        "files, each with what to do"
    ),
    N_(
        "captures (archived versions of pages) whose files disappeared from the spool (directory of files "
        "that wait for their upload) before they were uploaded: %(count)s, the first file is %(file)s; "
        "mount the disk of the spool, or restore the files; otherwise, the next start of pressmark serve "
        "or pressmark run marks these captures as lost, and the next runs archive their pages again"
    ),
    N_("archived sites (sources): %(count)s"),
    N_("%(count)s object"),
    N_("%(count)s objects"),
    N_("%(count)s byte"),
    N_("%(count)s bytes"),
    N_("%(count)s text"),
    N_("%(count)s texts"),
    N_("%(count)s item"),
    N_("%(count)s items"),
    N_("%(count)s source"),
    N_("%(count)s sources"),
    N_("%(count)s WARC file"),
    N_("%(count)s WARC files"),
    N_("%(count)s problem"),
    N_("%(count)s problems"),
    N_("%(count)s original"),
    N_("%(count)s originals"),
    N_("%(count)s line"),
    N_("%(count)s lines"),
    N_("%(count)s board"),
    N_("%(count)s boards"),
    N_("%(count)s thread"),
    N_("%(count)s threads"),
    N_("%(count)s sitemap"),
    N_("%(count)s sitemaps"),
    N_("%(count)s run"),
    N_("%(count)s runs"),
    N_("items of %(what)s"),
    N_("%(count)s manifest"),
    N_("%(count)s manifests"),
    N_("%(count)s page"),
    N_("%(count)s pages"),
    N_("%(count)s capture"),
    N_("%(count)s captures"),
    N_("%(count)s revisit"),
    N_("%(count)s revisits"),
    N_("%(count)s failure"),
    N_("%(count)s failures"),
    N_("%(count)s job"),
    N_("%(count)s jobs"),
    # pressmark jobs, verify --queue and rebuild --queue
    N_("%(id)s was cancelled: %(done)s done, %(left)s not done"),
    N_("%(id)s is not over: %(done)s done, %(left)s left"),
    N_("%(id)s is done: %(done)s"),
    N_("%(count)s failed several times and will be tried again; the first is %(first)s"),
    N_("%(count)s of %(id)s failed several times and will be tried again; the first is %(first)s"),
    N_("%(count)s of %(id)s are left, but no running service has the role read"),
    N_("start one with the command: pressmark serve --role read; it begins with these jobs"),
    N_(
        "services with the role read do %(id)s; if this command is interrupted, they continue; to wait for them again, "
        "run pressmark jobs wait"
    ),
    N_("%(id)s was cancelled"),
    N_("%(id)s is over: %(outcome)s"),
    N_("to begin again, request it again"),
    N_("repair the cause, then wait for the jobs that are left: pressmark jobs wait %(id)s"),
    N_("verified by services: %(checked)s in the store, with %(segments)s; on this disk: %(here)s"),
    N_("with problems: %(count)s"),
    N_("the first of these was verified at %(time)s UTC"),
    N_("not verified, as they were uploaded since: %(count)s"),
    N_("not verified, as they are not in the store yet: %(count)s"),
    N_("not verified, as they are only on other machines: %(count)s"),
    N_("  %(segment)s: the worker %(worker)s on the machine %(host)s"),
    N_("%(done)s of %(total)s jobs"),
    N_("--queue works only together with --all"),
    N_("run 'pressmark jobs list' to see all"),
    N_("there is no audit, rebuild or export in jobs with the id %(id)s"),
    N_("no audit, rebuild or export was left to services"),
    N_("%(count)s part"),
    N_("%(count)s parts"),
    N_("%(id)s: %(captures)s in %(parts)s, in the store"),
    N_("%(path)s: %(captures)s in %(size)s, verified"),
    N_("%(id)s was deleted from the store: %(count)s"),
    N_("to fetch it, run: pressmark exports get %(id)s -o FILE"),
    N_("the same export is being made, as requested at %(time)s UTC"),
    N_("not exported, as they are taken down: %(count)s"),
    N_("%(count)s whose content is not archived"),
    N_("--queue can't write to standard output"),
    N_("name a file, or leave out -o"),
    N_("name the file to write, with -o FILE"),
    N_("the store has no complete export"),
    N_("the store has no complete export %(id)s: it is not over, or it was cancelled, deleted or is too old"),
    N_("run 'pressmark exports list' to see all complete ones, 'pressmark jobs list' to see the others"),
    N_(
        "the export %(id)s has %(count)s captures that were taken down since it was requested; request it again: the "
        "new one leaves them out"
    ),
    N_("services can't share an export as %(format)s, only as %(formats)s; leave out --queue"),
    N_("audit"),
    N_("rebuild"),
    N_("export"),
    N_("extraction"),
    N_("someone cancelled the extraction of the texts of %(files)s"),
    N_("the earlier texts stay; to continue, run the command again"),
    N_("open"),
    N_("jobs"),
    N_("failing"),
    N_("requested"),
)
"""Numbers with their nouns, as in the line of a run: its outcome and its counts are translated one by one."""
