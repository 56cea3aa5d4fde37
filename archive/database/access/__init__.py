"""The rows of people, tokens, sessions and the audit trail."""
