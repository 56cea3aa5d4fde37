"""A client for Python: the archive of a service, or of a home on disk, as objects and tables.

Used by programs of users. It asks the HTTP API only, and never writes to the archive itself.
"""

try:
    import httpx2  # noqa: F401
except ModuleNotFoundError:
    raise ImportError(
        "pressmark.client needs httpx2, which is not installed: pip install 'pressmark[client]'"
    ) from None

from pressmark.client.asynchronous import AsyncPressmark
from pressmark.client.errors import NotFound, PressmarkError, Refused
from pressmark.client.synchronous import Pressmark

__all__ = ["AsyncPressmark", "NotFound", "Pressmark", "PressmarkError", "Refused"]
