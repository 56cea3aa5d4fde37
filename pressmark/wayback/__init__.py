"""The door for clients of web archives: Wayback and pywb addresses, CDX, Memento (RFC 7089).

It imports no other door.
"""
