"""SQL that selects the pairings that decide something, so that no others are read.

A machine can have had thousands. Each part of a statement is answered from an index (`m020` of the
migrations). The argument `machines` is the name of the parameter that lists the machines
(`database.listed`).
"""

from ..lifecycle import OPEN_STATES
from .database import (
    MACHINES,
    PAIRINGS,
    among,
    each_of,
    ended_badly,
    ended_unseen,
    one_of,
    redeemed_unconfirmed,
)

STILL_OPEN = one_of("state", OPEN_STATES)
_NEWEST_FIRST = "ORDER BY p.created_at DESC, p.id DESC"
_MOST_CONFIRMED = 50
"""Of a key: so many clients that an operator said Yes to are told of."""


def standing(machines: str) -> str:
    """Selects the ids of the pairings that decide where these machines stand.

    They are the open ones; of each machine the last that had a seed and has ended; and those that
    put the machine's key in doubt.
    """
    return (
        f"SELECT id FROM {PAIRINGS} WHERE machine_id {among(machines)} AND {STILL_OPEN} "
        f"UNION ALL SELECT (SELECT p.id FROM {PAIRINGS} p WHERE p.machine_id = given.one "
        f"AND p.issued_at IS NOT NULL AND p.ended_at IS NOT NULL {_NEWEST_FIRST} LIMIT 1) "
        f"FROM {each_of(machines)} AS given "
        f"UNION ALL SELECT q.id FROM {MACHINES} m JOIN {PAIRINGS} q "
        "ON q.machine_id = m.id AND q.spire_pubkey = m.machine_npub "
        f"WHERE m.id {among(machines)} AND q.confirm_required = true AND q.confirmed_at IS NULL "
        "AND q.ended_at IS NOT NULL AND COALESCE(q.key_clean, false) = false"
    )


def deciding(machines: str) -> str:
    """Selects the ids of the pairings that decide anything about these machines.

    They are those of `standing`, and for each key that the machines had: the first pairing, the
    newest, the newest with a seed, the newest of each kind that tells of somebody who was not
    confirmed, and those with a confirmed client. `firsts` steps from key to key along an index.
    """
    in_order = "ORDER BY p.bunker_pubkey, p.key_name, p.created_at, p.id LIMIT 1"
    of_key = (
        f"FROM {PAIRINGS} p WHERE p.machine_id = k.machine_id "
        "AND p.bunker_pubkey = k.bunker_pubkey AND p.key_name = k.key_name"
    )
    newest = (
        f"SELECT (SELECT p.id {of_key}{only} {_NEWEST_FIRST} LIMIT 1) FROM keys k"
        for only in (
            "",
            " AND p.issued_at IS NOT NULL",
            f" AND {redeemed_unconfirmed('p')}",
            f" AND {ended_badly('p')}",
            f" AND {ended_unseen('p')}",
        )
    )
    return (
        f"WITH RECURSIVE firsts(id) AS (SELECT (SELECT p.id FROM {PAIRINGS} p "
        f"WHERE p.machine_id = given.one {in_order}) FROM {each_of(machines)} AS given "
        f"UNION ALL SELECT (SELECT p.id FROM {PAIRINGS} p WHERE p.machine_id = f.machine_id "
        f"AND (p.bunker_pubkey, p.key_name) > (f.bunker_pubkey, f.key_name) {in_order}) "
        f"FROM firsts JOIN {PAIRINGS} f ON f.id = firsts.id), "
        f"keys AS (SELECT f.* FROM firsts JOIN {PAIRINGS} f ON f.id = firsts.id) "
        f"SELECT id FROM keys UNION ALL {standing(machines)} "
        f"UNION ALL {' UNION ALL '.join(newest)} "
        "UNION ALL SELECT id FROM (SELECT p.id, ROW_NUMBER() OVER "
        f"(PARTITION BY p.bunker_pubkey, p.key_name {_NEWEST_FIRST}) AS nth FROM {PAIRINGS} p "
        f"WHERE p.machine_id {among(machines)} AND p.confirmed_at IS NOT NULL) AS yes "
        f"WHERE nth <= {_MOST_CONFIRMED}"
    )
