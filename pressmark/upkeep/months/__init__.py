"""Captures of old months as files in the store: the commands write, attach, detach and delete them."""
