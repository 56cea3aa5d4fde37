"""What pages say of the browser and of checks by replay, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

BROWSER_FINDINGS = (
    N_("the browser brought no text to the last %(count)s pages like %(pattern)s"),
    N_("at replay, the browser could not show the page: %(why)s"),
    N_("at replay, %(share)s percent of the text is missing"),
    N_("at replay, %(count)s files can't be found, such as %(url)s"),
    N_("at replay, %(count)s file can't be found, such as %(url)s"),
    N_("at replay, %(count)s files can't be found"),
    N_("at replay, %(count)s file can't be found"),
    N_("the reason names a page that was taken down"),
    N_("at replay, the picture differs by %(share)s percent"),
    N_("at replay, the picture was not compared: the one at the capture can't be read"),
    N_("an unexpected error ended the check; the log of the service names it"),
    N_("the pages of the run %(run)s are being checked already; wait until the check has ended"),
    N_("the run %(run)s has not ended; its pages can be checked by replay after its end"),
    N_("the processes that checked the pages ended before the check, %(count)s times"),
    N_("give a number of pages from 1 to %(most)s"),
)
"""Why pages are not rendered, and what is different when they are shown from the archive alone."""
