"""Login with OpenID Connect: the provider, its ID tokens, and who is admitted with which role.

The login page, the doctor and the settings use it. It answers no request, and connects to the provider alone, under the
guard of addresses.
"""
