"""How people log in and out on the pages: with a password, a token, or OpenID Connect. It begins and ends sessions."""
