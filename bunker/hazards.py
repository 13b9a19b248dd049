"""What a bunker does that can cost a machine, in words for the operator."""

from enum import Enum


class Hazard(Enum):
    """The value is the name in the API and in a dialect."""

    ENDS_ON_NIP44 = "ends_on_nip44"
    LOSES_ITS_RELAY = "loses_its_relay"
    GUESSABLE_TOKENS = "guessable_tokens"
    HIDES_WHAT_IT_DELETES = "hides_what_it_deletes"
    IGNORES_POLICY_EXPIRY = "ignores_policy_expiry"
    KEYS_LOCK_AT_RESTART = "keys_lock_at_restart"
    OVERWRITES_KEYS = "overwrites_keys"
    PUBLISHES_WHAT_IT_MINTS = "publishes_what_it_mints"


WORDS = {
    Hazard.ENDS_ON_NIP44: (
        "This bunker speaks only the older encryption (NIP-04). A machine that speaks NIP-44 to "
        "it, as most do today, ends the bunker's process. Update the bunker before pairing such "
        "a machine."
    ),
    Hazard.LOSES_ITS_RELAY: (
        "When its relay was away, this bunker may not listen again until it is restarted itself, "
        "which locks its keys. Look here whenever the relay was restarted."
    ),
    Hazard.GUESSABLE_TOKENS: (
        "The bunker makes its tokens with weak randomness: who has seen some may guess others. "
        "Let a seed wait no longer than needed, and compare the fingerprint each time."
    ),
    Hazard.IGNORES_POLICY_EXPIRY: (
        "The bunker stores when a policy ends and how often a rule may be used, and enforces "
        "neither. To end a machine's rights, revoke it here."
    ),
    Hazard.HIDES_WHAT_IT_DELETES: (
        "Deleting a key or revoking a token with the bunker's own tools only hides it: the key "
        "goes on signing, and the token can still be used. Revoke the machine here instead."
    ),
    Hazard.KEYS_LOCK_AT_RESTART: (
        "Keys are locked when the bunker restarts, and no machine can sign until they are "
        "unlocked. That is done in the background, with the passphrases that are known here; keep "
        "a copy of them in your safe."
    ),
    Hazard.OVERWRITES_KEYS: (
        "Creating a key under a name that exists destroys the key of that name. Do not create keys "
        "called spire-… by hand."
    ),
    Hazard.PUBLISHES_WHAT_IT_MINTS: (
        "The bunker publishes a profile for every key it mints to public relays, and may stop when "
        "it cannot reach them. The superuser can have this server make the keys instead."
    ),
}
