"""Sixty pages that only scripts fill, built with the tools that real sites are built with; their text is known."""
