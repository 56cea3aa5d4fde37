"""Extract text and links from the bytes of pages. No network, no clock, no disk."""
