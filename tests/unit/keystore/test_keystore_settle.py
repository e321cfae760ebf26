# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that are in the store already: a new certificate, a mended chain, a key made there; and other formats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from keystore_world import NOW, World
from pki import Issued

from ansible_collections.zosconnect.security.plugins.module_utils import stores
from ansible_collections.zosconnect.security.plugins.module_utils.merging import mismatch
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import chains, material, pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import (
    KEY,
    TRUSTED,
    Entry,
    der_of,
    iso,
    pem_of,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry, Rules
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.settle import settled

GENERATE: dict[str, Any] = {"type": "EC", "size": None, "subject": "CN=server", "subject_alt_names": [], "days": 90}


def signed(cn: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: Any) -> x509.Certificate:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (issuer, cn)]
    builder = x509.CertificateBuilder(names[0], names[1], key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(9)).sign(by, hashes.SHA256())


def there(*pems: str) -> list[Entry]:
    return [Entry("server", KEY, tuple(der_of(pem) for pem in pems))]


def wanted(rules: Rules, **entry: Any) -> list[DesiredEntry]:
    return material.desired([{"alias": "Server", **entry}], rules)


def subjects(desired: list[DesiredEntry]) -> list[list[str]]:
    return [[each.subject.rfc4514_string() for each in want.chain] for want in desired]


def renewed(world: World) -> str:
    """Another certificate for the server's key, by the same issuer."""
    issuer = x509.load_pem_x509_certificate(world.lower_pem.encode())
    # The tests need no right signature of Lower here: they give no chain with it.
    certificate = signed("server", world.server.key, issuer.subject.rfc4514_string()[3:], world.server.key)
    return Issued(certificate, world.server.key, ()).certificate_pem


def test_a_new_certificate_for_the_key_that_is_there(world: World, rules: Rules) -> None:
    desired = wanted(rules, certificate_content=renewed(world))
    (want,) = settled(desired, there(world.server.certificate_pem, world.lower_pem), exactly=False)
    assert want.on_target
    assert (want.chain[0] == desired[0].chain[0], len(want.chain)) == (True, 1)
    planned = plan("merged", ["server"], [want.entry()], there(world.server.certificate_pem), on_target={"server"})
    assert [change.action for change in planned.changes] == ["replace"]
    assert (planned.on_top, planned.pack, planned.remove) == (True, (), ())


@pytest.mark.parametrize("state", ["merged", "replaced"])
def test_a_chain_is_mended_and_what_is_there_continues_it(
    world: World,
    rules: Rules,
    state: str,
) -> None:
    present = there(world.server.certificate_pem, world.upper_pem, world.root.root_pem)
    exactly = state == "replaced"
    (want,) = settled(wanted(rules, chain_content=world.lower_pem), present, exactly=exactly)
    assert subjects([want])[0] == ["CN=server", "CN=Lower", "CN=Upper", "CN=Root"][: 2 if exactly else 4]
    assert chains.is_complete(want.chain) == (not exactly)


def test_a_key_without_its_chain_keeps_that_of_the_store(world: World, rules: Rules) -> None:
    desired = material.desired([world.server_entry(chain_content=None)], rules)
    present = there(world.server.certificate_pem, world.lower_pem)
    assert subjects(settled(desired, present, exactly=False)) == [["CN=server", "CN=Lower"]]
    assert subjects(settled(desired, present, exactly=True)) == [["CN=server"]]


def test_what_a_key_on_the_target_cannot_take(world: World, rules: Rules) -> None:
    desired = wanted(rules, certificate_content=world.server.certificate_pem)
    with pytest.raises(SecurityError) as caught:
        settled(desired, [], exactly=False)
    assert str(caught.value) == (
        "entries (alias server): has no private key, and the store holds none under this alias; give privatekey_content "
        "or privatekey_path, set trusted if the certificate is to be trusted, or generate to make a key there."
    )
    with pytest.raises(SecurityError) as caught:
        settled(desired, there(world.client.certificate_pem), exactly=False)
    assert str(caught.value) == (
        "entries (alias server): the certificate CN=server does not belong to the private key that the store holds under "
        "this alias; give the certificate that was issued for its request, or the new private key too."
    )


