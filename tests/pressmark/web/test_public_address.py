"""Permanent links begin with the public address of the service, whatever address was called."""

from __future__ import annotations

from pathlib import Path

import pytest
from services.retrieving import ARTICLE, retrieving

from config.errors import ConfigError
from config.settings import load_settings
from pressmark.views.links import link

PUBLIC = "https://archive.example.org/press"
CITE = f"/view/cite/latest/{link(ARTICLE)}"


@pytest.mark.parametrize("given", [PUBLIC, f"{PUBLIC}/"])
def test_citations_and_feeds_begin_with_the_public_address(tmp_path: Path, given: str) -> None:
    settings = load_settings({"home": tmp_path, "public_url": given})
    with retrieving(tmp_path, public_url=settings.public_url) as archive:
        cited, feed = archive.text(CITE), archive.text("/api/v1/feeds/all")

    permanent = f"{PUBLIC}/snapshot/20260131120100/{link(ARTICLE)}".replace("&", "&amp;")
    assert f'<a rel="bookmark" href="{permanent}" data-text="permanent">{permanent}</a>' in cited
    assert f"at {permanent}" in cited
    assert f'href="{PUBLIC}/api/v1/feeds/all"' in feed
    assert archive.url not in feed


def test_without_a_public_address_they_begin_with_the_called_address(tmp_path: Path) -> None:
    with retrieving(tmp_path) as archive:
        cited, feed = archive.text(CITE), archive.text("/api/v1/feeds/all")

    assert f"{archive.url.rstrip('/')}/snapshot/20260131120100/" in cited
    assert f'href="{archive.url.rstrip("/")}/api/v1/feeds/all"' in feed


@pytest.mark.parametrize("given", ["https://archive.example.org/?a=b", "https://archive.example.org/#a", "archive"])
def test_an_unusable_public_address_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigError, match="public-url"):
        load_settings({"home": tmp_path, "public_url": given})
