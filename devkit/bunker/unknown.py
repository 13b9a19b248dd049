"""A bunker of no known lineage: it has what a pairing needs and nothing more."""

from .verbs import Verb, Verbs

_NEEDED = (
    *("get_keys", "create_new_key", "unlock_key", "get_policies", "create_new_policy"),
    *("create_new_token", "get_key_tokens", "get_key_users", "revoke_user"),
)


class UnknownVerbs(Verbs):
    """Not even ping."""

    def table(self) -> dict[str, Verb]:
        known = super().table()
        return {name: known[name] for name in _NEEDED}