def test_a_chain_in_a_circle(rules: Rules) -> None:
    """Two authorities that certify each other."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    own = signed("own", keys[0], "A", keys[1])
    a, b = signed("A", keys[1], "B", keys[2]), signed("B", keys[2], "A", keys[1])
    with pytest.raises(SecurityError) as caught:
        chains.ordered(own, [b, a, own], "entries[0]")
    assert str(caught.value) == (
        "entries[0]: the chain leads in a circle: CN=B was signed by one that comes before it; give the certificate of "
        "its issuer that a root signed."
    )


def test_a_key_is_made_once(world: World, rules: Rules) -> None:
    desired = wanted(rules, generate=GENERATE)
    assert desired[0].generation is not None
    assert desired[0].generation.arguments("server") == {
        "alias": "server",
        "algorithm": "EC",
        "size": 256,
        "subject": "CN=server",
        "extensions": [],
        "days": 90,
    }
    assert settled(desired, [], exactly=False) == desired
    assert settled(desired, there(world.server.certificate_pem), exactly=False) == []
    planned = plan("merged", ["server"], [desired[0].entry()], [], on_target={"server"})
    assert [change.shown()["after"] for change in planned.changes] == [{"alias": "server", "kind": KEY}]
    assert (planned.on_top, planned.pack) == (False, ())


def test_a_key_of_another_kind_is_not_lost(world: World, rules: Rules) -> None:
    with pytest.raises(SecurityError) as caught:
        settled(wanted(rules, generate={**GENERATE, "size": 384}), there(world.server.certificate_pem), exactly=False)
    assert str(caught.value) == (
        "entries (alias server): the store holds something else under this alias than the key that generate asks for, and "
        "it would be lost; choose another alias, or remove the entry with state absent first."
    )


@pytest.mark.parametrize("exactly", [True, False])
def test_no_trusted_certificate_takes_the_place_of_a_key(world: World, rules: Rules, *, exactly: bool) -> None:
    trusted = [Entry("server", TRUSTED, (der_of(world.root.root_pem),))]
    desired = wanted(rules, trusted=True, certificate_content=world.root.root_pem)
    assert settled(desired, trusted, exactly=exactly) == desired
    with pytest.raises(SecurityError) as caught:
        settled(desired, there(world.server.certificate_pem), exactly=exactly)
    assert str(caught.value) == (
        "entries (alias server): the store holds a private key under this alias, and a trusted certificate in its place "
        "would lose it; choose another alias, or remove the entry with state absent first."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"size": 224}, "size: 224 is not one of 256, 384, 521, the sizes for EC."),
        ({"type": "RSA", "size": 1024}, "size: 1024 is not one of 2048, 3072, 4096, the sizes for RSA."),
        ({"days": 0}, "days: 0 is not between 1 and 3650."),
        ({"subject": "server"}, "subject: 'server' is no name such as CN=zceesrv1,O=Bank,C=DE."),
        ({"subject": ""}, "subject: is empty; give a name such as CN=zceesrv1,O=Bank,C=DE."),
        (
            {"subject_alt_names": ["DNS:a", "b"]},
            "subject_alt_names[1]: 'b' is neither DNS: with a host name nor IP: with an address.",
        ),
        (
            {"subject_alt_names": ["DNS:a,ip:1.2.3.4"]},
            "subject_alt_names[0]: 'DNS:a,ip:1.2.3.4' is neither DNS: with a host name nor IP: with an address.",
        ),
    ],
)
def test_a_key_that_cannot_be_made(rules: Rules, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SecurityError) as caught:
        wanted(rules, generate={**GENERATE, **changes})
    assert str(caught.value) == f"entries[0] (alias server): generate.{sentence}"


def test_a_key_is_made_and_brought(world: World, rules: Rules) -> None:
    with pytest.raises(SecurityError) as caught:
        material.desired([world.server_entry(generate=GENERATE)], rules)
    assert str(caught.value) == (
        "entries[0] (alias server): its key is made on the target, so no key, certificate or chain is given with "
        "generate; give the certificate that is issued for it in an entry of the same alias without generate."
    )


def test_names_and_sizes_in_the_words_of_keytool(rules: Rules) -> None:
    names = ["DNS:*.example.com", "IP:192.0.2.1", "IP:2001:db8::1"]
    (want,) = wanted(rules, generate={**GENERATE, "type": "RSA", "subject_alt_names": names})
    assert want.generation is not None
    assert (want.generation.size, want.generation.extensions) == (
        3072,
        ("san=dns:*.example.com,ip:192.0.2.1,ip:2001:db8::1",),
    )
    key = rsa.generate_private_key(65537, 2048)
    assert not want.generation.fits(signed("a", key, "a", key))  # type: ignore[arg-type]


def test_a_store_that_is_converted_keeps_what_it_holds(world: World) -> None:
    """keytool takes a store with keys over; what is only trusted is packed anew."""
    key = there(world.server.certificate_pem)
    root = Entry("root", TRUSTED, (der_of(world.root.root_pem),))
    planned = plan("merged", [], [], [*key, root], convert=True)
    assert (planned.changes, planned.on_top, planned.pack, planned.repack) == ((), True, (), ())
    assert [entry.alias for entry in planned.intended] == ["server", "root"]
    planned = plan("merged", [], [], [root], convert=True)
    assert (planned.on_top, planned.repack) == (False, (root,))
    assert plan("merged", [], [], [root]).intended == ()


def test_pem_both_ways(world: World) -> None:
    assert pem_of(der_of(world.lower_pem)) == world.lower_pem


@pytest.mark.parametrize("way", ["modern", "java8"])
def test_the_encryption_is_recognised(world: World, rules: Rules, way: str) -> None:
    desired = material.desired([world.server_entry(), world.trusted_entry()], rules)
    assert stores.encryption_of(pack.pack(desired, "changeit", way)) == way


@pytest.mark.parametrize(
    ("oid", "what"),
    [
        ("06092a864886f70d01050e", "a checksum by PBMAC1 (RFC 9579; OpenSSL in FIPS mode writes it)"),
        ("06092b06010401da47040b", "keys derived by scrypt"),
        ("06092a864886f70d01050d", ""),
    ],
)
def test_what_not_every_java_reads_is_named(oid: str, what: str) -> None:
    said = stores.unreadable(b"\x30\x03" + bytes.fromhex(oid))
    assert said == (f" It has {what}, which not every Java reads." if what else "")


def test_a_key_that_was_made_may_have_any_certificate() -> None:
    intended = [{"alias": "a", "kind": KEY, "chain": None}]
    assert mismatch([{"alias": "a", "kind": KEY, "certificates": ["-\nAAAA\n-"]}], intended) is None
    other = mismatch([{"alias": "a", "kind": "trustedCertEntry", "certificates": []}], intended)
    assert other is not None
    assert other.what == "the entry a would be a trustedCertEntry"


def dated(cn: str, start: int, days: int = 90, *, issuer: str = "CA", key: Any = None) -> Issued:
    """Return a certificate that is valid from ``start`` days on, counted from now."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (issuer, cn)]
    builder = x509.CertificateBuilder(names[0], names[1], key.public_key(), x509.random_serial_number())
    begin = NOW + timedelta(start)
    return Issued(
        builder.not_valid_before(begin).not_valid_after(begin + timedelta(days)).sign(key, hashes.SHA256()), key, ()
    )


