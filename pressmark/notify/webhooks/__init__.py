"""Signed webhooks (Standard Webhooks) and their deliveries."""
