"""Style sheets whose references lead into the archive."""

from __future__ import annotations

from extractor.html.css import replace_urls
from pressmark.http.stage.addresses import Addresses, Modifier

_NOWHERE = "about:invalid"


def rewrite_css(sheet: str, addresses: Addresses) -> str:
    """Rewrite a style sheet, the content of a `style` element, or that of an attribute."""

    def replaced(reference: str, imported: bool) -> str:
        wanted: Modifier = "cs_" if imported else "im_"
        return addresses.resource(reference, wanted) or _NOWHERE

    return replace_urls(sheet, replaced)
