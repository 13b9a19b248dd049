"""Which IP addresses are on the open internet. Pure.

IPv4: all but the special ranges of IANA's register. IPv6: only what is handed out to the world, so
a new special range is refused before this list knows it. The ranges are written down here, because
the register in `ipaddress` differs between Python versions.
"""

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SPECIAL_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; some clouds keep their metadata here
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, which answers every machine in it
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments: the nearest port mapper, an older cloud's metadata
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # the nearest 6to4 relay
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
]
_WORLD_V6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, which carries IPv4, and other protocols' own
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


def is_on_the_internet(address: Address) -> bool:
    """Whether anybody on the internet can have this address: it is not of a host or network of
    one's own, nor set aside by a protocol.

    An IPv4 address that is written as IPv6 is judged as IPv4.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not _within(address, _SPECIAL_V4)
    inner = _carried(address)
    if inner is not None:
        return is_on_the_internet(inner)
    return address in _WORLD_V6 and not _within(address, _SPECIAL_V6)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end at."""
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address(number >> 80 & 0xFFFFFFFF)
    return None


def _within(
    address: Address, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    return any(address in network for network in networks)
