"""What a state that needs a person is, in general."""

from __future__ import annotations

from dataclasses import dataclass

from pressmark.service.exits import Exit


@dataclass(frozen=True, slots=True)
class Kind:
    """A state that needs a person, in general."""

    part: str
    sentence: str
    code: Exit
    remedy: str
    """What to do, in more detail than the sentence has space for."""
    blocks: bool = True
    """Whether the service is not ready while it lasts (`/readyz` answers 503)."""
