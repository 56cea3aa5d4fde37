"""How pages are read: bytes in, text and links out. No network, no clock, no disk."""