def with_key(issued: Issued, **more: Any) -> dict[str, Any]:
    return {"privatekey_content": issued.key_pem(), "certificate_content": issued.certificate_pem, **more}


class TestOlder:
    """A certificate that was renewed in the store never goes back in silence."""

    OLD, NEW = dated("server", -30), dated("server", -1)

    def settle(self, present: Issued, wanted_entry: dict[str, Any], *, kind: str = KEY) -> list[DesiredEntry]:
        store = [Entry("server", kind, (der_of(present.certificate_pem),))]
        rules = Rules(lambda _path: b"", NOW)
        return settled(wanted(rules, **wanted_entry), store, exactly=False)

    def sentence(self, old: Issued, new: Issued) -> str:
        since, until = (iso(each.certificate.not_valid_before_utc) for each in (old, new))
        return (
            f"entries (alias server): the certificate CN=server is valid from {since}, and the store holds a newer one of "
            f"the same subject and issuer, valid from {until}, which would be lost; nothing was changed. Give the newer "
            "certificate, leave certificate and key out, or set allow_older to go back."
        )

    @pytest.mark.parametrize("exactly", [True, False])
    def test_refused(self, exactly: bool) -> None:  # noqa: FBT001
        rules = Rules(lambda _path: b"", NOW)
        store = [Entry("server", KEY, (der_of(self.NEW.certificate_pem),))]
        with pytest.raises(SecurityError) as caught:
            settled(wanted(rules, **with_key(self.OLD)), store, exactly=exactly)
        assert str(caught.value) == self.sentence(self.OLD, self.NEW)

    def test_refused_for_the_key_that_is_there(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        old, new = dated("server", -30, key=key), dated("server", -1, key=key)
        with pytest.raises(SecurityError) as caught:
            self.settle(new, {"certificate_content": old.certificate_pem})
        assert str(caught.value) == self.sentence(old, new)

    def test_refused_of_a_trusted_one(self) -> None:
        trusted = {"certificate_content": self.OLD.certificate_pem, "trusted": True}
        with pytest.raises(SecurityError) as caught:
            self.settle(self.NEW, trusted, kind=TRUSTED)
        assert str(caught.value) == self.sentence(self.OLD, self.NEW)

    def test_refused_in_the_chain(self, world: World, rules: Rules) -> None:
        """The issuer was renewed in the store; the declaration has the chain as it was."""
        lower = x509.load_pem_x509_certificate(world.lower_pem.encode())
        builder = x509.CertificateBuilder(lower.issuer, lower.subject, lower.public_key(), x509.random_serial_number())
        begin = lower.not_valid_before_utc + timedelta(1)
        newer = (
            builder.not_valid_before(begin)
            .not_valid_after(begin + timedelta(9))
            .sign(world.server.key, hashes.SHA256())
        )
        store = there(world.server.certificate_pem, Issued(newer, world.server.key, ()).certificate_pem)
        entry = world.server_entry()
        with pytest.raises(SecurityError) as caught:
            settled(material.desired([entry], rules), store, exactly=False)
        assert "the certificate CN=Lower is valid from" in str(caught.value)

    def test_where_it_is_asked_for(self) -> None:
        (want,) = self.settle(self.NEW, with_key(self.OLD, allow_older=True))
        assert want.chain[0] == self.OLD.certificate

    @pytest.mark.parametrize(
        "present",
        [
            dated("server", -60),
            dated("server", -1, issuer="Another CA"),
            dated("other", -1),
            OLD,
        ],
        ids=["an older one is renewed", "another issuer", "another subject", "the same"],
    )
    def test_innocent(self, present: Issued) -> None:
        (want,) = self.settle(present, with_key(self.OLD))
        assert want.chain[0] == self.OLD.certificate

    def test_renewed_and_declared_as_before(self) -> None:
        """Whatever is renewed in whatever order: nothing that was declared before takes its place."""
        issued = [dated("server", -days) for days in (50, 40, 30, 20, 10)]
        for at, present in enumerate(issued):
            for older in issued[:at]:
                with pytest.raises(SecurityError, match="which would be lost; nothing was changed"):
                    self.settle(present, with_key(older))
            for same_or_newer in issued[at:]:
                assert self.settle(present, with_key(same_or_newer))[0].chain[0] == same_or_newer.certificate
