"""Archived pages made fit to be looked at, and their own origin."""
