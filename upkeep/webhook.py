"""Posts notices to the one webhook, as signed JSON without any secret. docs/webhook.md is for who
receives them."""

import asyncio
import hmac
import logging
from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from uuid import uuid4

import httpx

from ..clock import Clock
from ..connection.webhook_settings import Webhook, get_webhook
from ..errors import NoWebhook
from ..loop import within
from ..models import NoticeRow
from ..schemas.webhook import TEST, Delivery, WebhookNotice

logger = logging.getLogger(__name__)

SECONDS = 5.0


async def post(webhook: Webhook, notice: WebhookNotice, clock: Clock) -> Delivery:
    """Posts the notice, and says what became of it.

    Follows no redirect and uses no proxy. Logs never name the address, which may hold a password.
    """
    body = notice.json().encode()
    headers = {"Content-Type": "application/json", "Spirekeeper-Event": notice.id}
    if webhook.signing_secret is not None:
        at = int(clock().timestamp())
        headers["Spirekeeper-Signature"] = signature(webhook.signing_secret, body, at)
    try:
        status = await within(SECONDS, _status_of(httpx.URL(webhook.url), body, headers))
    except asyncio.TimeoutError:
        logger.warning("The webhook does not answer")
        return Delivery(outcome="timeout", status=None)
    except (httpx.HTTPError, OSError) as error:
        logger.warning("The webhook cannot be reached: %s", type(error).__name__)
        return Delivery(outcome="unreachable", status=None)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        logger.warning("The webhook answered %d", status)
        return Delivery(outcome="refused", status=status)
    return Delivery(outcome="taken", status=status)


def signature(secret: str, body: bytes, at: int) -> str:
    """What shows the receiver that this body was sent by who knows the secret, and when."""
    signed = hmac.new(secret.encode(), b"%d." % at + body, sha256)
    return f"t={at},v1={signed.hexdigest()}"


async def _status_of(url: httpx.URL, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer to a POST. The rest of the answer is not read, however long it is.

    By httpx' transport: its client would write the address to the log, and follow `HTTP_PROXY`.
    """
    if url.userinfo:
        user = b64encode(f"{url.username}:{url.password}".encode()).decode()
        headers = {**headers, "Authorization": f"Basic {user}"}
    request = httpx.Request("POST", url, content=body, headers=headers)
    async with httpx.AsyncHTTPTransport(trust_env=False) as transport:
        answer = await transport.handle_async_request(request)
        await answer.aclose()
        return answer.status_code


async def send_test(clock: Clock) -> Delivery:
    """Posts a notice that says nothing but that it arrives. Raises NoWebhook or SettingsWrong."""
    webhook = await get_webhook()
    if webhook is None:
        raise NoWebhook("No webhook is set; enter its address first.")
    notice = WebhookNotice(
        id=uuid4().hex,
        code=TEST,
        machine_id=None,
        name=None,
        deleted=False,
        order_id=None,
        words="This is a test of spirekeeper's webhook. Nothing is wrong.",
        at=clock(),
    )
    return await post(webhook, notice, clock)


def event_id(row: NoticeRow) -> str:
    """The same as often as the same notice is sent: whoever took it, and was not heard to, knows it
    again."""
    told = "\n".join([row.machine_id, row.code, row.mark, row.since.isoformat()])
    return sha256(told.encode()).hexdigest()[:32]
