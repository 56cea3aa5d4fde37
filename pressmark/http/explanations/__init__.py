"""Sentences of the pages and the command line that explain why something is as it is. Part of `pressmark.http`."""
