"""Recognize what asks for consent to cookies and the like."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

_BUTTONS = "button,[role=button],input[type=button],input[type=submit]"
_OF_CONSENT = re.compile(
    "cookie|クッキー|쿠키|куки|legitimate interest|datenschutz|隐私|隱私|プライバシー", re.IGNORECASE
)
_ACCEPTS = re.compile(
    "accept|allow|agree|reject|decline|refuse|zustimm|akzeptier|ablehn|accepter|autoriser|aceptar|rechazar|accett|rifiut"
    "|aceitar|godta|akceptera|accepteren|同意|接受|拒绝|拒絕|允许|允許|許可|동의|принять|согла",
    re.IGNORECASE,
)
_MOST_BUTTONS = 40


def asks_for_consent(dialog: LexborNode) -> bool:
    """Return whether an element speaks of cookies or the like, and has a button to accept or refuse."""
    buttons = dialog.css(_BUTTONS)[:_MOST_BUTTONS]
    words = " ".join(f"{button.text()} {button.attributes.get('value') or ''}" for button in buttons)
    return _ACCEPTS.search(words) is not None and _OF_CONSENT.search(dialog.text()) is not None
