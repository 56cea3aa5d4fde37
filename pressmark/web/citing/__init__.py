"""Archive and cite a page from wherever it is read: the page that a bookmark opens, and the browser extension.

Part of `pressmark.web`; it imports no other door. The extension uses the API, and no code of the service.
"""
