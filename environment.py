"""What LNbits' environment says to spirekeeper: every `SPIREKEEPER_*` variable is read here.

As it is meant: compose and env files leave variables blank, in quotes, with a carriage return
behind them. A blank one is not set, and what stands around a value is no part of it. What cannot be
meant is refused by the variable's name, never with what it holds, which may be a secret.
"""

import logging
import os
from functools import lru_cache

from dotenv import dotenv_values
from pydantic import BaseModel, ValidationError

from .errors import SettingsWrong

logger = logging.getLogger(__name__)

_PREFIX = "SPIREKEEPER_"
_FILE = ".env"
"""LNbits' own; it does not put it into the process environment."""


class FromEnvironment(BaseModel):
    """Settings, each in a variable of its name. SettingsWrong when one cannot be meant."""

    def __init__(self) -> None:
        given = [(name, meant(name)) for name in self.__fields__]
        try:
            super().__init__(**{name: value for name, value in given if value})
        except ValidationError as error:
            raise SettingsWrong(_sentence(error)) from None

    class Config:
        frozen = True


def variable(name: str) -> str:
    return _PREFIX + name.upper()


def meant(name: str) -> str:
    """What a variable says, without what stands around it; empty: it is not set."""
    text = as_written(name).strip()
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def as_written(name: str) -> str:
    """The same, letter by letter. LNbits' file counts where the process has nothing to say."""
    spellings = (variable(name), variable(name).lower())
    for source in (os.environ, _file()):
        for spelling in spellings:
            if (source.get(spelling) or "").strip(" \t\r\n\"'"):
                return source[spelling] or ""
    return ""


@lru_cache(maxsize=1)
def _file() -> dict[str, str | None]:
    """Read once: what somebody is writing into it counts when LNbits starts again."""
    return dotenv_values(_FILE)


def wrong() -> list[str]:
    """A sentence about each group of settings in which a variable cannot be meant."""
    return [words for words in map(_refusal, FromEnvironment.__subclasses__()) if words]


def _refusal(settings: type[FromEnvironment]) -> str:
    try:
        settings()
    except SettingsWrong as error:
        return error.detail
    return ""


def log_what_is_wrong() -> None:
    for words in wrong():
        logger.error("%s", words)


def _sentence(error: ValidationError) -> str:
    problems = []
    for each in error.errors():
        name = str(each["loc"][0])
        problems.append(each["msg"] if name == "__root__" else f"{variable(name)}: {each['msg']}")
    return f"LNbits' environment is wrong: {'; '.join(problems)}. Mend it and restart LNbits."
