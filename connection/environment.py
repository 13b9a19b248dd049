"""What LNbits' environment says to spirekeeper: every `SPIREKEEPER_*` variable, read once at start.

Compose and env files leave variables blank, in quotes, or with a carriage return behind them. So a
blank variable is not set, and what stands around a value is no part of it. A variable that makes no
sense is refused by its name, never with what it holds, which may be a secret.
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    Field,
    PydanticValueError,
    ValidationError,
    root_validator,
    validator,
)

from ..bunker.address import AddressError, BunkerAddress
from ..errors import SettingsWrong
from ..models import Mint
from ..nostr.keys import parse_secret_key
from ..nostr.relay_urls import as_meant, each_of, is_relay_url
from ..reasons import OF_PYDANTIC, Reason
from ..schemas.bunker import WrongSetting
from ..schemas.fields import MOST_RELAYS, WebAddress

logger = logging.getLogger(__name__)

_PREFIX = "SPIREKEEPER_"
_FILE = ".env"
"""LNbits' own; it does not put it into the process environment."""


class Part(BaseModel):
    """Variables that are refused together, each a field of its name in lower case."""

    class Config:
        frozen = True


P = TypeVar("P", bound=Part)

_REASONS: Mapping[str, Reason] = {
    **OF_PYDANTIC,
    "type_error.integer": "not_a_number",
    "type_error.float": "not_a_number",
    "type_error.bool": "not_true_or_false",
    "value_error.const": "none_of",
}


class Wrong(PydanticValueError):
    """A variable makes no sense, for a reason of ours."""

    code = "wrong"
    msg_template = "{words}"

    def __init__(self, reason: Reason, words: str, **values: int | str) -> None:
        super().__init__(reason=reason, words=words, values=values)


