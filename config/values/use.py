"""Why pages are archived. What a site reserves binds some uses and not others: docs/how-to/rights.md."""

from __future__ import annotations

from typing import Literal

Use = Literal["preservation", "research", "general"]
"""preservation: pages are kept, and texts whose site reserves text and data mining are left out of exports.
research: for scientific research by those whom a reservation does not bind, Directive (EU) 2019/790, article 3.
general: what a site reserves is neither fetched nor kept, article 4."""

OBEYING: frozenset[Use] = frozenset(("preservation", "general"))
"""The uses whose texts are not mined where a site reserves that."""
