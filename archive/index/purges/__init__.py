"""What the index knows of purges: rows of rewritten segments, and what may not come back. Only purges write here."""
