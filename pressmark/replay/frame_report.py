"""A page in a scene reports to the bar around it, by our own script that runs before anything else in it."""

from __future__ import annotations

from html import escape

from pressmark.http.stage.scenes import INSIDE, Scene, Scenes


def report_attributes(scenes: Scenes, scene: Scene, url: str, *, kept: bool = True) -> dict[str, str]:
    """Return the attributes of the script: which page it is and, if it is archived, the address of the bar about it."""
    return {"data-bar": scenes.bar, "data-url": url, "data-around": scenes.around(scene, url) if kept else ""}


def script(name: str, attributes: dict[str, str]) -> str:
    written = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    return f'<script src="{INSIDE}/{name}.js" {written}></script>'


def framed(attributes: dict[str, str], address: str) -> str:
    """Return a page of ours around content that runs no scripts, such as an image: it can't report itself."""
    style = "position: fixed; inset: 0; width: 100%; height: 100%; border: 0"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(attributes["data-url"])}</title>'
        f'{script("tell", attributes)}</head><body><iframe sandbox src="{escape(address)}" style="{style}" '
        f'title="{escape(attributes["data-url"])}"></iframe></body></html>'
    )
