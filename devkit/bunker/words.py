"""What the daemon says when something fails."""

import json
from typing import Any

NOT_AN_ADMIN = "You are not designated to administrate this bunker"
INVALID_PARAMS = "Invalid params"
TOO_LONG = "invalid plaintext size: must be between 1 and 65535 bytes"
NO_KIND = "Cannot read properties of undefined (reading 'toString')"
POLICY_NOT_FOUND = "Policy not found"
KEY_USER_NOT_FOUND = "Key user not found"
BAD_DECRYPT = "error:1C800064:Provider routines::bad decrypt"
NO_SUCH_KEY = "Cannot destructure property 'iv' of 'keyData' as it is undefined."
NOT_AUTHORIZED = "Not authorized"

# What is said of a token.
UNKNOWN = "Token not found"
SPENT = "Token already redeemed"
EXPIRED = "Token expired"
REVOKED = "Token revoked"

RECORD_NOT_FOUND = (
    "An operation failed because it depends on one or more records that were required but not"
    " found. No record was found for an update."
)


def invalid_argument(name: str, expected: str, value: object) -> str:
    return (
        f"Argument `{name}`: Invalid value provided. Expected {expected},"
        f" provided {_type_of(value)}."
    )


def dump(operation: str, arguments: dict[str, Any], last_line: str) -> str:
    """The database library's way to fail: source lines, every argument in full, then the reason.

    `arguments` are quoted as they are, secrets too; that is what the daemon does.
    """
    quoted = json.dumps(arguments, indent=2).splitlines()
    source = [
        f"Invalid `prisma.{operation}()` invocation in",
        "/app/dist/index.js:1183:52",
        "",
        "  1180   // the record is written with what the admin sent",
        "  1181   const now = new Date();",
        "  1182   // returns the row or throws",
        f"→ 1183   const record = await prisma.{operation}({quoted[0]}",
        *(f"           {line}" for line in quoted[1:-1]),
        f"         {quoted[-1]})",
        "",
        last_line,
    ]
    return "\n".join(["", *source])


def _type_of(value: object) -> str:
    names = {str: "String", bool: "Boolean", int: "Int", float: "Float", list: "List"}
    return names.get(type(value), "Object")
