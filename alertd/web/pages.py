"""The pages: `/metrics` for Prometheus, `/livez` and `/readyz` for whoever restarts and routes."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from alertd.core.health import Health
from alertd.metrics import CONTENT_TYPE


class Instance(Protocol):
    """What the pages ask of the running process."""

    def exposition(self) -> bytes:
        """Every metric in Prometheus' text format."""
        ...

    def lives(self) -> bool:
        """Whether the process still does its work, so that restarting it would not help."""
        ...

    async def health(self) -> Health:
        """Everything that silence rests on."""
        ...


Page = Callable[[Request], Awaitable[Response]]


def pages(instance: Instance) -> Starlette:
    """The web application of one instance; it reads, and changes nothing."""

    async def metrics(_: Request) -> Response:
        return Response(instance.exposition(), headers={"Content-Type": CONTENT_TYPE})

    async def livez(_: Request) -> Response:
        lives = instance.lives()
        return JSONResponse({"live": lives}, status_code=200 if lives else 503)

    async def readyz(_: Request) -> Response:
        health = await instance.health()
        return JSONResponse(as_json(health), status_code=200 if health.ready else 503)

    return Starlette(
        routes=[
            Route("/metrics", metrics, methods=["GET"]),
            Route("/livez", livez, methods=["GET"]),
            Route("/readyz", readyz, methods=["GET"]),
        ]
    )


def as_json(health: Health) -> dict[str, object]:
    """Health as `/readyz` tells it."""
    return {
        "ready": health.ready,
        "well": health.well,
        "checks": {check.name: {"ok": check.ok, "says": check.says} for check in health.checks},
    }
