"""Make what a language model writes harmless: one line of plain text, of a limited length, without links."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1_500
"""Characters of a text that are kept."""
_THOUGHTS = re.compile(r"\A\s*<(think(?:ing)?)>.*?(?:</\1>|\Z)", re.DOTALL)
"""What some models write before their answer; one that was cut off may have nothing else."""
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_SCHEME = re.compile(r"(?<=[A-Za-z0-9+.-]):(?=[/\\])")
_HOST = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})|(?<=[A-Za-z0-9])[。．｡](?=[A-Za-z]{2})")
"""A dot between a letter or digit and two letters: programs make a link of it, also without a scheme."""
_MAIL = re.compile(r"(?<=\S)[@＠](?=\S)")
_CALL = re.compile(r"<(?=[!@#])")
"""Calls to people in a chat."""
_HALVES = re.compile(
    r"&(?=#|[A-Za-z][A-Za-z0-9]*;)"  # references to characters, which HTML and Markdown replace
    r"|(?<!\[:\])[/\\](?=[/\\])"  # the beginning of an address without a scheme
    r"|[@＠](?=\w)"
    r"|\](?=\()"  # links of Markdown
)
"""Signs that mean something only together with what follows: a space comes between."""
_HARMLESS = ((_SCHEME, "[:]"), (_HOST, "[.]"), (_CALL, "< "), (_MAIL, "[at]"), (_HALVES, r"\g<0> "))


def plain_text(answer: str) -> str:
    """Return an answer as one line that no program takes for links, markup or another part of a message.

    Empty if nothing is left. A text may have come from a page that wanted something else than a summary.
    """
    shown = _THOUGHTS.sub("", unicodedata.normalize("NFC", answer))
    kept = "".join(_visible(char) for char in shown[: 4 * LONGEST])
    line = " ".join(kept.split())
    for pattern, replacement in _HARMLESS:
        line = pattern.sub(replacement, line)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _visible(char: str) -> str:
    if char in "\u200c\u200d":  # joiners, which some scripts need
        return char
    return " " if char.isspace() else "" if unicodedata.category(char) in _INVISIBLE else char
