"""What is said where something was taken down, and why something can not be, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

TAKE_DOWNS = (
    N_("took down %(url)s; to show it again: pressmark takedown lift %(id)s"),
    N_("readers can see %(url)s again"),
    N_("nothing was taken down"),
    N_("taken down on %(day)s until %(end)s: %(reason)s"),
    N_("taken down on %(day)s: %(reason)s"),
    N_("captures in this WARC file were taken down; an export has the other ones"),
    N_("a take-down needs a reason of at most %(most)s characters"),
    N_("the end of a take-down lies in the future"),
    N_("a time goes with the match exact only"),
    N_("no capture of %(url)s at %(time)s; use a time of 14 digits from its list of captures"),
    N_("no take-down with the id %(id)s"),
)
