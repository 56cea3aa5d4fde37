"""Commands about who may use the service, and who did what."""
