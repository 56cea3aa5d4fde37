"""Sentences as earlier versions wrote them into databases, with the present sentence that says the same."""

from __future__ import annotations

from collections.abc import Mapping

FORMER: Mapping[str, str] = {
    # How runs ended.
    "%(what)s; %(cut)s responses too long, truncated": (
        "%(what)s; %(cut)s files were larger than allowed, so only their beginnings are archived"
    ),
    "%(what)s; %(cut)s response too long, truncated": (
        "%(what)s; %(cut)s file was larger than allowed, so only its beginning is archived"
    ),
    "%(what)s; %(pages)s pages are rendered by scripts: their text is not archived": (
        "%(what)s; %(pages)s pages get their text from scripts, so the archive does not have this text"
    ),
    "%(what)s; 1 page is rendered by scripts: its text is not archived": (
        "%(what)s; 1 page gets its text from scripts, so the archive does not have this text"
    ),
    "%(pages)s pages are rendered by scripts: their text is not archived": (
        "%(pages)s pages get their text from scripts, so the archive does not have this text"
    ),
    "1 page is rendered by scripts: its text is not archived": (
        "1 page gets its text from scripts, so the archive does not have this text"
    ),
    "the page is rendered by scripts: its text is not archived": (
        "the page gets its text from scripts, so the archive does not have this text"
    ),
    "the seeds are pages, not feeds or sitemaps": (
        "the start URLs of the source are ordinary pages, not feeds or sitemaps; choose another walk (crawl method)"
    ),
    "the seeds contain no forum boards or threads": (
        "the start URLs of the source show no forum boards or threads; choose another walk (crawl method)"
    ),
    "the seeds redirect to %(url)s, which is outside the source: its links are not followed": (
        "the start URL redirects to %(url)s, which does not belong to the source, so Pressmark does not "
        "follow the links on that page"
    ),
    "the start URL redirects to %(url)s, which does not belong to the source, so its links are not followed": (
        "the start URL redirects to %(url)s, which does not belong to the source, so Pressmark does not "
        "follow the links on that page"
    ),
    "got %(what)s instead of pages; %(pages)s pages were fetched": (
        "the site sent %(what)s instead of pages; %(pages)s pages were fetched"
    ),
    "got %(what)s instead of pages; 1 page was fetched": (
        "the site sent %(what)s instead of pages; 1 page was fetched"
    ),
    "nothing was archived; %(why)s": "the run archived nothing; %(why)s",
    "nothing was archived": "the run archived nothing",
    "the seeds redirect in a loop": "the start URLs of the source redirect to each other without end",
    "the disk of the frontier %(where)s is full: %(why)s": (
        "the disk is full, so Pressmark can't save the URLs that it has still to fetch, in %(where)s: "
        "%(why)s; make space on the disk"
    ),
    "the frontier %(where)s can't be written: %(why)s": (
        "Pressmark can't save the URLs that it has still to fetch, in %(where)s: %(why)s"
    ),
    "the items of the run can't be written to %(where)s: %(why)s": (
        "Pressmark can't write the items (data records) that the run collected to %(where)s: %(why)s"
    ),
    "%(seed)s: host-unreachable (%(why)s)": "the server of %(seed)s can't be reached (%(why)s)",
    "there is no browser %(program)s on this machine; install Debian's package chromium": (
        "the browser %(program)s is not installed on this machine; install Debian's package chromium"
    ),
    "the browser ended while it drew the page": "the browser ended while it rendered the page",
    "the page has %(count)s characters of markup, and %(limit)s are accepted": (
        "the page is too long: %(count)s characters of HTML, and %(limit)s are allowed"
    ),
    "%(what)s; %(cut)s responses were longer than allowed and end early": (
        "%(what)s; %(cut)s files were larger than allowed, so only their beginnings are archived"
    ),
    "%(what)s; %(cut)s response was longer than allowed and ends early": (
        "%(what)s; %(cut)s file was larger than allowed, so only its beginning is archived"
    ),
    "%(what)s; no browser started, so %(pages)s pages were archived only as the server sent them": (
        "%(what)s; Pressmark could not start a browser, so %(pages)s pages were archived without what their scripts add"
    ),
    "%(what)s; no browser started, so 1 page was archived only as the server sent it": (
        "%(what)s; Pressmark could not start a browser, so 1 page was archived without what its scripts add"
    ),
    "no browser started, so %(pages)s pages were archived only as the server sent them": (
        "Pressmark could not start a browser, so %(pages)s pages were archived without what their scripts add"
    ),
    "no browser started, so 1 page was archived only as the server sent it": (
        "Pressmark could not start a browser, so 1 page was archived without what its scripts add"
    ),
    "%(pages)s pages, %(new)s new or changed responses": (
        "%(pages)s pages fetched, %(new)s new or changed files archived"
    ),
    "%(pages)s pages, %(new)s new or changed response": (
        "%(pages)s pages fetched, %(new)s new or changed file archived"
    ),
    "%(pages)s page, %(new)s new or changed responses": (
        "%(pages)s page fetched, %(new)s new or changed files archived"
    ),
    "%(pages)s page, %(new)s new or changed response": ("%(pages)s page fetched, %(new)s new or changed file archived"),
    "page %(pages)s of the thread %(url)s is missing": (
        "page %(pages)s of the forum thread %(url)s is missing from this run"
    ),
    "pages %(pages)s of the thread %(url)s are missing": (
        "pages %(pages)s of the forum thread %(url)s are missing from this run"
    ),
    "pages of %(threads)s threads are missing, such as pages %(pages)s of %(url)s": (
        "pages of %(threads)s forum threads are missing from this run, such as pages %(pages)s of %(url)s"
    ),
    "pages of %(threads)s threads are missing, such as page %(pages)s of %(url)s": (
        "pages of %(threads)s forum threads are missing from this run, such as page %(pages)s of %(url)s"
    ),
    # Why runs were not over.
    "%(why)s; this was attempt %(attempt)s of %(attempts)s, so start another run": (
        "%(why)s; this was attempt %(attempt)s of %(attempts)s, and Pressmark does not try again; to try again, "
        "start another run"
    ),
    "interrupted: its machine was lost; it starts again automatically": (
        "the run was interrupted, as its machine no longer responds; the run starts again automatically"
    ),
    "%(why)s; it resumes automatically": "%(why)s; the run continues automatically",
    "%(why)s; attempt %(attempt)s of %(attempts)s: start another run": (
        "%(why)s; this was attempt %(attempt)s of %(attempts)s, and Pressmark does not try again; to try "
        "again, start another run"
    ),
    "interrupted: the worker %(worker)s died or stalled": (
        "the run was interrupted, as the crawling process %(worker)s ended or stopped responding"
    ),
    "the run was interrupted, as its machine was lost; it starts again automatically": (
        "the run was interrupted, as its machine no longer responds; the run starts again automatically"
    ),
    "the run was interrupted, as the crawling process %(worker)s ended or hung": (
        "the run was interrupted, as the crawling process %(worker)s ended or stopped responding"
    ),
    "interrupted: %(why)s": "the run was interrupted: %(why)s",
    "cancelled on the run page": "somebody cancelled the run on its page",
    "somebody cancelled it on the page of the run": "somebody cancelled the run on its page",
    "the worker stops": "the crawling process is stopping",
    "the worker stopped": "the crawling process stopped",
    "the worker made no progress for %(seconds)s s, at %(file)s, line %(line)s": (
        "the crawling process made no progress for %(seconds)s seconds, so Pressmark ended it; a bug report should "
        "name this place in the code: %(file)s, line %(line)s"
    ),
    "the crawling process made no progress for %(seconds)s s; it waited at %(file)s, line %(line)s": (
        "the crawling process made no progress for %(seconds)s seconds, so Pressmark ended it; a bug report should "
        "name this place in the code: %(file)s, line %(line)s"
    ),
    "the worker made no progress for %(seconds)s s": (
        "the crawling process made no progress for %(seconds)s seconds, so Pressmark ended it"
    ),
    "the crawling process made no progress for %(seconds)s s": (
        "the crawling process made no progress for %(seconds)s seconds, so Pressmark ended it"
    ),
    "the worker did not start within %(seconds)s s, at %(file)s, line %(line)s": (
        "the crawling process did not start within %(seconds)s seconds, so Pressmark ended it; a bug report should "
        "name this place in the code: %(file)s, line %(line)s"
    ),
    "the crawling process did not start within %(seconds)s s; it waited at %(file)s, line %(line)s": (
        "the crawling process did not start within %(seconds)s seconds, so Pressmark ended it; a bug report should "
        "name this place in the code: %(file)s, line %(line)s"
    ),
    "the worker did not start within %(seconds)s s": (
        "the crawling process did not start within %(seconds)s seconds, so Pressmark ended it"
    ),
    "the crawling process did not start within %(seconds)s s": (
        "the crawling process did not start within %(seconds)s seconds, so Pressmark ended it"
    ),
    # Why a replica has nothing of what it had.
    "it has none of the manifests that it had": "all its lists of files (manifests) are missing",
    "it has lost what it had while it was filled": "its files disappeared while Pressmark copied other files to it",
    # Why pages were not fetched.
    "the server speaks HTTP/2 only, and was asked in HTTP/1.1": (
        "the server accepts only HTTP/2, but Pressmark asks in HTTP/1.1, so it can't archive this page"
    ),
    "%(where)s redirects more than %(count)s times: treated as missing": (
        "%(where)s redirects more than %(count)s times, so Pressmark ignores this file and may fetch all pages"
    ),
    "%(where)s answered %(status)s, so nothing may be fetched until it can be read": (
        "the website answered the request for %(where)s with an error (status %(status)s), so Pressmark fetches no "
        "page of the site until it can read this file"
    ),
    "%(where)s answered %(status)s, so everything is allowed": (
        "the website answered the request for %(where)s with an error (status %(status)s), so Pressmark may fetch all "
        "pages"
    ),
    "%(where)s could not be fetched (%(why)s), so nothing may be fetched until it can be read": (
        "%(where)s could not be fetched (%(why)s), so Pressmark fetches no page of the site until it can read this file"
    ),
    "refused to fetch %(host)s: the port is not allowed": (
        "Pressmark does not fetch from %(host)s: the settings do not allow its port"
    ),
    "refused to fetch %(host)s: %(address)s is not allowed (%(why)s)": (
        "Pressmark does not fetch from %(host)s: its address %(address)s is not on the public internet (%(why)s)"
    ),
    "refused to fetch %(host)s: %(why)s address": (
        "Pressmark does not fetch from %(host)s: this address is not on the public internet (%(why)s)"
    ),
    "Pressmark does not fetch from %(host)s: its port is not allowed": (
        "Pressmark does not fetch from %(host)s: the settings do not allow its port"
    ),
    "Pressmark does not fetch from %(host)s: its address %(address)s is not allowed (%(why)s)": (
        "Pressmark does not fetch from %(host)s: its address %(address)s is not on the public internet (%(why)s)"
    ),
    "Pressmark does not fetch from %(host)s: its address is not a public one (%(why)s)": (
        "Pressmark does not fetch from %(host)s: this address is not on the public internet (%(why)s)"
    ),
    "%(where)s redirects more than %(count)s times, so Pressmark treats this file as missing, and all pages may be "
    "fetched": "%(where)s redirects more than %(count)s times, so Pressmark ignores this file and may fetch all pages",
    "%(where)s answered with status %(status)s (no such file), so all pages may be fetched": (
        "%(where)s does not exist (status %(status)s), so Pressmark may fetch all pages"
    ),
    "%(where)s answered with status %(status)s, so all pages may be fetched": (
        "the website answered the request for %(where)s with an error (status %(status)s), so Pressmark may fetch all "
        "pages"
    ),
    "%(where)s answered with status %(status)s, so Pressmark may fetch all pages": (
        "the website answered the request for %(where)s with an error (status %(status)s), so Pressmark may fetch all "
        "pages"
    ),
    "%(where)s answered with status %(status)s, so Pressmark fetches no page of the site until it can read this file": (
        "the website answered the request for %(where)s with an error (status %(status)s), so Pressmark fetches no "
        "page of the site until it can read this file"
    ),
    "the disk with the queue of URLs to fetch, %(where)s, is full: %(why)s": (
        "the disk is full, so Pressmark can't save the URLs that it has still to fetch, in %(where)s: "
        "%(why)s; make space on the disk"
    ),
    "Pressmark can't write the queue of URLs to fetch, %(where)s: %(why)s": (
        "Pressmark can't save the URLs that it has still to fetch, in %(where)s: %(why)s"
    ),
    "logged out: %(url)s answered %(status)s, without %(text)s; log in with a browser, and save its cookies with "
    "'pressmark login'": (
        "the site has logged Pressmark out: the page %(url)s (status %(status)s) does not contain %(text)s; log in "
        "with a browser, and ask the administrator to save its cookies with the command pressmark login"
    ),
}
"""The present sentence by the former one; the first that matches is used. Readers of English see the former one."""
