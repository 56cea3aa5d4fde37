"""Who may use the service: people, tokens, sessions and roles; and the audit trail of what they did."""
