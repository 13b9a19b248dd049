"""What can cost a machine: what this bunker does, and how things are set up around it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path

from lnbits.settings import settings as lnbits_settings

from ..bunker.dialects import WORDS, Dialect, Hazard
from ..errors import SettingsWrong
from ..nostr.relay_trial import Treatment
from ..schemas.bunker import HazardAnswer
from .open_bunker import OpenBunker
from .relay_cautions import Seen, clock_differs, takes_less
from .relay_probe import is_public, look_at

KEYS_A_RELAY_BEARS = 20
"""How many subscriptions common public relays allow on one connection; a bunker has one a key. For
a relay that does not say how many it allows."""
LEAST_EVENT = 64 * 1024
"""Bytes that a bunker's relay should take: enough for a list of 300 keys."""
SEEN_FOR_SECONDS = 60.0
"""So long what was seen of a relay counts: the page asks often."""
LONGEST_LIST = 48 * 1024
"""Bytes of the list of all keys, as it is sent: three quarters of the longest event that strfry, a
relay in wide use, takes as it comes."""
FEW_LEFT = 0.8
_SECRET_FILE = ".lnbits_auth_key"
_seen: dict[str, tuple[float, Seen | None]] = {}
"""By relay, until when it counts, by the event loop's clock."""
CLOCKS_APART_SECONDS = 60
"""Less may be an answer that was under way for long."""


class SetupHazard(Enum):
    """What is not the bunker's own doing. The value is the name in the API."""

    AUDIT_KEEPS_BODIES = "audit_keeps_bodies"
    CLOCKS_DIFFER = "clocks_differ"
    FEW_KEYS_LEFT = "few_keys_left"
    KEYS_OUTGROW_RELAY = "keys_outgrow_relay"
    MANY_KEYS = "many_keys"
    PUBLIC_ADMIN_RELAY = "public_admin_relay"
    RELAY_CLOCK_DIFFERS = "relay_clock_differs"
    RELAY_TAKES_LITTLE = "relay_takes_little"
    SECRET_BESIDE_DATABASE = "secret_beside_database"


SETUP_WORDS = {
    SetupHazard.AUDIT_KEEPS_BODIES: (
        "LNbits' audit keeps the bodies of requests, so an admin key or a passphrase that is "
        "entered here can end up in its database. Switch that off before you enter one "
        "(lnbits_audit_log_request_body)."
    ),
    SetupHazard.CLOCKS_DIFFER: (
        "The clocks of the bunker and of this server are more than a minute apart. Pairing and "
        "revoking work all the same, but a relay may refuse what seems too old or too new, and "
        "times shown here can be wrong by as much. Have both set their clocks by NTP."
    ),
    SetupHazard.FEW_KEYS_LEFT: (
        "The bunker was asked for four fifths of the keys that it may ever be asked for, and can "
        "delete none. Beyond them no machine gets a new key: see that the bunker's relay can carry "
        "the list of more, then allow more (PUT /bunker/limits)."
    ),
    SetupHazard.KEYS_OUTGROW_RELAY: (
        "The bunker sends its list of keys as one event of more than 48 KiB. Many relays take no "
        "event of more than 64 KiB, some none of more than 128; beyond what the bunker's relay "
        "takes nothing can be paired any more. See that it takes 1 MiB before more keys are made."
    ),
    SetupHazard.MANY_KEYS: (
        "The bunker listens for each key by a subscription of its own, and has about as many keys "
        f"as its relay allows on one connection (many public ones: {KEYS_A_RELAY_BEARS}). A machine"
        " beyond that cannot reach its key. Use a relay of your own that allows more."
    ),
    SetupHazard.PUBLIC_ADMIN_RELAY: (
        "The admin connection runs over a relay on the open internet. Whoever runs that relay "
        "sees when machines are paired and cut, and can send an old request again, because the "
        "bunker checks no age. Use a relay of your own near the bunker."
    ),
    SetupHazard.RELAY_CLOCK_DIFFERS: (
        "The clocks of the bunker's relay and of this server are more than half a minute apart. A "
        "relay may refuse what seems too old or too new: nothing is paired then, and no machine "
        "signs. Have the relay, this server and the bunker set their clocks by NTP."
    ),
    SetupHazard.RELAY_TAKES_LITTLE: (
        "The bunker's relay says that it takes no event of 64 KiB, or did not take one of 16 KiB "
        "just now. The bunker's answers grow with each key and each pairing; once one is too long, "
        "nothing can be paired any more. Have it take 1 MiB, or use another."
    ),
    SetupHazard.SECRET_BESIDE_DATABASE: (
        "LNbits keeps its secret in the folder of its database, so a copy of that folder opens "
        "the bunker's admin key. Move what .lnbits_auth_key holds to AUTH_SECRET_KEY in LNbits' "
        "environment, and delete the file."
    ),
}


ShareOfKeys = Callable[[str], Awaitable[float]]
"""Of the keys that a bunker may ever be asked for, how many it was asked for."""


