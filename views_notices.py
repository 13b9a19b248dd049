"""The REST API of what an operator is told unasked: notices, and hints to an open page."""

from fastapi import Response

from . import live, long_answers, telling
from .models import Page
from .notice_models import LiveChannel, NoticeAnswer
from .routing import Limit, Now, Offset, Operator, api_router

spirekeeper_notices_router = api_router()


@spirekeeper_notices_router.get("/notices", response_model=Page[NoticeAnswer])
async def api_list_notices(
    operator: Operator,
    clock: Now,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """What you have to know of your machines now, newest first."""
    found = await telling.find(clock(), operator.id)
    shown = [telling.describe(notice) for notice in found[offset : offset + limit]]
    page = Page[NoticeAnswer].construct(data=shown, total=len(found))
    return await long_answers.answer(page)


@spirekeeper_notices_router.get("/live")
async def api_get_live_channel(operator: Operator, response: Response) -> LiveChannel:
    """The websocket channel over which your pages are told that something of yours changed."""
    response.headers["Cache-Control"] = "no-store"
    return LiveChannel(channel=live.channel_of(operator.id))
