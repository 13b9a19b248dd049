"""Which addresses a user may have the server connect to."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spirekeeper.nostr.ip_addresses import Address, is_on_the_internet
from support.figures import Figures

OURS_ALONE = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # Alibaba's metadata
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",  # Azure's wire server
    "169.254.169.254",  # metadata of most clouds
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.0.192",  # Oracle's metadata, once
    "192.88.99.1",
    "192.168.178.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
]
WORLDS = ["1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.215.14", "100.63.255.255", "100.128.0.0"]
WORLDS += ["126.255.255.255", "128.0.0.0", "169.253.255.255", "172.32.0.0", "223.255.255.255"]


def carriers(address: str) -> list[str]:
    """The IPv6 addresses that end at an IPv4 one."""
    number = int(ipaddress.IPv4Address(address))
    return [
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + (number << shift)))
        for prefix, shift in (("::ffff:0:0", 0), ("64:ff9b::", 0), ("2002::", 80))
    ]


@pytest.mark.parametrize("address", OURS_ALONE)
def test_special_addresses_are_refused_however_they_are_carried(address: str) -> None:
    assert not is_on_the_internet(ipaddress.ip_address(address))
    for carrier in carriers(address):
        assert not is_on_the_internet(ipaddress.ip_address(carrier)), carrier


@pytest.mark.parametrize("address", WORLDS)
def test_the_worlds_are_not(address: str) -> None:
    assert is_on_the_internet(ipaddress.ip_address(address))
    for carrier in carriers(address):
        assert is_on_the_internet(ipaddress.ip_address(carrier)), carrier


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "::127.0.0.1",  # IPv4-compatible
        "::93.184.215.14",
        "::ffff:0:127.0.0.1",  # IPv4-translated
        "64:ff9b:1::7f00:1",  # a network's own NAT64
        "64:ff9b:1:a9fe:a9:fe00::",
        "100::1",
        "2001::7f00:1",  # Teredo
        "2001:0:5ef5:79fd::",
        "2001:10::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",  # Amazon's metadata
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_special_addresses_of_ipv6_are_refused(address: str) -> None:
    assert not is_on_the_internet(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["2606:2800:220:1:248:1893:25c8:1946", "2a00:1450::1", "2400::"]
)
def test_the_worlds_of_ipv6_are_not(address: str) -> None:
    assert is_on_the_internet(ipaddress.ip_address(address))


NETWORKS = ["0.0.0.0/0", "::/0", "2000::/3", "2001::/16", "2002::/16", "64:ff9b::/32", "fc00::/6"]
ADDRESSES = st.one_of(
    st.ip_addresses(v=4),
    *(st.ip_addresses(network=network) for network in NETWORKS),
)


def test_whatever_python_knows_as_special_is_refused(figures: Figures) -> None:
    tried = 0

    @settings(derandomize=True, max_examples=500)
    @given(ADDRESSES)
    def check(address: Address) -> None:
        nonlocal tried
        tried += 1
        if not address.is_global or address.is_multicast or address.is_link_local:
            assert not is_on_the_internet(address) or carried(address)

    check()
    figures.add("inputs", tried)


def carried(address: Address) -> bool:
    """These Python calls private whatever they carry; here it is what they carry that counts."""
    return isinstance(address, ipaddress.IPv6Address) and (
        address.sixtofour is not None or address.ipv4_mapped is not None
    )
