"""Commands that take care of the archive: audits, verification, backup and restore."""
