"""The keys that are watched, and which of them have a seed that waits."""

from spirekeeper.upkeep.watched_keys import WatchedKey, WatchedKeys


def key(pubkey: str, *, waiting: bool) -> WatchedKey:
    return WatchedKey(
        "machine", "spire-machine", pubkey, (), (), waiting, ("wss://r.example.com",), "o"
    )


def test_the_keys_of_other_parts_wait_on_when_a_part_is_read_anew() -> None:
    keys = WatchedKeys([key("aa", waiting=True), key("ab", waiting=True), key("bb", waiting=True)])
    anew = WatchedKeys([key("ab", waiting=False), key("ac", waiting=True)])
    changed = keys.but(lambda pubkey: pubkey.startswith("a"), anew)
    assert changed.waiting == {"ac", "bb"}
    assert set(changed.pubkeys) == {"ab", "ac", "bb"}
    assert keys.waiting == {"aa", "ab", "bb"}


def test_of_two_rows_of_a_key_the_last_says_whether_it_waits() -> None:
    keys = WatchedKeys([key("aa", waiting=True), key("aa", waiting=False)])
    assert not keys.waiting
    assert not keys["aa"].waiting
