"""Puts the sandbox together: the world, the stand-in providers, the control API and the pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from sandbox import control, demo, page
from sandbox.google import errors
from sandbox.google.api import bearer
from sandbox.google.cloud import Cloud, build_cloud
from sandbox.google.routes import ROUTES
from sandbox.pages import HERE
from sandbox.storage import Storage
from sandbox.surface import Provider, Surface
from sandbox.world import World


def build_app(base_url: str, *, data: Path | None = None, https_only_webhooks: bool = False) -> Starlette:
    """The whole sandbox as one ASGI application; `data` None keeps everything in memory."""
    world = World(Storage(data), base_url)
    cloud = build_cloud(world, https_only_webhooks=https_only_webhooks)
    _wake(cloud)

    def mailbox_of(headers: Headers) -> str:
        return cloud.grants.mailbox_of(bearer(headers))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await cloud.channels.close()
        world.storage.close()

    provider = Provider(mailbox_of, errors.injected)
    app = Starlette(
        routes=[
            *page.ROUTES,
            *control.ROUTES,
            Mount("/static", StaticFiles(directory=HERE / "static")),
            *ROUTES,
        ],
        middleware=[Middleware(Surface, world=world, provider=provider)],
        lifespan=lifespan,
        exception_handlers={500: _broken},
    )
    app.state.cloud = cloud
    return app


async def _broken(request: Request, error: Exception) -> Response:
    """A fault of the sandbox itself looks like one of the provider; the trace is on standard error."""
    return JSONResponse(errors.injected(request.url.path, 500, "backendError"), 500)


def _wake(cloud: Cloud) -> None:
    """Continue where the last run ended, or start with the demo."""
    world = cloud.world
    try:
        known = cloud.load()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        world.storage.give_up(type(error).__name__)
        cloud.forget()
        known = False
    if not known:
        demo.populate(cloud)
    world.facts["base_url"] = world.base_url
    world.keep_meta()
    world.storage.flush()
