"""The sentences of the commands of watches."""

from __future__ import annotations

from pressmark.http.words import N_

WATCHES = (
    N_("the watch has found none of its words"),
    N_(
        "there are no watches yet; a watch notifies you when words of your choice appear in new text on a "
        "page; to add one, use 'pressmark watches add', or open the page “Watches”"
    ),
    N_("no watch named %(name)s"),
    N_("a watch named %(name)s already exists; choose another name"),
    N_("give at least one phrase"),
    N_("another person changed the watch at the same time; open its page again"),
    N_("the watch %(name)s is in the settings file; change it there"),
    N_("the watch %(name)s has no former state, so there is nothing to undo"),
    N_("the watch %(name)s is removed; 'pressmark watches undo %(again)s' brings it back"),
    N_("the watch %(name)s is paused; 'pressmark watches resume %(again)s' ends that"),
    N_(
        "the watch %(name)s finds what is archived from now on; to try its words, run 'pressmark watches try %(again)s'"
    ),
    N_("the test message was accepted"),
    N_("nothing changed: the watch %(name)s was like this before"),
    N_("this version of Pressmark can't read the watch %(name)s; remove it, then add it again"),
    N_("nobody gets messages about watches; to get them, open the page of a watch"),
    N_("there are no messages with this id"),
    N_("run 'pressmark watches subscriptions'"),
)
