"""Watches: phrases that are looked for in what is added to pages."""
