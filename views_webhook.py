"""The REST API of the webhook, for the superuser."""

from http import HTTPStatus

from fastapi import Response

from .connection import webhook_settings
from .routing import Now, SuperUser, Version, api_router
from .schemas.webhook import Delivery, WebhookAnswer, WebhookData, WebhookStored
from .upkeep import webhook

spirekeeper_webhook_router = api_router()


@spirekeeper_webhook_router.get("/webhook")
async def api_get_webhook(_account: SuperUser) -> WebhookAnswer:
    """Where every notice is posted, as far as it may be shown."""
    return await webhook_settings.describe()


@spirekeeper_webhook_router.put("/webhook")
async def api_put_webhook(
    data: WebhookData, account: SuperUser, clock: Now, response: Response
) -> WebhookStored:
    """Set the address. A signing secret that is made for it is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return await webhook_settings.store(data, actor=account.id, now=clock)


@spirekeeper_webhook_router.post("/webhook/secret")
async def api_make_webhook_secret(
    account: SuperUser, clock: Now, response: Response, version: Version = None
) -> WebhookStored:
    """Make a new signing secret in place of the one before. It is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return await webhook_settings.make_secret(version, actor=account.id, now=clock)


@spirekeeper_webhook_router.post("/webhook/test")
async def api_test_webhook(_account: SuperUser, clock: Now) -> Delivery:
    """Post a test notice, and say what was answered."""
    return await webhook.send_test(clock)


@spirekeeper_webhook_router.delete("/webhook", status_code=HTTPStatus.NO_CONTENT)
async def api_delete_webhook(account: SuperUser, clock: Now, version: Version = None) -> None:
    """Forget the address and its secret; the environment's is then in force, if it names one."""
    await webhook_settings.forget(version, actor=account.id, now=clock)
