"""What differs between two captures of a page: its text, its facts, its header fields, its posts. Pure."""
