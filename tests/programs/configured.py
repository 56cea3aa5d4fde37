"""How a served program is to be set up: the scripts' side of `running.Configuration`. Never imported by tests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

_TOLD: dict[str, Any] = json.loads(os.environ.get("PROGRAM_CONFIGURATION", "{}"))
FOLDER: str = _TOLD.get("folder", "")
LANGUAGE: str = _TOLD.get("language", "")
PER_PAGE: int = _TOLD.get("per_page", 0)
LOOK: str = _TOLD.get("look", "")


def under(folder: str, application: Callable[..., Any]) -> Callable[..., Any]:
    """Serve a WSGI application in a folder, as a web server before it does: elsewhere is nothing."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        if folder and not path.startswith(f"{folder}/"):
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"nothing here"]
        return application(environ | {"SCRIPT_NAME": folder, "PATH_INFO": path[len(folder) :]}, start_response)

    return serve
