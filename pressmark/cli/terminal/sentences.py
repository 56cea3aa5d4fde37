"""Messages of the commands, marked for translation."""

from __future__ import annotations

from pressmark.cli.terminal.cells import CELLS
from pressmark.cli.terminal.copies import COPIES
from pressmark.cli.terminal.counts import COUNTS
from pressmark.cli.terminal.logins import LOGINS
from pressmark.cli.terminal.purges import PURGES
from pressmark.cli.terminal.watch_sentences import WATCHES
from pressmark.http.hidden.sentences import TAKE_DOWNS
from pressmark.http.words import N_

MESSAGES = (
    # How a command is called.
    N_("Try '%(command)s' for help."),
    N_("No such option: %(option)s (Possible options: %(options)s)"),
    N_("No such option: %(option)s"),
    N_("No such command %(name)s. Did you mean %(others)s?"),
    N_("No such command %(name)s."),
    N_("Missing argument %(name)s."),
    N_("Missing option %(name)s."),
    N_("Missing command."),
    N_("Option %(name)s requires an argument."),
    N_("Option %(name)s does not take a value."),
    N_("the command does not accept these words: %(arguments)s"),
    N_("Invalid value for %(name)s: %(why)s"),
    N_("it must be a whole number, such as 10"),
    N_("it must be a number, such as 0.5"),
    N_("it must be at least %(least)s"),
    N_("it must be at most %(most)s"),
    N_("it must be more than %(least)s"),
    N_("it must be less than %(most)s"),
    N_("%(given)s is not one of %(choices)s."),
    N_("the path of the directory is empty; give a path, or leave out --home"),
    *TAKE_DOWNS,
    N_("aborted"),
    N_("interrupted"),
    N_("interrupted; to continue %(runs)s, run 'pressmark run' again"),
    N_("warning: %(what)s"),
    N_("error: %(what)s"),
    N_("hint: %(what)s"),
    *LOGINS,
    # Hints.
    N_("free some space on the disk that is named above; no archived page is lost"),
    N_("mount the disk that is named above so that Pressmark can write to it; no archived page is lost"),
    N_(
        "if the database is a file, make the file and its directory writable for this user; if it is a "
        "server, let it accept writes"
    ),
    N_("run the command again: it then uses the new database"),
    N_("another Pressmark process is using this directory; stop it or use a different --home"),
    N_(
        "give the crawling process of this machine a name that no other machine uses: set worker.name "
        "(PRESSMARK_WORKER__NAME)"
    ),
    N_(
        "Pressmark runs as the user %(user)s, who has no permission to write to this directory; to give "
        "the permission, run as root: chown -R %(id)s DIRECTORY"
    ),
    N_("run 'pressmark source list' to see all sources"),
    N_("run 'pressmark runs list' to see all runs"),
    N_("run 'pressmark captures URL' to see all captures"),
    N_("for details, run 'pressmark doctor'; no archived page is lost"),
    N_("check the settings s3.access_key and s3.secret_key, and what this key may do; no archived page is lost"),
    N_("check the database server; the pages archived so far are safe, as their files do not need the database"),
    N_(
        "check the rights and the limits of the database user; the pages archived so far are safe, as their "
        "files do not need the database"
    ),
    N_(
        "run 'pressmark serve', 'pressmark run' or 'pressmark rebuild': each keeps the damaged database "
        "under another name and builds a new one from the archived files"
    ),
    N_(
        "if the database was moved, put it back; if it is lost, run 'pressmark rebuild', which builds a new "
        "one from the archived files; then repeat the command"
    ),
    N_("the database %(where)s is missing"),
    N_("rename the damaged database, then run 'pressmark rebuild': it builds a new one from the archived files"),
    N_("run 'pressmark add URL' to add one"),
    N_("run 'pressmark resume' to continue"),
    N_("run 'pressmark source resume %(source)s' to continue"),
    N_(
        "the archived pages are safe in %(where)s; once this problem is solved, the next 'pressmark "
        "run' or 'serve' uploads them"
    ),
    N_("to replace it, add --force"),
    N_("to delete it without being asked, add --yes"),
    N_("give the words to search for: pressmark search WORDS"),
    N_("use one of these: %(which)s"),
    N_("choose another port (--port, or the setting replay.port), or stop the process that uses it"),
    N_("the setting public_url is missing; without it, a citation has no permanent link"),
    N_(
        "set public_url to the address at which readers reach your service, by a line of HOME/pressmark.yaml: "
        "'public_url: https://archive.example.org'"
    ),
    N_("this command needs the Python package mcp, which is not installed"),
    N_("install it with: pip install 'pressmark[mcp]'"),
    N_("give the URL of a page; or write - and give one URL per line on standard input"),
    # Errors.
    N_("database error: %(why)s"),
    N_("there is no source (archived site) to crawl"),
    N_("the command needs the URL of a page"),
    N_("the search needs at least one word"),
    N_("all crawling is paused"),
    N_("the source %(name)s is paused"),
    N_("the source %(name)s is paused, so this command does not crawl it"),
    N_("another program already uses the address %(address)s"),
    N_("file not found: %(file)s"),
    N_("no collection named %(name)s"),
    N_("the file %(file)s already exists"),
    N_("unknown format %(format)s"),
    N_("nothing was saved"),
    *COPIES,
    *PURGES,
    N_("this source is not shared with other machines"),
    N_("directory not found: %(directory)s"),
    N_("there are no source files in %(directory)s"),
    N_("there is no spool (directory of archived files that are not in the store yet) at %(directory)s"),
    N_("unknown role: %(role)s"),
    N_("the roles of a service are: %(roles)s"),
    N_("%(spool)s: WARC files in the store: %(segments)s, captures in them: %(captures)s"),
    N_("%(spool)s: not adopted, for the reason above"),
    N_("captures that are lost, as the disk no longer has their files: %(count)s"),
    N_("WARC files that the disk can't read: %(count)s; the errors above name them"),
    N_("WARC files that are not in the store yet: %(count)s; run the command again"),
    N_("WARC files that people gave up and that can't be taken back: %(count)s; see pressmark doctor"),
    N_("stop that process first; its machine uploads what its spool has by itself"),
    N_("say what to verify: names of files, --all or --chain"),
    N_("Pressmark found no tables on %(url)s"),
    N_("the backup %(target)s does not exist"),
    N_("  without %(what)s"),
    N_("the backup target %(target)s is inside the directory to be backed up; choose a target on another disk"),
    N_("the options %(options)s can't be used together"),
    N_("use only one of %(options)s"),
    N_("a file in the format %(format)s can't be signed; export as wacz, or leave out --sign"),
    N_("only wacz files can be signed (--sign)"),
    N_("the text of %(pages)s could not be extracted again; the earlier text stays"),
    N_("Pressmark found no text on %(url)s"),
    N_("the run %(run)s archived no page with text"),
    N_("the run %(run)s of %(source)s has no items; items are data records, and only custom spiders collect them"),
    N_("some pages of this article are not archived: %(parts)s"),
    N_("a source named %(source)s already exists"),
    N_("choose another name"),
    N_("to remove it without being asked, add --yes"),
    N_("nobody was removed"),
    N_("the audit trail was changed after it was written: %(what)s"),
    N_("entry %(row)s of the audit trail was changed after it was written"),
    N_("between entry %(before)s and entry %(row)s of the audit trail, an entry was changed or removed"),
    N_(
        "the entries of the audit trail before entry %(row)s are missing, although no entry says that they were deleted"
    ),
    N_("another Pressmark process is writing to the spool %(path)s, where files wait for their upload: %(who)s"),
    N_("another Pressmark process is writing to the spool %(path)s, where files wait for their upload"),
    # Answers.
    N_("Password"),
    N_("Password again"),
    N_("Remove %(name)s?"),
    N_("added %(name)s with the role %(role)s"),
    N_("%(name)s has the role %(role)s"),
    N_(
        "%(name)s has the role %(role)s until the next login with OpenID Connect, which sets the role by the groups of "
        "the person at the provider"
    ),
    N_("changed the password of %(name)s"),
    N_("removed %(name)s"),
    N_("revoked %(name)s"),
    N_("nobody is registered yet; 'pressmark user add NAME' adds the first person"),
    N_("there are no access tokens yet; 'pressmark token add NAME' makes one"),
    N_("copy the access token now: Pressmark can't show it again"),
    N_("the audit trail is empty: nobody has changed anything yet"),
    N_(
        "no entry of the audit trail was changed or removed (%(count)s entries); the newest has the checksum %(digest)s"
    ),
    N_("Save this source?"),
    N_("nothing was saved: the source %(source)s already begins at the same URL"),
    N_("to save it nevertheless, use --name or --force"),
    N_("Delete %(file)s?"),
    N_("wrote the source file %(file)s; to crawl the site now, use 'pressmark run %(source)s'"),
    N_("The first run would fetch %(forecast)s."),
    N_(
        "The source %(name)s already begins at the same URL. If you also save this new source, "
        "Pressmark crawls the site twice."
    ),
    N_("  … and %(count)s more"),
    N_("  and %(count)s more; use --json to list all"),
    N_("  Pressmark skipped %(url)s, as the file robots.txt of the site forbids programs to fetch this address"),
    N_("  robots    %(what)s"),
    N_("  scripts   %(what)s"),
    N_("  sitemap   %(url)s, %(entries)s"),
    N_("  posts     %(url)s, %(items)s"),
    N_("  posts     %(url)s, %(items)s, the newest from %(date)s"),
    N_("  feed      %(url)s, %(items)s, the newest from %(date)s"),
    N_("  feed      %(url)s, %(items)s"),
    N_("  forum     software %(engine)s, %(boards)s and %(threads)s found on the page"),
    N_("  articles  %(count)s found on the page, and there are more on further pages"),
    N_("  articles  %(count)s found on the page"),
    N_("  Pressmark did not import the record at byte %(offset)s of the file: %(why)s"),
    N_("  the archived version of %(url)s from %(time)s has no content: %(why)s"),
    N_("not exported: %(what)s"),
    N_("wrote %(what)s to %(file)s"),
    N_("skipped (it was imported before)"),
    N_("stored unchanged"),
    N_("nothing was imported"),
    N_("%(count)s record rejected"),
    N_("%(count)s records rejected"),
    N_("%(count)s record without content"),
    N_("%(count)s records without content"),
    N_("%(count)s whose content is not archived"),
    N_("other records: %(which)s"),
    N_("%(what)s with the content of unchanged pages"),
    N_("the command would extract %(texts)s from %(segments)s"),
    N_("%(texts)s extracted from %(segments)s; %(changed)s changed, %(failed)s failed"),
    N_("%(source)s: %(what)s; to fetch all pages now: pressmark run %(name)s --all"),
    N_(
        "%(count)s lines are not shown, as only times, counters or links changed in them; to show these "
        "lines, add --noise"
    ),
    N_("1 line is not shown, as only times, counters or links changed in it; to show this line, add --noise"),
    N_("different versions of Pressmark extracted these two texts, so some differences may come from the extraction"),
    N_("the older capture shows this instead of the page: %(what)s"),
    N_("the newer capture shows this instead of the page: %(what)s"),
    N_("the thread was gone from the site when Pressmark checked it on %(time)s"),
    N_("what shows it: %(evidence)s"),
    N_("%(shown)s of at least %(all)s similar pages are shown"),
    N_("%(shown)s of %(all)s similar pages are shown"),
    N_("would be new"),
    N_("this run archived no page"),
    N_("no captures of %(url)s"),
    N_("%(url)s is archived under another address of the same page: %(address)s"),
    N_("the page has not changed"),
    N_("no results"),
    N_("for more results, add --cursor %(cursor)s"),
    N_(
        "the search also matches items (data records) that your own spiders collected; to see those "
        "instead of pages, use --items"
    ),
    N_("no page with a similar text was found"),
    N_("the text of the page is too short to find similar pages"),
    N_("no posts"),
    N_("complete"),
    N_("not archived: %(pages)s"),
    N_("no runs yet; run 'pressmark run' to start a crawl"),
    N_("no scheduled runs"),
    N_("no sources yet; run 'pressmark add URL' to add one"),
    *WATCHES,
    N_("nobody has marked a page yet"),
    N_("the run %(run)s will archive the page again"),
    N_("there are no pages to review in this run"),
    N_("--premis needs --events"),
    N_("--refill needs --repair"),
    N_("these pages of the thread are not archived: %(pages)s"),
    N_("there are no runs (crawls) yet; to start one, use 'pressmark run'"),
    N_("no run is planned: no source has a timetable, or all sources with a timetable are paused"),
    N_("there are no sources (archived sites) yet; to add one, use 'pressmark add URL'"),
    N_("there are no webhooks (receivers of messages about events); to add one, use 'pressmark webhooks add'"),
    N_("%(name)s: messages go to %(host)s; to test it, run 'pressmark webhooks test %(again)s'"),
    N_("%(name)s is removed; 'pressmark webhooks undo %(again)s' brings it back"),
    N_("the stored files have not been checked for damage yet; 'pressmark audit' starts a check (audit)"),
    N_("--premis works only together with --events"),
    N_("--refill works only together with --repair"),
    N_("--refill needs the place to which the files are copied; give one of these names: %(names)s"),
    N_("repaired: %(count)s"),
    N_("wrong: %(count)s"),
    N_("no messages yet"),
    N_("the run %(run)s was cancelled before it started"),
    N_("the run %(run)s was cancelled and will end soon"),
    N_("nothing changed: all crawling was already paused"),
    N_("crawling resumed"),
    N_("nothing changed: crawling was not paused"),
    N_("nothing changed: %(name)s was already paused"),
    N_("the source %(source)s is no longer paused"),
    N_("nothing changed: %(name)s was not paused"),
    N_("deleted the source file %(file)s; the archived pages of the source stay"),
    N_("Pressmark is at %(url)s"),
    N_("%(run)s queued"),
    # Progress: only nouns that are counted there, since any text may contain "of".
    N_("%(done)s of %(all)s WARC files"),
    N_("%(done)s of %(all)s file lists (manifests)"),
    N_("%(done)s of %(all)s files"),
    N_("%(done)s of %(all)s stored files"),
    N_("%(done)s of %(all)s of data"),
    N_("the service runs Pressmark %(theirs)s, but %(own)s is installed; restart the service"),
    N_("no archived page has tags or a note yet"),
    N_("the capture of %(url)s has no tags and no note"),
    N_("about %(duration)s left"),
    N_("%(rate)s captures/s"),
    N_("at least %(count)s more to fetch"),
    *COUNTS,
)
"""Messages. The first that matches is used. Filled-in values are translated the same way."""

_PLACES = (N_("the store in %(path)s"), N_("the replica %(name)s"))
"""Short names of places within other sentences: the last ones, because longer sentences begin with them, too."""

SENTENCES = MESSAGES + CELLS + _PLACES
