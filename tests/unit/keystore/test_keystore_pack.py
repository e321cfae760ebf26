# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packed file: its checksum holds, and nothing is missing. What Java sees in it is an integration test."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from keystore_world import World, rules_with

from ansible_collections.zosconnect.security.plugins.module_utils import stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import material
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.pack import pack

PASSWORD = b"changeit"


def desired(world: World, *entries: dict[str, object]) -> list[material.DesiredEntry]:
    return material.desired(entries, rules_with({}))


def names(packed: bytes, password: bytes = PASSWORD) -> set[bytes | None]:
    """Return the friendly names in a file; the library checks its checksum."""
    content = pkcs12.load_pkcs12(packed, password)
    found = {each.friendly_name for each in content.additional_certs}
    return found | {content.cert.friendly_name} if content.cert else found


def test_one_key(world: World) -> None:
    packed = pack(desired(world, world.server_entry()), "changeit")
    content = pkcs12.load_pkcs12(packed, PASSWORD)
    assert content.key is not None
    assert content.key.public_key() == world.server.key.public_key()
    assert names(packed) == {b"server", None}


def test_trusted_certificates_alone(world: World) -> None:
    packed = pack(desired(world, world.trusted_entry(), world.trusted_entry(alias="Grüße €")), "changeit")
    assert names(packed) == {b"root", "grüße €".encode()}


@pytest.mark.parametrize("password", ["changeit", "x" * 63, "a longer one with blanks and ~!@"])
def test_keys_and_trusted_certificates_together(world: World, password: str) -> None:
    packed = pack(
        desired(world, world.trusted_entry(), world.server_entry(), world.server_entry(alias="second")), password
    )
    assert names(packed, password.encode()) == {b"server", b"second", b"root", None}
    assert stores.format_of(packed) == "PKCS12"
    assert len(stores._KEY_BAG.findall(packed)) == 2


def test_the_checksum_is_over_all(world: World) -> None:
    packed = bytearray(pack(desired(world, world.trusted_entry(), world.server_entry()), "changeit"))
    packed[len(packed) // 2] ^= 1
    with pytest.raises(ValueError, match=r"."):
        pkcs12.load_pkcs12(bytes(packed), PASSWORD)


def test_another_password_does_not_open_it(world: World) -> None:
    packed = pack(desired(world, world.trusted_entry(), world.server_entry()), "changeit")
    with pytest.raises(ValueError, match="Invalid password or PKCS12 data"):
        pkcs12.load_pkcs12(packed, b"changeit2")


def test_how_it_is_encrypted(world: World) -> None:
    """PBES2 with AES-256 in CBC mode and HMAC-SHA256, twice a key (key, certificates) and once for what is trusted."""
    packed = pack(desired(world, world.trusted_entry(), world.server_entry()), "changeit")
    for oid in ("06092a864886f70d01050d", "060960864801650304012a", "06082a864886f70d0209"):
        assert packed.count(bytes.fromhex(oid)) == 3


def test_no_private_key_is_readable(world: World) -> None:
    packed = pack(desired(world, world.trusted_entry(), world.server_entry()), "changeit")
    secret = world.server.key.private_numbers().private_value.to_bytes(32, "big")  # type: ignore[union-attr]
    assert secret not in packed
