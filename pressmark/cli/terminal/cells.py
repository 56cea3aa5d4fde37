"""Sentences in the cells of tables, most of them of `pressmark doctor` and `pressmark why`, marked for translation."""

from __future__ import annotations

from pressmark.http.explanations.assistant import ASSISTANT, MACHINE_WORDS
from pressmark.http.explanations.sentences import WHY
from pressmark.http.words import N_

CELLS = (
    *ASSISTANT,
    *MACHINE_WORDS,
    N_("check the program at assistant.url, and the settings assistant.url and assistant.addresses"),
    N_("edited %(date)s"),
    N_("deleted %(date)s"),
    # pressmark doctor and, at the end, pressmark why
    N_("Pressmark has no permission to write to %(path)s; to give the permission, run chown -R %(user)s %(again)s"),
    N_("no problems"),
    N_("the run has no pages to check"),
    N_("pages without a text or a picture that could be compared: %(count)s"),
    N_("pages of the run that were not checked: %(count)s; to check them, give a larger --limit"),
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
    N_("your own spiders (crawling programs) can't run, because this computer can't isolate them: %(why)s"),
    N_("the disk has %(size)s free"),
    N_("no process writes archived files at the moment"),
    N_("a process writes archived files at the moment: %(who)s"),
    N_(
        "your own spiders (crawling programs) are not isolated: they run with all rights of the service, as "
        "the setting worker.confine_spiders is false"
    ),
    N_(
        "your own spiders (crawling programs) run isolated: they can't connect to the network themselves, and "
        "can use only their own files"
    ),
    N_("pages can be rendered by the browser %(program)s"),
    N_("no source (archived site) needs a browser to render its pages"),
    N_("the browser did not render the page: %(why)s"),
    N_("a browser rendered the page in %(seconds)s s with %(count)s requests; reason: %(why)s"),
    N_("a browser rendered the page in %(seconds)s s with 1 request; reason: %(why)s"),
    N_("only the user who runs this command can read the home (data directory)"),
    N_("the programs that extract text can't use the network or files; this protects the computer from harmful pages"),
    N_(
        "Pressmark replaced a damaged database and kept the old file as %(path)s; the new database began "
        "with the archived pages, but without the earlier runs and without the pauses, so sources that "
        "were paused are crawled again; to restore runs and pauses, stop the service and run pressmark "
        "rebuild; delete the old file when you no longer need it"
    ),
    N_("Pressmark does not check the stored files for damage (audit), as the setting audit.every is 0s"),
    N_("Pressmark checks %(share)s of the stored files for damage every %(interval)s; %(last)s, %(next)s"),
    N_("the next check starts at %(time)s UTC"),
    N_("checks start only while pressmark serve runs"),
    N_("the last check (audit) ended at %(time)s UTC"),
    N_("no check of the stored files (audit) has been completed yet"),
    N_("the replica %(name)s (a copy of the store) does not have %(what)s yet; %(why)s"),
    N_("the replica %(name)s (a copy of the store) has all files of the store; %(why)s"),
    N_("the replica %(name)s (a copy of the store) does not have %(what)s yet"),
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
        "name the wrong place; mount the disk or correct the settings; if the files are lost, the "
        "administrator can use the command pressmark audit --share 1/1 --repair --refill %(name)s, which "
        "copies them from another place"
    ),
    N_(
        "%(place)s can't be used: its disk is not mounted at %(path)s; mount the disk; if the disk is "
        "lost, the administrator can use the command pressmark audit --share 1/1 --repair --refill "
        "%(name)s, which copies all files to the same place again"
    ),
    N_("no interruption left an archive file unfinished"),
    N_("no capture (archived version of a page) is known to be damaged"),
    N_("the store %(where)s can be read and is still empty"),
    N_("the store %(where)s can be read"),
    N_("%(what)s are waiting to be uploaded to the store"),
    N_("%(what)s is waiting to be uploaded to the store"),
    N_("no crawling process has paused its runs for lack of disk space"),
    N_("'pressmark export --sign' can sign WACZ files (web archives in one file) with the key %(key)s"),
    N_("the lists of stored files (manifests) are not signed; docs/how-to/sign.md says how to sign them"),
    N_("%(signs)s; public keys with which Pressmark can check signatures of others: %(count)s"),
    N_("the lists of stored files (manifests) are signed; others can check them with the public key %(key)s"),
    N_("Pressmark does not sign archived files, as the settings contain no key for signing"),
    N_("the newest lists of stored files (manifests: %(count)s) have valid signatures"),
    N_("Pressmark can't check this part: %(why)s"),
    N_("Pressmark could not check whether the index has all files of the store: %(why)s"),
    N_(
        "WARC files that are in the store but not in the index, so that their captures can't be found: "
        "%(count)s, e.g. %(which)s; %(how)s"
    ),
    N_("WARC files that are in the index but missing from the store: %(count)s, e.g. %(which)s; %(how)s"),
    N_("WARC files with captures that are missing from the index: %(count)s, e.g. %(which)s; %(how)s"),
    N_(
        "WARC files that the store has lost and whose captures or texts are also partly missing from the "
        "database, so that Pressmark can't restore them by itself: %(count)s, e.g. %(which)s; %(how)s"
    ),
    N_("pressmark serve and pressmark rebuild import these files again"),
    N_("restore these files from a backup, as docs/operations/recovery.md describes"),
    N_(
        "WARC files whose texts Pressmark has not counted in the database yet: %(count)s; until they are "
        "counted, Pressmark does not notice if they are deleted; to count them, start pressmark serve or "
        "pressmark run"
    ),
    N_("the index (the list of all captures) covers every WARC file of the store"),
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
    N_("other sources"),
    N_("text withheld"),
    N_("exports and language models do not get the text, as use is set to %(use)s and the site says: %(said)s"),
    N_(
        "exports and language models do not get the text, as the files of sources have a mistake or can't be "
        "read, which hides its use, and the site says: %(said)s"
    ),
    N_("%(source)s: scope"),
    N_("%(source)s: robots.txt"),
    N_("%(source)s: last fetched"),
    N_("%(source)s: next fetch"),
    N_("%(source)s: next run"),
    N_("%(source)s: reason"),
    N_("%(source)s: browser"),
    N_("a browser renders the page (%(rule)s)"),
    N_("no browser renders the page (%(rule)s)"),
    N_(
        "no browser renders the page, as the browser brought no text to the last %(count)s pages like %(pattern)s; "
        "one of %(each)s such pages is rendered again"
    ),
    N_("a browser renders the page where it has little text, as pages like %(pattern)s needed the browser"),
    N_("a browser renders the page if its text comes from scripts (%(rule)s)"),
    N_("%(time)s, status %(status)s, %(kind)s, archived under the address %(url)s"),
    N_("%(time)s, status %(status)s, %(kind)s"),
    *WHY,
)
