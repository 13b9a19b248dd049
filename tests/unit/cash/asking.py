"""Contents as a machine sends them, and what each kind of bad input is made of."""

import json
from typing import Any

from spirekeeper.cash.answers import Limits
from spirekeeper.cash.requests import MOST_SATS

LIMITS = Limits(1_000, 500_000)
RANGE = {"min": 1_000, "max": 500_000}
ORDER = "0123456789abcdef" * 2
ATTEMPT = "fedcba9876543210" * 2

BAD_AMOUNTS = [
    "0",
    "-1",
    "-0",
    "1.0",
    "1.5",
    "1e3",
    "1E3",
    "1e999",
    "true",
    "false",
    "null",
    '"10"',
    '""',
    "[10]",
    "[[10]]",
    '{"sats": 10}',
    "NaN",
    "Infinity",
    "-Infinity",
    str(MOST_SATS + 1),
    str(2**63 - 1),
    str(2**63),
    str(-(2**63)),
    str(2**64),
    "1" + "0" * 40,
    "1" + "0" * 5_000,
    "-1" + "0" * 5_000,
]
"""As JSON writes them; the last are longer than Python reads."""
BAD_IDS = [
    "",
    ORDER[:-1],
    ORDER + "0",
    ORDER.upper(),
    ORDER[:-1] + "g",
    ORDER + "\n",
    " " + ORDER,
    "0x" + ORDER[2:],
    "\u0660" * 32,
    10**31,
    [ORDER],
    {"id": ORDER},
    True,
]
NO_OBJECTS = ["[]", '"text"', "1", "true", "null", "NaN", "[{}]"]
NO_JSON = ["", " ", "{", "{}x", "{'a': 1}", "{a: 1}", '{"a": 1,}', "\x00", "[" * 8_000, '{"a": 01}']


def offer(payer: dict[str, Any] | None = None, **fields: Any) -> str:
    """A content of kind 21001; what is given takes the place of what is good."""
    return json.dumps(
        {
            "offer": "cash-out",
            "amount_sats": 25_000,
            "payer_data": {"order": ORDER, **(payer or {})},
            **fields,
        }
    )


def rpc(name: Any, body: Any = None, **fields: Any) -> str:
    """A content of kind 21000."""
    body = {} if body is None else body
    return json.dumps({"rpc_name": name, "auth_level": "AUTH_WALLET", "body": body, **fields})


def with_amount(content: str, written: str) -> str:
    """The same with its amount written so."""
    assert content.count("25000") == 1
    return content.replace("25000", written)