class BunkerVariables(Part):
    """The admin connection to the bunker."""

    bunker_url: str | None = None
    admin_nsec: str | None = Field(None, repr=False)
    """In hex, once it is read."""
    key_passphrase: str | None = Field(None, repr=False)
    allow_private_relays: bool = False
    mint: Mint = "bunker"
    machine_relays: tuple[str, ...] = ()
    bunker_relays_for_machines: bool = False

    @validator("machine_relays", pre=True)
    @classmethod
    def _relays(cls, text: str) -> tuple[str, ...]:
        relays = tuple(map(as_meant, each_of(text)))
        if len(relays) > MOST_RELAYS or not all(map(is_relay_url, relays)):
            raise Wrong(
                "malformed_relays",
                f"it must be up to {MOST_RELAYS} relays, as wss://relay.example.com",
                n=MOST_RELAYS,
            )
        return relays

    @validator("bunker_url")
    @classmethod
    def _an_address(cls, text: str) -> str:
        try:
            return BunkerAddress.parse(text).url
        except AddressError as error:
            which = {"n": error.number} if error.number else {}
            raise Wrong(error.fault, str(error).rstrip("."), **which) from None

    @validator("admin_nsec")
    @classmethod
    def _a_secret_key(cls, text: str) -> str:
        try:
            return parse_secret_key(text)
        except ValueError:
            raise Wrong("no_secret_key", "it is no Nostr secret key; give an nsec") from None

    @validator("mint", pre=True)
    @classmethod
    def _in_lower_case(cls, word: str) -> str:
        return word.lower()

    @root_validator(skip_on_failure=True)
    @classmethod
    def _all_or_none(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["bunker_url"] and not (values["admin_nsec"] and values["key_passphrase"]):
            raise Wrong(
                "bunker_incomplete",
                "set SPIREKEEPER_ADMIN_NSEC and SPIREKEEPER_KEY_PASSPHRASE too",
            )
        return values


class SettlingVariables(Part):
    """How long a bunker that has just come up is asked for no key (`bunker/settling.py`)."""

    settle_seconds: float = Field(6.0, ge=0, le=60)


class WebhookVariables(Part):
    """Where notices are posted."""

    webhook_url: WebAddress | None = Field(None, repr=False)


class LinkVariables(Part):
    """Where the links may lead that customers fetch their sats with."""

    allow_private_links: bool = False


class MetricsVariables(Part):
    """Who may read the metrics."""

    metrics_token: str | None = Field(None, min_length=20, max_length=200, repr=False)


class Quotas(Part):
    """How much one user may do (`steps/quotas.py`)."""

    max_machines: int = Field(150, ge=0, description="An operator's machines.")
    max_keys: int = Field(
        300, ge=0, description="Keys ever minted in one bunker, by all operators."
    )
    keys_an_operator: int = Field(150, ge=0, description="Keys ever minted for one operator.")
    rotations_a_day: int = Field(
        5, ge=0, description="New keys for one machine that were asked for."
    )
    forced_keys_an_hour: int = Field(6, ge=0, description="New keys for one machine that were not.")
    pairs_a_minute: int = Field(
        30, ge=0, description="An operator's pair calls; a bulk counts as one."
    )
    relay_checks_a_minute: int = Field(60, ge=0, description="Relays tried for one operator.")


class AbandonedVariables(Part):
    """When the machines of an operator who is gone are cut off."""

    abandoned_hours: int = Field(24, ge=0, description="How long an account may be gone.")


class Ages(Part):
    """How long what has happened is kept."""

    journal_days: int = Field(730, ge=1, description="A line of the journal is kept so long.")
    pairings_days: int = Field(
        730,
        ge=1,
        description="So long a pairing that has ended, and longer where anything depends on it.",
    )


PARTS: tuple[type[Part], ...] = (
    BunkerVariables,
    SettlingVariables,
    WebhookVariables,
    LinkVariables,
    MetricsVariables,
    Quotas,
    AbandonedVariables,
    Ages,
)


@dataclass(frozen=True)
class Refused:
    """A part of which variables make no sense."""

    wrong: tuple[WrongSetting, ...]

    @property
    def detail(self) -> str:
        told = "; ".join(f"{each.variable}: {each.words}" for each in self.wrong)
        return f"LNbits' environment is wrong: {told}. Mend it and restart LNbits."


class Environment:
    """What the variables said when they were read.

    Asking for a part of which one variable is wrong raises SettingsWrong; the others count.
    """

    def __init__(self) -> None:
        written = _Written()
        self._parts = {part: _read(part, written) for part in PARTS}
        self.passphrase_as_written = written["key_passphrase"]
        """With the quotes that older versions took for a part of it."""

    @property
    def bunker(self) -> BunkerVariables:
        return self._part(BunkerVariables)

    @property
    def settle_seconds(self) -> float:
        return self._part(SettlingVariables).settle_seconds

    @property
    def webhook_url(self) -> str | None:
        """Where notices are posted; None: nowhere."""
        return self._part(WebhookVariables).webhook_url

    @property
    def allow_private_links(self) -> bool:
        """Whether customers' phones may be sent to an address that is not on the internet."""
        return self._part(LinkVariables).allow_private_links

    @property
    def metrics_token(self) -> str | None:
        """What who reads the metrics has to show; None: nobody may."""
        return self._part(MetricsVariables).metrics_token

    @property
    def quotas(self) -> Quotas:
        return self._part(Quotas)

    @property
    def abandoned_hours(self) -> int:
        return self._part(AbandonedVariables).abandoned_hours

    @property
    def ages(self) -> Ages:
        return self._part(Ages)

    @property
    def wrong(self) -> list[WrongSetting]:
        """The variables that make no sense, and why."""
        return [wrong for part in self._refused for wrong in part.wrong]

    @property
    def _refused(self) -> list[Refused]:
        return [part for part in self._parts.values() if isinstance(part, Refused)]

    def complain(self) -> None:
        """Says in the log what is wrong."""
        for part in self._refused:
            logger.error("%s", part.detail)

    def shown(self) -> dict[str, str]:
        """Each variable, for anybody to read: numbers and switches as they are, of all else only
        whether it is set."""
        return {
            variable(name): "wrong" if isinstance(part, Refused) else _shown(getattr(part, name))
            for kind, part in self._parts.items()
            for name in kind.__fields__
        }

    def _part(self, kind: type[P]) -> P:
        part = self._parts[kind]
        if isinstance(part, Refused):
            raise SettingsWrong(part.detail)
        return cast(P, part)


@lru_cache(maxsize=1)
def current() -> Environment:
    """What the environment said when LNbits started."""
    return Environment()


def read() -> None:
    """Reads it, and says in the log what is wrong. For the start, and tests that change it."""
    current.cache_clear()
    current().complain()


def variable(name: str) -> str:
    """The variable of a field."""
    return _PREFIX + name.upper()


class _Written:
    """The variables letter by letter. LNbits' file counts where the process says nothing."""

    def __init__(self) -> None:
        self._sources: tuple[Mapping[str, str | None], ...] = (os.environ, dotenv_values(_FILE))

    def __getitem__(self, name: str) -> str:
        spellings = (variable(name), variable(name).lower())
        for source in self._sources:
            for spelling in spellings:
                if (source.get(spelling) or "").strip(" \t\r\n\"'"):
                    return source[spelling] or ""
        return ""

    def meant(self, name: str) -> str:
        """What a variable says, without what stands around it; empty: it is not set."""
        text = self[name].strip()
        while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].strip()
        return text


def _read(part: type[Part], written: _Written) -> Part | Refused:
    given = {name: written.meant(name) for name in part.__fields__}
    try:
        return part(**{name: value for name, value in given.items() if value})
    except ValidationError as error:
        return Refused(tuple(map(_told, error.errors())))


def _shown(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return "set" if value else "not set"


def _told(error: Mapping[str, Any]) -> WrongSetting:
    name, said = str(error["loc"][0]), error.get("ctx", {})
    values = said.get("values", {})
    if "limit_value" in said:
        values = {"n": said["limit_value"]}
    if "permitted" in said:
        values = {"choices": ", ".join(said["permitted"])}
    return WrongSetting(
        variable=variable("bunker_url" if name == "__root__" else name),
        words=error["msg"],
        reason=said.get("reason") or _REASONS.get(error["type"], "not_understood"),
        values=values,
    )
