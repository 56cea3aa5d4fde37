"""Looking at a site before it is a source: what it offers, how to walk it, what a first run would fetch."""
