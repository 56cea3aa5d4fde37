"""The page around a scene: the bar above the archived page, on an origin without archived content."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from archive.retrieval.rendered import rendered
from archive.values.errors import ArchiveError, CaptureNotFound
from archive.values.timestamps import parse_timestamp
from pressmark.http.place import Place
from pressmark.http.render import page
from pressmark.http.stage.scenes import INSIDE, Scene, Scenes
from pressmark.http.static import file
from pressmark.replay.answers import no_capture, unreadable
from pressmark.service.service import Service
from pressmark.views import describe_captures

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def scene_page(request: Request, scene: Scene, url: str) -> Response:
    """Show the capture of `url`, with its scripts, in a frame under our description of it."""
    service: Service = request.app.state.service
    scenes: Scenes = request.app.state.scenes
    collection = Place(scene.home, scene.place).collection
    try:
        with service.archive.snapshot(url, parse_timestamp(scene.timestamp, end=True), collection) as found:
            shape = describe_captures.snapshot_shape(service, found)
            document = rendered(service.index, found.capture).document is not None
    except ArchiveError as error:
        if isinstance(error, CaptureNotFound):
            return no_capture(service.take_downs, scene.language, url)
        return unreadable(scene.language, str(error))
    answer = page(
        request,
        "scene.html",
        language=scene.language,
        navigated=False,
        frames=scenes.origin,
        frame=scenes.address(scene, shape.url),
        home=scene.home,
        inside=INSIDE,
        scripts=("scene.js",),
        snapshot=shape,
        document=document,
        tail=shape.links.page.removeprefix("/snapshot/"),
        title=(shape.text.title if shape.text else None) or shape.url,
    )
    answer.headers.update(_HEADERS)
    return answer


async def static_file(request: Request) -> Response:
    """Serve a file of our pages that the bar needs, too."""
    return file(request.url.path.rpartition("/")[2], "max-age=3600")
