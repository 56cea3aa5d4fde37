"""The language model that the settings name: asked over HTTP, and its answers made harmless."""
