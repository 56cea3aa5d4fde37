"""The form that adds a source."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from services.retrieving import served

from config.settings import Settings
from pressmark.service.assembly import open_pressmark


@pytest.mark.parametrize(
    ("url", "network"), [("http://10.1.2.3/", "10.0.0.0/8"), ("http://169.254.169.254/", None), ("ftp://a/", None)]
)
def test_a_refused_network_is_named_beside_the_field_that_allows_it(
    tmp_path: Path, url: str, network: str | None
) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service, served(service) as at:
        sent = Request(f"{at}/add", urlencode({"url": url}).encode())
        with pytest.raises(HTTPError) as refused:
            urlopen(sent)
        page = refused.value.read().decode()

    assert ("If this is your own site, let Pressmark fetch pages from its private network: " in page) == (
        network is not None
    )
    assert ("<details open>" in page) == (network is not None)
    assert network is None or f"write {network} into the field above" in page
