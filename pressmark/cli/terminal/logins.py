"""Messages of `pressmark login` and `pressmark user rebind`, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

LOGINS = (
    N_("%(name)s has a new subject at the provider, and has to log in again"),
    N_(
        "the source %(name)s has no key session; add it to its file, for example: session: {cookies: {secret: "
        "%(secret)s}, check: Log out}"
    ),
    N_("the secret %(name)s comes from the environment; put the cookies there"),
    N_("the login in %(file)s can't be used: %(why)s"),
    N_("the login in the browser can't be used: %(why)s"),
    N_("%(file)s has neither cookies nor localStorage for the hosts of the source %(name)s: %(hosts)s"),
    N_(
        "this machine has no display for a browser window; log in with a browser on another machine, save its "
        "cookies, and give the file to this command"
    ),
    N_("log in at %(url)s in the browser window; then press Enter here, or close the window"),
    N_("the browser has neither cookies nor localStorage for the hosts of the source %(name)s: %(hosts)s"),
    N_(
        "the localStorage of the login is not kept, as no page of the source %(name)s is opened in a browser; add "
        "fetch: auto to its file, and repeat the command, if the site needs it"
    ),
    N_(
        "no page in the browser showed %(text)s, the text that only logged-in users see; nothing was saved. "
        "Repeat the command, log in, and end it while the window shows that text at %(url)s"
    ),
    N_("saved %(count)s cookies for the source %(name)s as the secret %(secret)s"),
    N_("saved %(count)s cookies and %(items)s items of localStorage for the source %(name)s as the secret %(secret)s"),
)
