"""Turn the references of an archived page into addresses of the archive, by their use."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from extractor.links.links import encode_query
from extractor.values.urls import normalise, resolve

Modifier = Literal["mp_", "if_", "cs_", "im_", "js_", "oe_"]
"""The use of a capture: a page, one in a frame, a style sheet, a picture or font or film, a script, or other."""

TIME_AND_VIEW = re.compile(r"(\d{1,14}(?:~[\w.:-]{1,209}?)?)(mp_|if_|cs_|im_|js_|oe_)", re.ASCII)
"""The segment of an address with the time, the record if there are several in a second, and the use."""

AddressOf = Callable[[str, Modifier], str]
"""Turns an absolute http(s) URL without fragment into its address in the archive."""

_DATA = re.compile(r"\s*data:(?:image|font|audio|video|application/(?:x-)?font)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The references of one document. A reference that leads nowhere in the archive gets no address."""

    page: str
    """The document's own URL."""
    base: str
    """The base URL of its references."""
    address_of: AddressOf
    encoding: str = "utf-8"
    """The encoding of its queries, by Python's name."""

    def of(self, reference: str, wanted: Modifier) -> str | None:
        """Return the address; None for schemes other than http and https:

        ``javascript:``, ``file:``, ``mailto:``, ``about:``.
        """
        bare, mark, fragment = reference.strip().partition("#")
        if not bare:
            return f"#{fragment}" if mark else None
        url = resolve(self._encoded(bare), self.base)
        if url is None:
            return None
        if mark and url == normalise(self.page):
            return f"#{fragment}"
        return self.address_of(url, wanted) + mark + fragment

    def resource(self, reference: str, wanted: Modifier) -> str | None:
        """Return the address as `of` does; a ``data:`` URL of a type that is only displayed stays as it is."""
        return reference if _DATA.match(reference) else self.of(reference, wanted)

    def _encoded(self, reference: str) -> str:
        return reference if self.encoding == "utf-8" else encode_query(reference, self.encoding)
