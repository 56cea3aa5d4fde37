"""Commands of watches: what they found, who gets messages, and how they are set up. No other room imports it."""
