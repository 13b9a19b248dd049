"""What a bunker does that can cost a machine, in words for the operator."""

from enum import Enum


class Hazard(Enum):
    """The value is the name in the API and in a dialect."""

    ENDS_ON_NIP44 = "ends_on_nip44"
    ENDS_WITHOUT_RELAY = "ends_without_relay"
    HIDES_WHAT_IT_DELETES = "hides_what_it_deletes"
    KEYS_LOCK_AT_RESTART = "keys_lock_at_restart"
    OVERWRITES_KEYS = "overwrites_keys"
    PUBLISHES_WHAT_IT_MINTS = "publishes_what_it_mints"


WORDS = {
    Hazard.ENDS_ON_NIP44: (
        "This bunker speaks only the older encryption (NIP-04). A machine that speaks NIP-44 to "
        "it, as most do today, ends the bunker's process. Update the bunker before pairing such "
        "a machine."
    ),
    Hazard.ENDS_WITHOUT_RELAY: (
        "The bunker's process ends when its relay has been away for 50 seconds. Have it started "
        "again by itself; its keys are then locked until they are unlocked."
    ),
    Hazard.HIDES_WHAT_IT_DELETES: (
        "Deleting a key or revoking a token with the bunker's own tools only hides it: the key "
        "goes on signing, and the token can still be used. Revoke the machine here instead."
    ),
    Hazard.KEYS_LOCK_AT_RESTART: (
        "Keys are locked when the bunker restarts, and no machine can sign until they are unlocked."
    ),
    Hazard.OVERWRITES_KEYS: (
        "Creating a key under a name that exists destroys the key of that name. Do not create keys "
        "called spire-… by hand."
    ),
    Hazard.PUBLISHES_WHAT_IT_MINTS: (
        "The bunker publishes a profile for every key it mints to public relays, and may stop when "
        "it cannot reach them."
    ),
}
