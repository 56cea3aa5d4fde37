"""What a page in a scene says to the bar around it, by a script of ours that is run before anything else in it."""

from __future__ import annotations

from html import escape

from pressmark.http.stage.scenes import INSIDE, Scene, Scenes


def said(scenes: Scenes, scene: Scene, url: str, *, kept: bool = True) -> dict[str, str]:
    """The attributes of the script: which page it is, and where the bar is that tells of it, if it is kept."""
    return {"data-bar": scenes.bar, "data-url": url, "data-around": scenes.around(scene, url) if kept else ""}


def script(name: str, attributes: dict[str, str]) -> str:
    told = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    return f'<script src="{INSIDE}/{name}.js" {told}></script>'


def framed(told: dict[str, str], address: str) -> str:
    """A page of ours around what runs no scripts, such as a picture or a text: that says nothing itself."""
    style = "position: fixed; inset: 0; width: 100%; height: 100%; border: 0"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(told["data-url"])}</title>'
        f'{script("tell", told)}</head><body><iframe sandbox src="{escape(address)}" style="{style}" '
        f'title="{escape(told["data-url"])}"></iframe></body></html>'
    )
