import pytest
from nostr_sdk import PublicKey
from spirekeeper.bunker.address import AddressError, BunkerAddress
from spirekeeper.bunker.errors import NsecBunkerError

# The same in every run: it is in the names of tests, which workers side by side have to agree on.
KEY = PublicKey.parse("bd9f5969b1aaad347dbdcc34e8e0f4d21f64ec09169ef7e51f95efd5ad811305")
HEX = KEY.to_hex()
NPUB = KEY.to_bech32()


@pytest.mark.parametrize(
    ("text", "relays"),
    [
        (f"bunker://{HEX}?relay=wss%3A%2F%2Fa.example", ("wss://a.example",)),
        (f"bunker://{HEX.upper()}?relay=wss://a.example", ("wss://a.example",)),
        (f" bunker://{NPUB}?relay=wss://a.example\n", ("wss://a.example",)),
        (f"bunker://{NPUB}/?relay=wss://a.example", ("wss://a.example",)),
        (
            f"bunker://{HEX}?relay=wss%3A%2F%2Fa.example&relay=ws%3A%2F%2F127.0.0.1%3A7777%2Fx",
            ("wss://a.example", "ws://127.0.0.1:7777/x"),
        ),
        (f"bunker://{HEX}?relay=wss://a.example&relay=wss://a.example", ("wss://a.example",)),
        # as nsecbunkerd prints it
        (f"bunker://{NPUB}@relay.example", ("wss://relay.example",)),
        (
            f"bunker://{NPUB}@a.example%2Cb.example%3A7000",
            ("wss://a.example", "wss://b.example:7000"),
        ),
        (f"bunker://{NPUB}@a.example,b.example", ("wss://a.example", "wss://b.example")),
        (
            f"bunker://{NPUB}@a.example%2Cws%3A%2F%2F127.0.0.1%3A7777",
            ("wss://a.example", "ws://127.0.0.1:7777"),
        ),
        (f"bunker://{NPUB}@a.example%2F%2C", ("wss://a.example",)),
        # as people write and copy it
        *(
            (f"bunker://{HEX}?relay={several}", ("wss://a.example", "wss://b.example"))
            for several in (
                "wss://a.example,wss://b.example",
                "wss://a.example/, WSS://b.example:443/,",
                "wss%3A%2F%2Fa.example%2Cwss%3A%2F%2Fb.example",
                "wss%3A%2F%2Fa.example%0Awss%3A%2F%2Fb.example%0A",
                "wss://a.example wss://b.example",
                "wss://a.example;wss://b.example",
                "wss://a.example&amp;relay=wss://b.example",
                "wss%3A%2F%2Fa.example&amp;relay=wss%3A%2F%2FB.example&amp;secret=hunter2",
            )
        ),
        (f"bunker://{HEX}?relay=wss://a.example&amp;relay=wss://A.example/", ("wss://a.example",)),
        (
            f"bunker://{HEX}?relay=A.example/&relay=b.example:7000",
            ("wss://a.example", "wss://b.example:7000"),
        ),
    ],
)
def test_both_forms_are_read(text: str, relays: tuple[str, ...]) -> None:
    assert BunkerAddress.parse(text) == BunkerAddress(pubkey=HEX, relays=relays)


def test_its_url_is_read_back() -> None:
    address = BunkerAddress(pubkey=HEX, relays=("wss://a.example?x=1&y=2", "ws://[::1]:7777"))
    assert BunkerAddress.parse(address.url) == address


def test_a_secret_is_not_kept() -> None:
    address = BunkerAddress.parse(f"bunker://{HEX}?relay=wss://a.example&secret=hunter2")
    assert "hunter2" not in repr(address) + address.url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begin with bunker://"),
        (f"nostr://{HEX}?relay=wss://a.example", "begin with bunker://"),
        ("bunker://", "begin with bunker://"),
        ("bunker://?relay=wss://a.example", "no public key"),
        (f"bunker://{HEX[:-1]}?relay=wss://a.example", "no public key"),
        (f"bunker://{'f' * 64}?relay=wss://a.example", "no public key"),
        (f"bunker://{NPUB[:-1]}q?relay=wss://a.example", "no public key"),
        (f"bunker://nostr:{NPUB}?relay=wss://a.example", "no public key"),
        (f"bunker://{HEX}", "no relay"),
        (f"bunker://{HEX}?secret=hunter2", "no relay"),
        (f"bunker://{NPUB}@", "no relay"),
        (f"bunker://{HEX}?relay=https://a.example", "Relay 1"),
        (f"bunker://{HEX}?relay=wss://a.example&relay=wss://", "Relay 2"),
        (f"bunker://{HEX}?relay=wss://a.example:99999", "Relay 1"),
        (f"bunker://{HEX}?relay=wss://u:hunter2@a.example", "Relay 1"),
        (f"bunker://{HEX}?relay=wss://a.example/%23%00", "Relay 1"),
        (f"bunker://{HEX}?relay=wss://a%20b.example", "Relay 1"),
        (f"bunker://{HEX}?relay=wss://[::1", "Relay 1"),
        (f"bunker://{NPUB}@https%3A%2F%2Fa.example", "Relay 1"),
        (f"bunker://{HEX}?relay=wss://a.example,b.example", "Relay 1"),
        (f"bunker://{HEX}?relay=wss://a.example,https://b.example", "Relay 1"),
    ],
)
def test_what_is_wrong_is_said_and_not_quoted(text: str, words: str) -> None:
    with pytest.raises(AddressError, match=words) as caught:
        BunkerAddress.parse(text)
    assert "hunter2" not in str(caught.value)
    assert isinstance(caught.value, NsecBunkerError)
    assert not isinstance(caught.value, ValueError)
    assert caught.value.__context__ is None
