"""States that need a person: each in one sentence, with the way out. docs/operations/states.md shows KINDS."""

from __future__ import annotations

from dataclasses import dataclass

from pressmark.service.exits import Exit
from pressmark.service.shared_states import ASSISTANT_KINDS, ROOM_KINDS, SERVICE_KINDS, TEXT_KINDS
from pressmark.service.state_kind import Kind


@dataclass(frozen=True, slots=True)
class Condition:
    """The state of one part. `code` is the exit code of a command that meets it; 0 for a part that works."""

    part: str
    sentence: str
    code: Exit = Exit.OK
    state: str | None = None
    """The name of its kind, if it has one."""
    blocks: bool = True


KINDS: dict[str, Kind] = {
    "spiders-not-confined": Kind(
        "spiders",
        "your own spiders (crawling programs) run with more rights than they need, because this computer "
        "can't isolate them: %(why)s; use Linux 5.13 or later with Landlock, or set worker.confine_spiders "
        "to true, so that no spider runs without isolation",
        Exit.CONFIG,
        "Use Linux 5.13 or later with Landlock. With `worker.confine_spiders: true`, no spider runs that can't be"
        " confined; with `false`, none is confined, and this state ends.",
        blocks=False,
    ),
    "browser-missing": Kind(
        "browser",
        "no browser can render the pages of %(count)s sources, such as %(first)s: %(why)s",
        Exit.CONFIG,
        "Install Debian's package `chromium`, or set `browser.executable` (docs/how-to/script-pages.md).",
        blocks=False,
    ),
    "media-tool-missing": Kind(
        "media",
        "%(count)s sources, such as %(first)s, archive video and audio, and yt-dlp, which finds them, is not "
        "installed; install it with pip install 'pressmark[media]'",
        Exit.CONFIG,
        "Run `pip install 'pressmark[media]'`, or take `keep.media` out of the sources (docs/how-to/media.md).",
        blocks=False,
    ),
    "answering-incomplete": Kind(
        "answering",
        "%(missing)s of the %(all)s processes that answer web requests are not running: %(why)s; "
        "Pressmark tries to start them again automatically",
        Exit.TEMPORARY,
        "The log names the cause. `pressmark doctor` can't see this state. The other processes answer meanwhile.",
        blocks=False,
    ),
    "database-unusable": Kind(
        "database",
        "the database %(where)s can't be used: %(why)s",
        Exit.DATABASE,
        "Start the database server, or make the file readable. Captures still go to the spool and are indexed later.",
    ),
    "database-read-only": Kind(
        "database",
        "the database %(where)s can be read but not written; if it is a file, make the file and its "
        "directory writable for the user that runs Pressmark; if it is a server, let it accept writes",
        Exit.DATABASE,
        "Captures still go to the spool and are indexed later. A PostgreSQL server that is a standby, or whose"
        " `default_transaction_read_only` is on, accepts no writes.",
    ),
    "database-damaged": Kind(
        "database",
        "the database %(where)s is damaged (%(why)s); the administrator can replace it with the command "
        "pressmark serve or pressmark run, which keeps the damaged one under another name and builds a new "
        "one from the archived files",
        Exit.DATABASE,
        "Start the service, or wait: a running service repairs it automatically. Runs, slots and events stay in the old"
        " file; captures and texts are restored (recovery.md).",
    ),
    "index-incomplete": Kind(
        "index",
        "%(why)s; until this is complete, searches and lists lack some pages",
        Exit.TEMPORARY,
        "Wait while the numbers grow. If the store could not be compared, repair the store: the comparison is retried"
        " automatically.",
    ),
    "decisions-unread": Kind(
        "decisions",
        "files of the ledger (saved history and decisions of people) that this database does not know are "
        "damaged or missing in the store: %(count)s, the first is %(first)s; some take-downs may be "
        "unknown, so no page is shown; the administrator can restore these files from a copy of the store, "
        "or, if no copy is left, use the command pressmark rebuild --accept-lost-decisions",
        Exit.INTEGRITY,
        "`pressmark audit --repair` restores them from a replica. The state ends a minute after the files can be read."
        " Pages are archived meanwhile, and nothing is imported into the index from the store.",
    ),
    "disk-full": Kind(
        "space",
        "the disk at %(path)s (%(uses)s) has only %(free)s free; free some space on it, then "
        "crawling resumes automatically",
        Exit.DISK_FULL,
        "Delete or move other files, or move the directory to a larger disk. No acknowledged capture is lost.",
    ),
    "disk-without-inodes": Kind(
        "space",
        "the disk at %(path)s (%(uses)s) can hold only %(inodes)s more files (inodes); delete files on it "
        "that you no longer need",
        Exit.DISK_FULL,
        "`df -i` shows it. A file system with a fixed number of inodes must be recreated to get more.",
    ),
    "disk-read-only": Kind(
        "space",
        "the disk at %(path)s (%(uses)s) is read-only, so Pressmark can't save pages there; mount the disk "
        "with write access",
        Exit.ERROR,
        "The kernel remounts a failing disk read-only: check its log before `mount -o remount,rw`.",
    ),
    "disk-refuses": Kind(
        "space",
        "Pressmark can't write files to %(path)s (%(use)s): %(why)s; repair the disk, then "
        "crawling resumes automatically",
        Exit.ERROR,
        "After a disk error the kernel stops writing to a file system, although it is still mounted as writable: check"
        " the kernel log, unmount it, and run fsck.",
    ),
    "too-many-files": Kind(
        "files",
        "the process %(pid)s of Pressmark has reached the system's limit of open files: "
        "%(why)s; raise this limit, and restart the process",
        Exit.ERROR,
        "`ulimit -n`, or `LimitNOFILE=` of the systemd unit, sets the limit; that of the whole system is `fs.file-max`."
        " Work that needs files fails until then, and is repeated. No acknowledged capture is lost.",
    ),
    "sources-unreadable": Kind(
        "sources",
        "Pressmark can't read the directory of source files %(path)s: %(why)s; make the "
        "directory readable for the user %(user)s, or repair its disk",
        Exit.CONFIG,
        "The service continues with the sources that it read before; changes of the files have no effect until then. It"
        " looks again by itself.",
    ),
    "directory-denied": Kind(
        "space",
        "Pressmark has no permission to write to %(path)s (%(use)s); to give the permission, run chown "
        "-R %(user)s on this directory",
        Exit.ERROR,
        "The service does not run as the owner of the directory.",
    ),
    "clock-behind": Kind(
        "clock",
        "the clock of this computer is %(behind)s behind the time of the latest capture; if the clock is "
        "wrong, set it; if it is right, the clock was fast when that capture was made: wait until that time "
        "has passed",
        Exit.ERROR,
        "Until then, new captures get times just after the latest one, so that their order stays right. Schedules"
        " follow the current clock.",
    ),
    "spool-filling": Kind(
        "spool",
        "files that wait for their upload fill %(fraction)s of the spool %(path)s (the directory for such "
        "files), so no new run starts; check why the files are not uploaded, or raise the setting "
        "spool.budget",
        Exit.DISK_FULL,
        "`pressmark doctor` shows the store's problem. Above 85 % running crawls pause, above 95 % nothing is"
        " accepted.",
    ),
    "crawling-paused": Kind(
        "crawling",
        "the crawling process %(worker)s has paused all its runs since %(since)s UTC: %(why)s; "
        "free some space on the disk, then it resumes automatically",
        Exit.DISK_FULL,
        "Upload the waiting segments, raise `spool.budget`, or free space on the disk of the spool. The runs continue"
        " where they stopped.",
    ),
    "captures-lost": Kind(
        "recovery",
        "captures that were already saved are lost after a disk error or a crash: %(count)s, listed in "
        "%(file)s; to recover what is left, run pressmark ingest on the other files in the same directory "
        "(there are %(others)s), then move all files of the directory to another place",
        Exit.INTEGRITY,
        "A disk error or a crash damaged segments of the spool. `pressmark ingest` imports the complete records in the"
        " quarantined bytes. The lists show which captures to repeat. The state ends when the lists are moved away.",
    ),
    "captures-out-of-reach": Kind(
        "captures",
        "captures that are damaged or lost: %(count)s; the next run of each source archives the pages again "
        "that still exist on the web; if you have an undamaged copy of the WARC file, import it with pressmark "
        "ingest",
        Exit.INTEGRITY,
        "`pressmark captures URL` and the calendar mark them. The state also ends when you restore the object from a"
        " copy and run `pressmark verify --all` (backup.md).",
        blocks=False,
    ),
    **SERVICE_KINDS,
    "items-damaged": Kind(
        "items",
        "files with collected items (data records of your own spiders) are damaged: %(count)s, the first is "
        "%(file)s (%(why)s); replace them from a backup, or move them to another place",
        Exit.INTEGRITY,
        "Each line of such a file is a JSON object with an item. The store does not have them yet; the next run of a"
        " spider uploads what is repaired. The pages that the items come from are archived.",
        blocks=False,
    ),
    "store-silent": Kind(
        "store",
        "%(why)s; check the server of the store and the network; when they work again, uploads resume automatically",
        Exit.STORE,
        "Captures are safe in the spool, as long as it has space.",
    ),
    "store-missing": Kind(
        "store",
        "the store %(path)s is missing: %(why)s; its %(count)s WARC files can't be read; mount its disk, or "
        "restore the directory from a backup",
        Exit.STORE,
        "Until then, new files wait in the spool; they are uploaded automatically afterwards. If the files are lost for"
        " good, `pressmark audit --share 1/1 --repair --refill store` fills what is there now from a replica.",
    ),
    "store-refuses": Kind(
        "shipping",
        "WARC files are waiting to be uploaded to the store: %(count)s; %(why)s; once this is fixed, the "
        "uploads resume automatically",
        Exit.STORE,
        "`pressmark doctor` tests the store directly. Captures are safe in the spool, as long as it has space.",
    ),
    "objects-damaged": Kind(
        "store",
        "the last full check, at %(at)s UTC, found damaged or missing files: %(count)s, the first is "
        "%(first)s; the administrator can restore them from a backup, and then check again with the "
        "command pressmark verify --all",
        Exit.INTEGRITY,
        "`pressmark verify --all` lists them. Objects never change: any copy is good. Without one, see backup.md. The"
        " state ends when a full check finds no problems, or when `pressmark audit --repair` has written all again.",
    ),
    "audit-overdue": Kind(
        "fixity",
        "the check of the stored files for damage has been overdue since %(since)s UTC%(why)s; until it "
        "runs again, Pressmark does not notice new damage; the service tries again automatically; the "
        "administrator can start the check now with the command pressmark audit",
        Exit.TEMPORARY,
        "Audits run while `pressmark serve` runs. If a store does not respond, repair the store: the audit is retried"
        " automatically. `pressmark audit` runs one now.",
        blocks=False,
    ),
    "copies-wrong": Kind(
        "fixity",
        "stored files are damaged or missing: %(count)s, the first is %(first)s in %(place)s; the "
        "administrator can repair them from another copy with the command pressmark audit --repair; if no "
        "undamaged copy is left, %(way_out)s",
        Exit.INTEGRITY,
        "`pressmark audit --events` says what was found and tried. The state ends when an audit finds the copies"
        " intact.",
        blocks=False,
    ),
    "replica-missing": Kind(
        "fixity",
        "the replica %(replica)s (a further copy of the store) is missing: %(why)s; mount its disk; if its "
        "files are lost, the administrator can copy them again with the command pressmark audit --share "
        "1/1 --repair --refill %(place)s",
        Exit.STORE,
        "Until then, nothing is copied to it. While `pressmark serve` runs, the state ends a minute after the mount.",
        blocks=False,
    ),
    "replica-behind": Kind(
        "fixity",
        "files are missing from the replica %(replica)s (a further copy of the store): %(count)s, the "
        "oldest since %(since)s UTC%(why)s; check this replica and the network; while the service runs, it "
        "copies the files automatically",
        Exit.STORE,
        "Check the replica's store and the network. It is filled automatically while `pressmark serve` runs.",
        blocks=False,
    ),
    "watch-failing": Kind(
        "watches",
        "the watch %(watch)s, which searches new text for words, has not worked since %(since)s UTC: "
        "%(why)s; Pressmark tries it again automatically, and then reads what it missed, up to 30 days back",
        Exit.TEMPORARY,
        "The log of the service has the details. Once the watch works again, it reads what it missed, up to 30 days"
        " back. Other watches are not affected.",
        blocks=False,
    ),
    "watch-messages-failing": Kind(
        "watches",
        "messages about what the watch %(watch)s finds have not been sent since %(since)s UTC: %(why)s; Pressmark "
        "tries again automatically, and then sends what was not sent",
        Exit.TEMPORARY,
        "The page of the watch lists the messages that fail. Check `notify.mail`, `notify.apprise` and `public_url` in"
        " the settings, or remove the messages there. Nothing is lost, and nothing is sent twice.",
        blocks=False,
    ),
    **TEXT_KINDS,
    **ASSISTANT_KINDS,
    **ROOM_KINDS,
}


def condition(name: str, **facts: object) -> Condition:
    """Return the condition of a kind, with the values filled into its sentence."""
    kind = KINDS[name]
    return Condition(kind.part, kind.sentence % facts, kind.code, name, kind.blocks)
