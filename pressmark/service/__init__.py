"""The service object that every door uses, and what it needs: keys, logs, exit codes, health.

All rooms of `pressmark` may import it; it imports no other room of `pressmark`.
"""
