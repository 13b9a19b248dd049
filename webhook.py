"""The one webhook: what an operator is told goes there too, as JSON, without any secret."""

import asyncio
from http import HTTPStatus

import httpx
from loguru import logger
from pydantic import BaseSettings

from .api_models import NoticeAnswer

SECONDS = 5.0


class _Environment(BaseSettings):
    webhook_url: str | None = None

    class Config:
        env_prefix = "SPIREKEEPER_"
        env_file = ".env"  # LNbits' own; it does not put it into the process environment


def address() -> str | None:
    """Where to post to, as the environment says; None: nowhere."""
    url = _Environment().webhook_url
    return url or None


async def post(url: str, notice: NoticeAnswer, seconds: float = SECONDS) -> bool:
    """Whether it was taken. Follows no redirect, asks no proxy; the log never holds the address,
    which may carry a password."""
    if not url.lower().startswith(("http://", "https://")):
        logger.warning("SPIREKEEPER_WEBHOOK_URL is no http:// or https:// address; nothing is sent")
        return False
    try:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as http:
            body = notice.json()
            headers = {"Content-Type": "application/json"}
            sent = http.post(url, content=body, headers=headers, timeout=seconds)
            answer = await asyncio.wait_for(sent, seconds)
    except (httpx.HTTPError, httpx.InvalidURL, asyncio.TimeoutError) as error:
        logger.warning(f"The webhook cannot be reached: {type(error).__name__}")
        return False
    if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
        logger.warning(f"The webhook answered {answer.status_code}")
        return False
    return True
