"""The REST API of the notices: what the operator has to know now."""

from typing import Annotated

from fastapi import Query

from . import telling
from .api_models import NoticeAnswer
from .models import Page
from .routing import Now, Operator, api_router

spirekeeper_notices_router = api_router()


@spirekeeper_notices_router.get("/notices")
async def api_list_notices(
    operator: Operator,
    clock: Now,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Page[NoticeAnswer]:
    """What you have to know of your machines now, newest first."""
    found = await telling.find(clock(), operator.id)
    shown = [telling.describe(notice) for notice in found[offset : offset + limit]]
    return Page[NoticeAnswer](data=shown, total=len(found))
