"""The application: API and pages behind one gate."""

from __future__ import annotations

import json
from functools import cached_property, partial
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

import pressmark
from pressmark.api import (
    articles,
    captures,
    crawler,
    diff,
    docs,
    exports,
    extractions,
    feeds,
    fixity,
    health,
    live,
    own_feeds,
    robots,
    runs,
    search,
    security_txt,
    similar,
    snapshots,
    source_text,
    sources,
    takedowns,
    threads,
    trail,
    watches,
    webhooks,
)
from pressmark.api.greader import routes as greader
from pressmark.api.greader import subscriptions as greader_subscriptions
from pressmark.api.peers import segments
from pressmark.http.body_limit import BodyLimit
from pressmark.http.callers import Callers
from pressmark.http.errors import add_error_handlers
from pressmark.http.etags import Etags
from pressmark.http.gate import Gate
from pressmark.http.hidden.crawlers import CrawlerMiddleware
from pressmark.http.hidden.take_downs import TakeDownMiddleware
from pressmark.http.openapi_roles import with_roles
from pressmark.http.stage.stage import Stage
from pressmark.service.access.protection import is_loopback
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.health import Health
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from pressmark.wayback.openapi import paths
from pressmark.wayback.router import WaybackMiddleware
from pressmark.web.routes import PAGES

DESCRIPTION = "Archive forums and science and technology news sites on a schedule, as verifiable WARC files."


class Application(FastAPI):
    """The FastAPI application; its OpenAPI document also describes the routes in front of it."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        if "securitySchemes" not in document.get("components", {}):
            document["paths"].update(paths())
            with_roles(document)
        return document

    @cached_property
    def openapi_json(self) -> bytes:
        """The document, as it is sent."""
        return json.dumps(self.openapi(), ensure_ascii=False, separators=(",", ":")).encode()


def create_app(
    service: Service, health: Health | None = None, stage: Stage | None = None, *, trusted: bool = False
) -> FastAPI:
    """Create everything that answers over HTTP, except replay.

    With the setting `token`, or with people or tokens, every route but health needs a role: see `route_roles`.

    Without a `stage` nothing is replayed: the pages show texts only. `trusted` says that only the user of this process
    can reach it: then nobody has to log in.
    """
    callers = _callers_of(service)
    app = Application(
        title="Pressmark",
        version=pressmark.__version__,
        description=DESCRIPTION,
        openapi_url=None,  # FastAPI's own route writes the document for each request, in the event loop
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.state.health = health or Health(conditions=partial(conditions, service))
    app.state.callers = callers
    app.state.stage = stage
    for part in (
        *PAGES,
        sources,
        source_text,
        runs,
        live,
        captures,
        snapshots,
        diff,
        threads,
        articles,
        similar,
        watches,
        webhooks,
        trail,
        takedowns,
        search,
        feeds,
        own_feeds,
        greader,
        greader_subscriptions,
        exports,
        extractions,
        fixity,
        health_routes,
        security_txt,
        segments,
        crawler,
        robots,
        docs,
    ):
        app.include_router(part.router)
    add_error_handlers(app)
    app.add_middleware(Etags)
    app.add_middleware(WaybackMiddleware, service=service, stage=stage)
    app.add_middleware(BodyLimit)
    app.add_middleware(CrawlerMiddleware, indexing=service.settings.http.indexing)
    app.add_middleware(TakeDownMiddleware, take_downs=service.take_downs)
    _guard(app, service, callers, trusted=trusted)
    return app


def create_monitoring(service: Service, health: Health) -> FastAPI:
    """Create what answers for a service without pages: monitoring, and files of the spool for other machines."""
    callers = _callers_of(service)
    app = FastAPI(title="Pressmark", version=pressmark.__version__, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.service, app.state.health, app.state.callers, app.state.stage = service, health, callers, None
    app.include_router(health_routes.router)
    app.include_router(segments.router)
    add_error_handlers(app)
    _guard(app, service, callers, trusted=False)
    return app


def _callers_of(service: Service) -> Callers:
    token, feeds_token = service.settings.token, service.settings.feeds.token
    return Callers(service.access, _revealed(token), _revealed(feeds_token), now=service.now)


def _guard(app: FastAPI, service: Service, callers: Callers, *, trusted: bool) -> None:
    """Put the gate in front of an application."""
    beyond = not is_loopback(service.settings.host)
    rooms = ReadingRooms(service.settings.rooms, now=service.now)
    app.add_middleware(
        Gate,
        callers=callers,
        collection_of=service.collection_of,
        rooms=rooms,
        open_sources=service.open_sources,
        beyond=beyond,
        trusted=trusted,
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


health_routes = health
