"""The app of the tests behind a real server: for browsers, websockets, answers bit by bit."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from fastapi import FastAPI
from spirekeeper.devkit.relay import HOST


class _Server(uvicorn.Server):
    """Leaves Ctrl-C to the tests."""

    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The base URL of a running app on a port of its own."""
    listener = socket.create_server((HOST, 0))
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    yield f"http://{HOST}:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
