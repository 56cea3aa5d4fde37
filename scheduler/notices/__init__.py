"""Alarms of blocked sources, messages to webhooks and the findings of watches, as rows until they are sent.

`pressmark/notify/` sends them; nothing here connects to anything.
"""
