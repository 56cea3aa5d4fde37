"""Why a run with a login ended, why a login is refused, and why an answer to it is not kept."""

from __future__ import annotations

from pressmark.http.words import N_

LOGINS = (
    N_(
        "the site has logged Pressmark out: the page %(url)s (status %(status)s) does not contain "
        "%(text)s; log in with a browser, and ask the administrator to save its cookies with the command "
        "pressmark login"
    ),
    N_("the login could not be checked: %(url)s answered %(status)s"),
    N_("the login could not be checked: %(url)s could not be drawn: %(why)s"),
    N_("the login could not be checked: %(why)s"),
    N_("its localStorage has more than %(most)s values; keep only the items of the login"),
    N_("there is no item %(items)s in its localStorage"),
    N_("it is neither a cookies.txt nor a storage state of Playwright"),
    N_("it is not a storage state of Playwright"),
    N_("there are no cookies in it"),
    N_("the answer is not kept, as it repeats %(item)s of the login's storage"),
    N_("the answer is not kept, as it brings a token in %(name)s"),
    N_(
        "the answer is not kept, as it has more than %(size)s MiB, in which the values of the login's storage were not "
        "looked for"
    ),
    N_("the answer is not kept, as the values of the login's storage can't be looked for in it: %(why)s"),
    N_("what was drawn is not kept, as it has %(item)s of the login's storage"),
)