async def find_hazards(
    bunker: OpenBunker, dialect: Dialect, keys: int, share_of_keys: ShareOfKeys | None
) -> list[HazardAnswer]:
    """All hazards, by code. `keys`: how many the bunker has. What only the superuser can change is
    left out without `share_of_keys`."""
    found = {hazard.value: WORDS[hazard] for hazard in dialect.hazards}
    if bunker.config.mint == "local":
        found.pop(Hazard.PUBLISHES_WHAT_IT_MINTS.value, None)  # it does so for its own mint alone
    if share_of_keys is not None:
        for hazard in await _setup_hazards(bunker, keys, share_of_keys):
            found[hazard.value] = SETUP_WORDS[hazard]
    return [HazardAnswer(code=code, words=words) for code, words in sorted(found.items())]


async def find_hazards_of_relays(bunker: OpenBunker) -> list[HazardAnswer]:
    """Those that its relays tell of, which may be why the bunker does not answer."""
    found = _hazards_of_relays(await _look_at_relays(bunker), keys=0)
    return [HazardAnswer(code=each.value, words=SETUP_WORDS[each]) for each in found]


async def _setup_hazards(
    bunker: OpenBunker, keys: int, share_of_keys: ShareOfKeys
) -> list[SetupHazard]:
    public, relays = await asyncio.gather(
        asyncio.gather(*map(is_public, bunker.config.relays)), _look_at_relays(bunker)
    )
    found = list(_hazards_of_relays(relays, keys))
    if any(public):
        found.append(SetupHazard.PUBLIC_ADMIN_RELAY)
    if keys_outgrow_relay(bunker):
        found.append(SetupHazard.KEYS_OUTGROW_RELAY)
    if await _few_keys_left(bunker, share_of_keys):
        found.append(SetupHazard.FEW_KEYS_LEFT)
    if _clocks_differ(bunker):
        found.append(SetupHazard.CLOCKS_DIFFER)
    if _audit_keeps_bodies():
        found.append(SetupHazard.AUDIT_KEEPS_BODIES)
    if _secret_beside_database():
        found.append(SetupHazard.SECRET_BESIDE_DATABASE)
    return found


def _hazards_of_relays(relays: Sequence[Seen], keys: int) -> Iterator[SetupHazard]:
    """What was seen of the bunker's relays that are up. Where one has enough, the bunker may still
    use another."""
    if keys >= min(map(_keys_it_bears, relays), default=KEYS_A_RELAY_BEARS):
        yield SetupHazard.MANY_KEYS
    if any(map(_takes_little, relays)):
        yield SetupHazard.RELAY_TAKES_LITTLE
    if any(clock_differs(each.said) for each in relays):
        yield SetupHazard.RELAY_CLOCK_DIFFERS


def _keys_it_bears(relay: Seen) -> float:
    limits = relay.said.limits
    if limits is None or limits.max_subscriptions is None:
        return KEYS_A_RELAY_BEARS
    return FEW_LEFT * limits.max_subscriptions


def _takes_little(relay: Seen) -> bool:
    """It says so, or did not take a smaller one."""
    limits = relay.said.limits
    said = limits is not None and takes_less(limits, LEAST_EVENT)
    return said or relay.treatment is Treatment.REFUSED


async def _look_at_relays(bunker: OpenBunker) -> list[Seen]:
    looked = await asyncio.gather(*map(_look_at, bunker.config.relays))
    return [seen for seen in looked if seen is not None]


async def _look_at(relay: str) -> Seen | None:
    """Looks again only after a while."""
    now = asyncio.get_running_loop().time()
    until, seen = _seen.get(relay, (0.0, None))
    if until <= now:
        seen = await look_at(relay, None)
        _seen[relay] = (now + SEEN_FOR_SECONDS, seen)
    return seen


async def _few_keys_left(bunker: OpenBunker, share_of_keys: ShareOfKeys) -> bool:
    """False as well where the limit cannot be read: that is told beside this."""
    try:
        return await share_of_keys(bunker.config.bunker_pubkey) >= FEW_LEFT
    except SettingsWrong:
        return False


def keys_outgrow_relay(bunker: OpenBunker) -> bool:
    """The list of all keys is soon longer than the bunker's relay may take. False for a host's own
    client, which does not tell."""
    size = getattr(bunker.admin, "keys_size", None)
    return size is not None and size > LONGEST_LIST


def _clocks_differ(bunker: OpenBunker) -> bool:
    """False for a host's own client, which does not tell."""
    ahead = getattr(bunker.admin, "seconds_ahead", None)
    return ahead is not None and abs(ahead) > CLOCKS_APART_SECONDS


def _audit_keeps_bodies() -> bool:
    return lnbits_settings.lnbits_audit_enabled and lnbits_settings.lnbits_audit_log_request_body


def _secret_beside_database() -> bool:
    """A database elsewhere, as PostgreSQL is, is not copied along with the file."""
    if lnbits_settings.lnbits_database_url:
        return False
    return Path(lnbits_settings.lnbits_data_folder, _SECRET_FILE).is_file()
