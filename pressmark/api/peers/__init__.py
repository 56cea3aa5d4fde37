"""Routes for the other machines of the same database."""
