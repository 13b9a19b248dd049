"""What the API takes and answers about the webhook, and what the webhook is sent."""

from typing import Any, ClassVar, Literal

from pydantic import Field, validator

from .base import ApiModel
from .fields import WebAddress, version_read, whole_number
from .notices import NoticeAnswer

TEST = "test"
"""The code of a notice that says nothing but that it arrives."""


class WebhookData(ApiModel):
    """Where notices are to be posted. The address goes in and never comes back out."""

    url: WebAddress = Field(..., description="http or https; may hold a user name and a password.")
    version: int | None = version_read()

    _whole = validator("version", pre=True, allow_reuse=True)(whole_number)

    class Config:
        schema_extra = {"example": {"url": "https://alerts.example.com/spirekeeper", "version": 2}}


class WebhookAnswer(ApiModel):
    """The webhook in force, without its secrets."""

    source: Literal["database", "environment"] | None = Field(
        ..., description="Who names it; null: there is none."
    )
    server: str | None = Field(..., description="The address without its path.")
    signed: bool = Field(..., description="What is posted there is signed.")
    problem: str | None = Field(..., description="Why nothing is posted, in a sentence.")
    version: int = Field(..., description="How often it was changed.")

    class Config:
        schema_extra = {
            "example": {
                "source": "database",
                "server": "https://alerts.example.com",
                "signed": True,
                "problem": None,
                "version": 2,
            }
        }


class WebhookStored(ApiModel):
    """The webhook as it is now stored."""

    server: str
    version: int
    signing_secret: str | None = Field(
        ..., description="Shown this once: your receiver needs it. Null: the one before goes on."
    )

    class Config:
        schema_extra = {
            "example": {
                "server": "https://alerts.example.com",
                "version": 3,
                "signing_secret": None,
            }
        }

    def __repr__(self) -> str:
        return f"WebhookStored(server={self.server!r})"

    __str__ = __repr__


class Delivery(ApiModel):
    """What became of one notice that was posted."""

    outcome: Literal["taken", "refused", "unreachable", "timeout"]
    status: int | None = Field(..., description="The HTTP status, where one was answered.")

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {"example": {"outcome": "taken", "status": 204}}


class WebhookNotice(NoticeAnswer):
    """What the webhook is sent."""

    id: str = Field(..., description="The same as often as the same notice is sent.")

    class Config:
        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                **NoticeAnswer.Config.schema_extra["example"],
                "id": "0d2f3a86c1f7f4b7c5a9b1d0e6e83c52",
            }
        }
