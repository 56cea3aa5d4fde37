"""Single values as people write them in settings and sources, and their checks: cron, URLs, secrets, timetables.

Every other room of the package uses it. It reads no file.
"""
