"""The heads of tables and what commands say in their cells, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

HEADS = (
    N_("until"),
    N_("run"),
    N_("outcome"),
    N_("started"),
    N_("pages"),
    N_("captures"),
    N_("unchanged"),
    N_("failures"),
    N_("reason"),
    N_("source"),
    N_("state"),
    N_("walk"),
    N_("timetable"),
    N_("next"),
    N_("seeds"),
    N_("due"),
    N_("setting"),
    N_("value"),
    N_("origin"),
    N_("part"),
    N_("date"),
    N_("author"),
    N_("history"),
    N_("post"),
    N_("name"),
    N_("host"),
    N_("waiting"),
    N_("delivered"),
    N_("given up"),
    N_("last delivery"),
    N_("last answer"),
    N_("created"),
    N_("kind"),
    N_("failed attempts"),
    N_("next attempt"),
    N_("answer"),
    N_("title"),
    N_("similarity"),
    N_("archived"),
    N_("what"),
    N_("is"),
    N_("status"),
    N_("time"),
    N_("type"),
    N_("url"),
    N_("bytes"),
    N_("timestamp"),
    N_("finding"),
    N_("mark"),
    N_("collection"),
    N_("good"),
    N_("bad"),
    N_("recapture"),
    N_("notes"),
    N_("id"),
    N_("role"),
    N_("added"),
    N_("last login"),
    N_("last use"),
    N_("expires"),
    N_("collections"),
    N_("who"),
    N_("from"),
    N_("action"),
    N_("target"),
    N_("words"),
    N_("word"),
    N_("sentence"),
    N_("found"),
    N_("last found"),
    N_("state of the page"),
    N_("event"),
    N_("result"),
    N_("place"),
    N_("object"),
    N_("details"),
)
"""The heads of tables."""

PARTS = (
    N_("home"),
    N_("settings"),
    N_("sources"),
    N_("database"),
    N_("space"),
    N_("clock"),
    N_("spool"),
    N_("recovery"),
    N_("store"),
    N_("shipping"),
    N_("spiders"),
    N_("files"),
    N_("items"),
    N_("index"),
    N_("decisions"),
    N_("crawling"),
    N_("signing"),
    N_("readers"),
    N_("spiders"),
    N_("fixity"),
    N_("litter"),
    N_("privacy"),
    N_("browser"),
    N_("watches"),
)
"""What `pressmark doctor` checks, apart from those that are heads, too."""

WORDS = (
    N_("ok"),
    N_("WRONG"),
    N_("on"),
    N_("disabled"),
    N_("given-up"),
    N_("withheld"),
    N_("verdict"),
    N_("never"),
    N_("is also"),
    N_("command line"),
    N_("known"),
    N_("read"),
    N_("checked"),
    N_("indexed"),
    N_("extracted"),
    N_("converted"),
    N_("verified"),
    N_("resumed"),
    N_("suspicious"),
    N_("all changes searched"),
    N_("not started: run pressmark serve"),
)
"""Words in cells and answers. They are not in the sentences, since a filled-in name may equal one."""

IN_TABLES = (
    N_("edited %(date)s"),
    N_("deleted %(date)s"),
    # pressmark doctor and, at the end, pressmark why
    N_("Pressmark has no permission to write to %(path)s; to give the permission, run chown -R %(user)s %(again)s"),
    N_("no problems"),
    N_("the watch has not searched %(count)s changed pages yet"),
    N_("the watch has not searched %(count)s changed page yet"),
    N_(
        "%(what)s; on %(date)s, Pressmark will delete those dated %(day)s or earlier (files: %(count)s, "
        "%(size)s), as set under `litter` in the settings"
    ),
    N_("logs of past runs (files: %(count)s, %(size)s)"),
    N_("lists of URLs to fetch, left by past runs (files: %(count)s, %(size)s)"),
    N_("damaged parts of archived files, saved separately (files: %(count)s, %(size)s)"),
    N_("stored indexes and texts that no manifest lists (files: %(count)s, %(size)s)"),
    N_("unfinished files of interrupted exports (files: %(count)s, %(size)s)"),
    N_("custom spiders can't run, because this computer can't isolate them: %(why)s"),
    N_("the disk has %(size)s free"),
    N_("no process writes archived files at the moment"),
    N_("a process writes archived files at the moment: %(who)s"),
    N_("your own spiders run with all rights of the service, as the setting worker.confine_spiders is false"),
    N_("your own spiders run isolated: they can't connect to the network themselves, and can use only their own files"),
    N_("pages can be rendered by the browser %(program)s"),
    N_("no source (archived site) needs a browser to render its pages"),
    N_("the page was not rendered: %(why)s"),
    N_("a browser rendered the page in %(seconds)s s with %(count)s requests; reason: %(why)s"),
    N_("a browser rendered the page in %(seconds)s s with 1 request; reason: %(why)s"),
    N_("only the user who runs this command can read the home (data directory)"),
    N_("the programs that extract text can't use the network or files; this protects the computer from harmful pages"),
    N_(
        "Pressmark replaced a damaged database and kept it as %(path)s; only this file has the earlier "
        "history of runs, planned runs and pauses; delete the file when you no longer need it"
    ),
    N_("Pressmark does not check the stored files for damage (audit), as the setting audit.every is 0s"),
    N_("Pressmark checks %(share)s of the stored files for damage every %(interval)s; %(last)s, %(next)s"),
    N_("the next check starts at %(time)s UTC"),
    N_("checks start only while pressmark serve runs"),
    N_("the last check (audit) ended at %(time)s UTC"),
    N_("no check of the stored files (audit) has been completed yet"),
    N_("the replica %(name)s lacks %(what)s; %(why)s"),
    N_("the replica %(name)s (a copy of the store) has all files of the store; %(why)s"),
    N_("the replica %(name)s lacks %(what)s"),
    N_("the replica %(name)s (a copy of the store) has all files of the store"),
    N_("the replica %(name)s (a copy of the store) can't be read: %(why)s"),
    N_("its oldest files are missing"),
    N_("the replica %(name)s can't be used: its files disappeared while Pressmark copied other files to it"),
    N_(
        "the replica %(name)s has lost %(what)s, e.g. %(file)s; to copy the missing files again, run pressmark "
        "audit --share 1/1 --repair"
    ),
    N_(
        "%(place)s contains none of the expected files: its disk may not be mounted, or the settings may "
        "name the wrong place; mount the disk or correct the settings; if the files are lost, run "
        "pressmark audit --share 1/1 --repair --refill %(name)s, which copies them from another place"
    ),
    N_(
        "%(place)s can't be used: its disk is not mounted at %(path)s; mount the disk; if the disk is "
        "lost, run pressmark audit --share 1/1 --repair --refill %(name)s, which copies all files to the same "
        "place again"
    ),
    N_("no interruption left an archive file unfinished"),
    N_("no capture (archived version of a page) is known to be damaged"),
    N_("the store %(where)s can be read and is still empty"),
    N_("the store %(where)s can be read"),
    N_("%(what)s are waiting to be uploaded to the store"),
    N_("%(what)s is waiting to be uploaded to the store"),
    N_("no crawling process has paused its runs"),
    N_("'pressmark export --sign' can sign WACZ files with the key %(key)s"),
    N_("the lists of stored files (manifests) are not signed; docs/how-to/sign.md says how to sign them"),
    N_("%(signs)s; public keys with which Pressmark can check signatures of others: %(count)s"),
    N_("the lists of stored files (manifests) are signed; others can check them with the public key %(key)s"),
    N_("Pressmark does not sign archived files, as the settings contain no key for signing"),
    N_("the newest lists of stored files (manifests: %(count)s) have valid signatures"),
    N_("Pressmark can't check this part: %(why)s"),
    N_("Pressmark could not check whether the index has all files of the store: %(why)s"),
    N_("WARC files that the index lacks: %(count)s, e.g. %(which)s; %(how)s"),
    N_("WARC files that the store lacks: %(count)s, e.g. %(which)s; %(how)s"),
    N_("WARC files with captures that the index lacks: %(count)s, e.g. %(which)s; %(how)s"),
    N_(
        "WARC files that are missing from the store, with captures or texts that are also missing from the "
        "database: %(count)s, e.g. %(which)s; %(how)s"
    ),
    N_("pressmark serve and pressmark rebuild import these files again"),
    N_("restore these files from a backup, as docs/operations/recovery.md describes"),
    N_(
        "WARC files whose texts in the database were not counted yet: %(count)s; Pressmark does not notice if "
        "these texts are deleted; to count them, start pressmark serve or pressmark run"
    ),
    N_("the index has every WARC file of the store"),
    N_("the store has every file that its lists (manifests) name; WARC files: %(count)s"),
    N_("every file that has been in the store for more than two days is listed in a manifest (list of files)"),
    N_(
        "the stored file %(key)s (%(size)s bytes) is in no manifest (list of files); Pressmark can make it "
        "again as long as its WARC file exists"
    ),
    N_(
        "the stored file %(key)s (%(size)s bytes) is in no manifest (list of files); to import it, run pressmark "
        "doctor --adopt"
    ),
    N_("%(key)s was imported"),
    N_("is archived as"),
    N_("last archived"),
    N_("%(source)s: scope"),
    N_("%(source)s: robots.txt"),
    N_("%(source)s: last fetched"),
    N_("%(source)s: next fetch"),
    N_("%(source)s: next run"),
    N_("%(source)s: reason"),
    N_("%(time)s, status %(status)s, %(kind)s, archived under the address %(url)s"),
    N_("%(time)s, status %(status)s, %(kind)s"),
    N_("%(url)s is not archived"),
    N_("the settings of the source say that robots.txt is ignored"),
    N_("the archive does not have robots.txt of this site yet"),
    N_("%(answer)s; %(agent)s may fetch the page"),
    N_("%(answer)s; %(agent)s may not fetch the page"),
    N_("the settings of this source exclude the page, so Pressmark does not fetch it"),
    N_(
        "the settings of this source exclude the page; Pressmark fetches it only if a start URL redirects to it, "
        "or if the sitemap of the site lists it as a translation of another page"
    ),
    N_(
        "the page is a start URL (seed): each run asks the server whether the page has changed, and downloads only "
        "a changed page"
    ),
    N_(
        "each run that finds a link to the page asks the server whether the page has changed, and downloads only a "
        "changed page"
    ),
    N_("the last run could not fetch it; the next run tries again"),
    N_("Pressmark has never fetched the page; the next run that finds a link to the page fetches it"),
    N_(
        "a feed or sitemap says when the page last changed; if that was after the last fetch, the next run "
        "fetches the page"
    ),
    N_("%(due)s; if a feed or sitemap of the site shows a change before that time, the next run fetches the page"),
    N_("the page had not changed, so Pressmark checks it for edits %(quiet)s after the last fetch: %(when)s"),
    N_("%(why)s; the time between two fetches is always between %(least)s and %(most)s; %(when)s"),
    N_("the next run fetches the page"),
    N_("the first run that starts at least %(duration)s from now fetches the page"),
    N_("the page seems to be gone for good, so Pressmark fetches it at the longest interval, %(most)s"),
    N_("the page was new, so Pressmark fetches it at the shortest interval, %(least)s"),
    N_(
        "the page had changed, so the interval between fetches became shorter: 0.8 times the old "
        "interval plus 0.2 times the shortest"
    ),
    N_("the page had not changed, so Pressmark fetches it at the longest interval, %(most)s"),
    N_("the page had not changed, so the interval between fetches became 1.5 times as long"),
    N_(
        "the server sent something other than the page, such as a login page, so Pressmark can't tell whether the "
        "page has changed"
    ),
    N_("the server did not find the page %(count)s times in a row"),
    N_("the server did not find the page"),
    N_("the last fetch failed, so Pressmark fetches the page at the shortest interval, %(least)s"),
    N_("the page redirects to another one, so Pressmark fetches it at the longest interval, %(most)s"),
    N_("the page redirects to another one, so the interval between fetches became 1.5 times as long"),
)
"""Sentences in cells."""
