"""Telling programs of others what happened, by signed messages: Standard Webhooks."""
