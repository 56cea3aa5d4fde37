"""The words beside what a language model wrote: that a machine made it, and that nobody checked it."""

from __future__ import annotations

MARK = "Made by a machine (%(model)s), not checked"
MARK_ZH = "机器生成（%(model)s），未经核对"
