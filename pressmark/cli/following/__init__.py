"""Commands of watches: what they found, who is told of it, and how they are set up. No other room imports it."""
