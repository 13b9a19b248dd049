"""What the API answers to a request that it does not carry out."""

from typing import Any, ClassVar

from pydantic import Field

from ..errors import SpirekeeperError
from ..reasons import Reason
from .base import ApiModel


class ErrorAnswer(ApiModel):
    """Every error of spirekeeper."""

    detail: str = Field(..., description="One sentence that says what to do next.")
    code: str = Field(..., description="Stable, for programs.")
    field: str | None = Field(None, description="The field of the request that it is about.")
    reason: Reason | None = Field(
        None, description="More than `code` says: why that field is wrong, or what the bunker did."
    )
    values: dict[str, int | str] | None = Field(
        None, description="The numbers and names in `detail`, to say it in another language."
    )

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {"detail": "There is no such machine among yours.", "code": "not_found"}
        }


def parts_of(error: SpirekeeperError) -> dict[str, Any]:
    """What an ErrorAnswer is made of."""
    return {
        "detail": error.detail,
        "code": error.code,
        "field": error.field,
        "reason": error.reason,
        "values": error.values or None,
    }


class NotLetIn(ApiModel):
    """LNbits' own answer to whoever is not logged in, or may not do this."""

    detail: str

    class Config:
        schema_extra = {"example": {"detail": "Missing user ID or access token."}}
