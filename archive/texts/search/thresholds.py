"""From which similarity on two texts are copies of each other.

Nothing is imported here, so that the command line can name the values in its help at once.
"""

from __future__ import annotations

ALIKE = 0.6
"""Two texts are copies if they share at least this fraction of their shingles."""
LEAST = 0.5
"""The bands miss too many pairs of texts below this similarity."""
