"""What all HTTP doors share: the gate, sessions, errors, ETags, templates, catalogs, static files.

The doors import it; it imports no door.
"""
