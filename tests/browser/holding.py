"""An answer of the API that is held on its way to the page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route


@asynccontextmanager
async def held(page: Page, method: str, path: str) -> AsyncIterator[None]:
    """What the server did is done; the page hears of it only after the block."""
    over = asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == method:
            answer = await route.fetch()
            await over.wait()
            await route.fulfill(response=answer)
        else:
            await route.fallback()

    await page.route(f"**/api/v1/dca{path}", hold)
    yield
    over.set()
