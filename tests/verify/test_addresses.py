import ipaddress

import pytest

from keysift.verify.addresses import RefusedError, check, refusal


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.0.1",
        "168.63.129.16", "100.100.100.200", "100.64.0.1", "192.0.0.192", "0.0.0.0",  # noqa: S104
        "255.255.255.255", "224.0.0.1",
        "240.0.0.1", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254",
        "fd20:ce::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "::127.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::",
        "2002:a00:1::1", "2001:0:1::80ff:fffe", "fec0::1",
    ],
)  # fmt: skip
def test_no_key_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    with pytest.raises(RefusedError):
        check([ipaddress.ip_address(address)])


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::101:101"])
def test_public_addresses_are_fine(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) == ""


def test_one_private_address_among_public_ones_is_enough() -> None:
    """A name that leads to both, by turns, is what an attack by rebinding looks like."""
    with pytest.raises(RefusedError, match=r"10\.0\.0\.7, a private address"):
        check([ipaddress.ip_address("1.1.1.1"), ipaddress.ip_address("10.0.0.7")])


def test_the_user_may_allow_a_network_however_it_is_written() -> None:
    allowed = [ipaddress.ip_network("10.0.0.0/8")]
    check([ipaddress.ip_address("10.1.2.3"), ipaddress.ip_address("::ffff:10.1.2.3")], allowed)
    with pytest.raises(RefusedError):
        check([ipaddress.ip_address("192.168.0.1")], allowed)
