"""Sites that real programs build from our own texts, so the text of each page is known."""
