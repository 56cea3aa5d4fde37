"""Settings that belong together, a file each: the parts of a service, permissions, webhooks, watches, replicas, keys.

`config/settings.py` composes them. They describe and check; nothing here opens a connection.
"""
