"""Answers that hold long lists, written without holding up the event loop.

FastAPI would go through such an answer three times at once: copying, checking and encoding it. A
route declares its `response_model`, for the description of the API, and answers with this.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import BaseModel
from pydantic.json import pydantic_encoder
from starlette.types import Receive, Scope, Send

from . import gently

SLICE = 64 * 1024
"""Bytes of an answer that are sent, and compressed by LNbits, in one go."""


async def answer(model: BaseModel, status: int = 200) -> Response:
    """The model as JSON, which may hold lists of other models."""
    lists = {name: value for name, value in model if isinstance(value, list)}
    rest = model.json(exclude=set(lists))
    written = [f'"{name}": {await _array(value)}' for name, value in lists.items()]
    fields = ", ".join(filter(None, [rest[1:-1], *written]))
    return _json(f"{{{fields}}}", status)


async def answer_list(models: Sequence[BaseModel]) -> Response:
    """The models as a JSON array."""
    return _json(await _array(models), 200)


async def _array(models: Sequence[BaseModel]) -> str:
    return "[" + ", ".join(await gently.each(_object, models)) + "]"


def _object(model: BaseModel) -> str:
    """As the model's own `json`, which first makes a copy of all that is in it."""
    return _encoder.encode(dict(model))


def _encoded(value: Any) -> Any:
    """Times first: pydantic looks for a value's type among all those that it knows."""
    return value.isoformat() if isinstance(value, datetime) else pydantic_encoder(value)


_encoder = json.JSONEncoder(default=_encoded, check_circular=False)


def _json(text: str, status: int) -> Response:
    return _InSlices(text, status, media_type="application/json")


class _InSlices(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        for begin in range(0, len(self.body), SLICE):
            more = begin + SLICE < len(self.body)
            body = self.body[begin : begin + SLICE]
            await send({"type": "http.response.body", "body": body, "more_body": more})
            await asyncio.sleep(0)
