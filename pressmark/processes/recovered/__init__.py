"""What a worker finds in its spool when it starts: files of an earlier process, or given up and back.

It begins no segment, and deletes nothing but what was purged.
"""
