"""Commands of watches: what they found, who gets messages about it, and how they are set up. No other room imports it."""
