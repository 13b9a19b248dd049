"""What a line of the journal tells beside its event, in a form that the page says in its own
language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import SpirekeeperError

TEMPLATES = {
    "key": "key {key}",
    "key_is": "key {key} is {npub}",
    "key_is_now": "key {key} is {npub}; the machine was {before} before",
    "key_clients": "key {key}, client {clients}",
    "client": "client {client}",
    "client_asked": "{key}: client {client} asked for {method}",
    "stranger_asked": "{key}: stranger {client} asked for {method}",
    "settled": "{key}: {revoked} user(s) revoked, {burned} token(s) burned",
    "not_heard": "the bunker does not answer on {relay}",
    "found_unlocked": "found unlocked",
    "policy_corrected": "the policy allowed other things than a spire does; it was corrected",
    "emergency_stop": "emergency stop",
    "no_operator": "the operator's account is deleted or deactivated",
    "machine_of": "{machine}, of {operator}",
    "fields": "{fields}",
    "name": "{name}",
    "bunker": "{bunker}",
    "limits": "{limits}",
    "webhook": "{server}",
    "service_key": "{key}; it was {before} before",
    "cash_both": "cash-out {out}, {smallest} to {largest} sats, fee {fee_ppm} ppm and {fee_fixed} "
    "sats; cash-in {into}, fee {in_fee_ppm} ppm and {in_fee_fixed} sats, caps {caps} sats",
    "cash": "cash-out {out}, {smallest} to {largest} sats, fee {fee_ppm} ppm and {fee_fixed} sats",
    "linked_order": "order {order}",
    "settled_order": "order {order}: {how} {reference}",
    "failure": "{failure}",
}
"""By the stable code of each, the English words. The page has them in every language."""
REFUSED = "refused"
"""The code of what is told by an error's own code and reason."""


@dataclass(frozen=True)
class Detail:
    """`code` and `values`, in which there is no secret, are what the words are made of."""

    words: str = ""
    code: str = ""
    values: str = "{}"
    """As JSON."""


NOTHING = Detail()


def told(code: str, **values: str | int) -> Detail:
    """`code`: one of TEMPLATES."""
    return Detail(TEMPLATES[code].format(**values), code, json.dumps(values))


def why(error: SpirekeeperError) -> Detail:
    """Why something was not done."""
    values: Mapping[str, str | int] = {**error.values, "code": error.code}
    if error.reason:
        values = {**values, "reason": error.reason}
    return Detail(error.detail, REFUSED, json.dumps(values))
