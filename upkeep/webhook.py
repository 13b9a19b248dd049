"""Posts each notice to the one webhook, as JSON without any secret."""

import asyncio
import logging
from http import HTTPStatus

import httpx

from ..loop import within
from ..schemas.notices import NoticeAnswer

logger = logging.getLogger(__name__)

SECONDS = 5.0


class WebhookDown(Exception):
    """Nobody answers at the webhook's address, so nothing more is sent there now."""


async def post(url: str, notice: NoticeAnswer, seconds: float = SECONDS) -> bool:
    """Posts the notice. Whether it was taken; raises WebhookDown.

    Follows no redirect and uses no proxy. Logs never name the address, which may hold a password.
    """
    try:
        status = await within(seconds, _status_of(url, notice.json()))
    except (httpx.HTTPError, httpx.InvalidURL, asyncio.TimeoutError) as error:
        logger.warning("The webhook cannot be reached: %s", type(error).__name__)
        raise WebhookDown from None
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        logger.warning("The webhook answered %d", status)
        return False
    return True


async def _status_of(url: str, body: str) -> int:
    """The status of the answer to a POST. The rest of the answer is not read, however long it
    is."""
    headers = {"Content-Type": "application/json"}
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False) as http,
        http.stream("POST", url, content=body, headers=headers, timeout=None) as answer,
    ):
        return answer.status_code
