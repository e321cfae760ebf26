# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user may ask for, and each sentence for what he may not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from keystore_world import NOW, World, rules_with

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import material
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import fingerprint
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import Rules

DAMAGED = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def refusal(entries: list[dict[str, Any]], rules: Rules) -> str:
    with pytest.raises(SecurityError) as caught:
        material.desired(entries, rules)
    return str(caught.value)


def subjects(want: material.DesiredEntry) -> list[str]:
    return [certificate.subject.rfc4514_string() for certificate in want.chain]


def test_a_key_with_its_chain(world: World, rules: Rules) -> None:
    (want,) = material.desired([world.server_entry()], rules)
    assert (want.alias, subjects(want)) == ("server", ["CN=server", "CN=Lower", "CN=Upper"])
    entry = want.entry()
    assert entry.kind == "PrivateKeyEntry"
    assert fingerprint(entry.chain[0]).replace(":", "") == world.server.fingerprint_sha256


@pytest.mark.parametrize("chain", ["list", "bundle", "with the certificate"])
def test_a_chain_may_come_in_three_ways(world: World, rules: Rules, chain: str) -> None:
    rest = world.lower_pem + world.upper_pem
    changes: dict[str, Any] = {
        "list": {},
        "bundle": {"chain_content": f"a comment, with a comma\n{rest}"},
        "with the certificate": {"chain_content": None, "certificate_content": world.server.certificate_pem + rest},
    }[chain]
    (want,) = material.desired([world.server_entry(**changes)], rules)
    assert subjects(want) == ["CN=server", "CN=Lower", "CN=Upper"]


def test_material_from_files_of_the_controller(world: World) -> None:
    files = {
        "key": world.server.key_pem("open sesame").encode(),
        "certificate": world.server.certificate_pem.encode(),
        "lower": world.lower_pem.encode(),
        "upper": world.upper_pem.encode(),
    }
    entry = {
        "alias": "server",
        "privatekey_path": "key",
        "privatekey_passphrase": "open sesame",
        "certificate_path": "certificate",
        "chain_path": ["lower", "upper"],
    }
    from_files, from_text = material.desired([entry], rules_with(files)) + material.desired(
        [world.server_entry()], rules_with({})
    )
    assert from_files.entry() == from_text.entry()


@pytest.mark.parametrize("option", ["certificate_content", "chain_content"])
@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_a_private_key_beside_certificates_is_refused(
    world: World, rules: Rules, option: str, passphrase: str | None
) -> None:
    bundle = world.server.certificate_pem + world.server.key_pem(passphrase)
    assert refusal([world.server_entry(**{option: bundle})], rules) == (
        f"entries[0] (alias server): {option}: holds a private key, and this option is not for secrets; give the key as "
        "privatekey_content, and the certificates alone here."
    )


def test_a_private_key_beside_certificates_in_a_file_is_passed_over(world: World) -> None:
    """What a file holds is not shown anywhere."""
    bundle = (world.server.certificate_pem + world.server.key_pem()).encode()
    entry = {**world.server_entry(certificate_content=None), "certificate_path": "bundle"}
    (want,) = material.desired([entry], rules_with({"bundle": bundle}))
    assert subjects(want) == ["CN=server", "CN=Lower", "CN=Upper"]


def test_the_chain_may_end_with_the_root(world: World, rules: Rules) -> None:
    chain = [world.lower_pem, world.upper_pem, world.root.root_pem]
    (want,) = material.desired([world.server_entry(chain_content=chain)], rules)
    assert subjects(want)[-1] == "CN=Root"


def test_a_trusted_authority(world: World, rules: Rules) -> None:
    (want,) = material.desired([world.trusted_entry()], rules)
    assert (want.alias, want.key, want.entry().kind) == ("root", None, "trustedCertEntry")


def test_an_alias_is_no_option(world: World, rules: Rules) -> None:
    assert refusal([world.trusted_entry(alias="-J-version")], rules) == (
        "entries[0].alias: -J-version begins with -, which keytool takes for an option; choose another."
    )
    assert material.aliases([world.trusted_entry(alias="a-J-version")]) == ["a-j-version"]


@pytest.mark.parametrize("alias", ["", "  ", "two\nlines", "bell\a"])
def test_an_alias_must_be_printable(world: World, rules: Rules, alias: str) -> None:
    assert refusal([world.trusted_entry(alias=alias)], rules) == (
        "entries[0].alias: must be printable text that is not blank."
    )


def test_aliases_that_differ_in_case_only_are_one(world: World, rules: Rules) -> None:
    assert refusal([world.trusted_entry(), world.server_entry(), world.trusted_entry(alias="ROOT")], rules) == (
        "entries[0].alias and entries[2].alias: Root and ROOT are one alias to Java, which ignores case in a PKCS12 "
        "store; name it once."
    )


@pytest.mark.parametrize("name", ["privatekey", "certificate", "chain"])
def test_content_and_path_exclude_each_other(world: World, name: str) -> None:
    entry = {**world.server_entry(), f"{name}_path": "file"}
    assert refusal([entry], rules_with({"file": b""})) == (
        f"entries[0] (alias server): {name}_content and {name}_path are both given; give one of them."
    )


def test_no_certificate(world: World, rules: Rules) -> None:
    assert refusal([world.trusted_entry(), world.server_entry(certificate_content=None)], rules) == (
        "entries[1] (alias server): has no certificate; give certificate_content or certificate_path."
    )


@pytest.mark.parametrize(
    "more",
    [{"privatekey_path": "file"}, {"chain_path": "file"}, {"privatekey_passphrase": "open sesame"}],
    ids=["key", "chain", "passphrase"],
)
def test_a_trusted_certificate_comes_alone(world: World, more: dict[str, str]) -> None:
    assert refusal([world.trusted_entry(**more)], rules_with({"file": b"text"})) == (
        "entries[0] (alias root): it is trusted, so it takes one certificate, without private key, passphrase or chain."
    )


def test_a_trusted_entry_is_one_certificate(world: World, rules: Rules) -> None:
    both = world.root.root_pem + world.upper_pem
    assert refusal([world.trusted_entry(certificate_content=both)], rules) == (
        "entries[0] (alias root): a trusted entry is one certificate, and 2 were given; write one entry with an alias "
        "of its own for each."
    )


def test_a_bundle_and_a_chain(world: World, rules: Rules) -> None:
    both = world.server.certificate_pem + world.lower_pem
    assert refusal([world.server_entry(certificate_content=both)], rules) == (
        "entries[0] (alias server): the certificate brings 1 more with it, and a chain is given as well; give one of "
        "them."
    )


def test_a_key_of_another_certificate(world: World, rules: Rules) -> None:
    assert refusal([world.server_entry(privatekey_content=world.client.key_pem())], rules) == (
        "entries[0] (alias server): the private key does not belong to the certificate CN=server; give the pair that "
        "was made together."
    )


def test_an_encrypted_key_needs_its_passphrase(world: World, rules: Rules) -> None:
    locked = world.server.key_pem("open sesame")
    assert refusal([world.server_entry(privatekey_content=locked)], rules) == (
        "entries[0] (alias server): the private key is encrypted; give its privatekey_passphrase."
    )
    assert refusal([world.server_entry(privatekey_content=locked, privatekey_passphrase="sesame")], rules) == (
        "entries[0] (alias server): the private key cannot be read: privatekey_passphrase is wrong or the key is "
        "damaged."
    )


def test_a_passphrase_that_opens_nothing(world: World, rules: Rules) -> None:
    assert refusal([world.server_entry(privatekey_passphrase="open sesame")], rules) == (
        "entries[0] (alias server): the private key is not encrypted; leave privatekey_passphrase out."
    )


def test_a_damaged_key(world: World, rules: Rules) -> None:
    half = world.server.key_pem()[:60] + "\n-----END PRIVATE KEY-----\n"
    assert refusal([world.server_entry(privatekey_content=half)], rules) == (
        "entries[0] (alias server): the private key cannot be read: it is damaged."
    )


def test_a_key_that_is_not_pem(world: World, rules: Rules) -> None:
    assert refusal([world.server_entry(privatekey_content=world.server.certificate_pem)], rules) == (
        "entries[0] (alias server): the private key is not in PEM form (-----BEGIN PRIVATE KEY-----)."
    )


def test_a_key_that_no_store_takes(world: World, rules: Rules) -> None:
    key = x25519.X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert refusal([world.server_entry(privatekey_content=key.decode())], rules) == (
        "entries[0] (alias server): a private key of this kind cannot be put into a key store; use RSA, EC or Ed25519."
    )


def test_a_certificate_that_is_not_pem(world: World) -> None:
    der = material.desired([world.trusted_entry()], rules_with({}))[0].entry().chain[0]
    entry = {"alias": "root", "trusted": True, "certificate_path": "root.cer"}
    sentence = (
        "entries[0] (alias root): the certificate: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)."
    )
    assert refusal([entry], rules_with({"root.cer": b"nothing"})) == sentence
    assert refusal([entry], rules_with({"root.cer": der})) == (
        f"{sentence} Convert it: openssl x509 -inform der -outform pem."
    )


def test_a_damaged_certificate(world: World, rules: Rules) -> None:
    assert refusal([world.server_entry(chain_content=[world.lower_pem, DAMAGED])], rules) == (
        "entries[0] (alias server): the chain: is damaged: what lies between its PEM lines cannot be read as a "
        "certificate."
    )


@pytest.mark.parametrize("value", [[""], " ", [1], {"a": 1}])
def test_a_chain_of_something_else(world: World, rules: Rules, value: Any) -> None:
    assert refusal([world.server_entry(chain_content=value)], rules) == (
        "entries[0] (alias server): chain_content: must be text or a list of texts, none of them empty."
    )


@pytest.mark.parametrize("option", ["privatekey_content", "privatekey_passphrase", "certificate_content"])
@pytest.mark.parametrize("left", lost.LOST_SECRETS)
def test_what_is_left_of_a_lost_secret(world: World, rules: Rules, option: str, left: str) -> None:
    assert refusal([world.server_entry(**{option: left})], rules) == (
        f"entries[0] (alias server): {option}: {lost.sentence(left)}"
    )


@pytest.mark.parametrize("option", ["privatekey_content", "privatekey_passphrase", "certificate_content"])
def test_an_empty_secret(world: World, rules: Rules, option: str) -> None:
    assert refusal([world.server_entry(**{option: " "})], rules) == (
        f"entries[0] (alias server): {option}: is empty; the variable behind it may not have been set."
    )


def test_an_expired_certificate(world: World, rules: Rules) -> None:
    entry = world.server_entry(
        privatekey_content=world.old.key_pem(), certificate_content=world.old.certificate_pem, chain_content=None
    )
    sentence = refusal([entry], rules)
    assert re.fullmatch(
        r"entries\[0\] \(alias server\): the certificate CN=old expired at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, and a "
        r"server would use it without a word; renew it, or set allow_expired\.",
        sentence,
    )
    (want,) = material.desired([entry], rules_with({}, allow_expired=True))
    assert subjects(want) == ["CN=old"]


def test_a_certificate_of_the_future(world: World, rules: Rules) -> None:
    entry = world.trusted_entry(certificate_content=world.future.certificate_pem)
    sentence = refusal([entry], rules)
    assert f"the certificate CN=future is not valid before {NOW.year + 2}-" in sentence
    assert len(material.desired([entry], rules_with({}, allow_expired=True))) == 1


@pytest.mark.parametrize(
    ("days", "what"),
    [(-10, r"is not valid before \S+"), (2000, r"expired at \S+")],
)
def test_the_clock_of_the_target_counts_too(world: World, days: int, what: str) -> None:
    entry = world.trusted_entry()
    assert len(material.desired([entry], rules_with({}, ahead=timedelta(hours=1)))) == 1
    assert re.fullmatch(
        r"entries\[0\] \(alias \w+\): the certificate CN=\w+ "
        + what
        + r" by the clock of the target, and a server would use it without a word; renew it, or set that clock right, or set "
        r"allow_expired\.",
        refusal([entry], rules_with({}, ahead=timedelta(days=days))),
    )
    assert len(material.desired([entry], rules_with({}, ahead=timedelta(days=days), allow_expired=True))) == 1


def test_an_expired_issuer(world: World) -> None:
    """The authorities of these tests live for a year."""
    long_lived = world.root.issue("long", key_type="ec", days=1000)
    entry = {
        "alias": "long",
        "privatekey_content": long_lived.key_pem(),
        "certificate_content": long_lived.certificate_pem,
        "chain_content": world.root.root_pem,
    }
    later = Rules(read={}.__getitem__, now=NOW + timedelta(days=500))
    assert "entries[0] (alias long): the certificate CN=Root expired at" in refusal([entry], later)


def test_a_missing_intermediate_is_named(world: World, rules: Rules) -> None:
    assert refusal([world.server_entry(chain_content=world.upper_pem)], rules) == (
        "entries[0] (alias server): the chain is broken: CN=Upper does not follow CN=server; the certificate of its "
        "issuer, CN=Lower, is missing."
    )


def test_a_chain_in_any_order_is_put_in_order(world: World, rules: Rules) -> None:
    """The certificate of the key may even come last."""
    text = world.root.root_pem + world.upper_pem + world.lower_pem + world.server.certificate_pem
    (want,) = material.desired([world.server_entry(chain_content=None, certificate_content=text)], rules)
    assert subjects(want) == ["CN=server", "CN=Lower", "CN=Upper", "CN=Root"]


def test_a_namesake_did_not_sign(world: World, rules: Rules) -> None:
    chain = [world.lower_pem, world.upper_pem, world.namesake.root_pem]
    assert refusal([world.server_entry(chain_content=chain)], rules) == (
        "entries[0] (alias server): the chain is broken: CN=Upper names CN=Root as its issuer, but another key signed "
        "it; give the issuer's right certificate."
    )


def test_nothing_follows_a_root(world: World, rules: Rules) -> None:
    chain = [world.lower_pem, world.upper_pem, world.root.root_pem, world.client.certificate_pem]
    assert refusal([world.server_entry(chain_content=chain)], rules) == (
        "entries[0] (alias server): the chain is broken: CN=Root signed itself, so CN=client does not follow it; leave "
        "out what comes after it."
    )


@pytest.mark.parametrize("again", ["server", "root"])
def test_a_certificate_twice_in_its_chain(world: World, rules: Rules, again: str) -> None:
    chain = {
        "server": [world.server.certificate_pem, world.lower_pem],
        "root": [world.lower_pem, world.upper_pem, world.root.root_pem, world.root.root_pem],
    }[again]
    name = {"server": "CN=server", "root": "CN=Root"}[again]
    assert refusal([world.server_entry(chain_content=chain)], rules) == (
        f"entries[0] (alias server): the chain holds {name} twice; leave the second one out."
    )


def test_no_sentence_holds_a_secret(world: World, rules: Rules) -> None:
    key, passphrase = world.server.key_pem("marker-passphrase"), "other-marker"
    sentence = refusal([world.server_entry(privatekey_content=key, privatekey_passphrase=passphrase)], rules)
    assert passphrase not in sentence
    assert key.splitlines()[1] not in sentence


@pytest.mark.parametrize("good", ["changeit", "with blank ", "~!@#$%^&*()"])
def test_a_good_password(good: str) -> None:
    assert material.password(good) == good
    material.check_new_password(good)


@pytest.mark.parametrize("bad", ["pässword", "pass\nword", "pass\tword"])
def test_a_password_that_java_cannot_take(bad: str) -> None:
    with pytest.raises(SecurityError) as caught:
        material.password(bad)
    assert str(caught.value) == (
        "password: Java takes only printable ASCII characters in the password of a key store; choose another."
    )


@pytest.mark.parametrize("bad", ["", "   "])
def test_an_empty_password(bad: str) -> None:
    with pytest.raises(SecurityError) as caught:
        material.password(bad)
    assert str(caught.value) == "password: is empty; the variable behind it may not have been set."


def test_a_lost_password_of_the_keys() -> None:
    with pytest.raises(SecurityError) as caught:
        material.password("$encrypted$", "key_password")
    assert str(caught.value) == (
        "key_password: the secret is the text that AWX leaves where a password was lost on import; enter "
        "the password again."
    )


def test_a_lost_password() -> None:
    with pytest.raises(SecurityError) as caught:
        material.password("$encrypted$")
    assert str(caught.value) == (
        "password: the secret is the text that AWX leaves where a password was lost on import; enter the "
        "password again."
    )


def test_a_short_password_makes_no_new_store() -> None:
    assert material.password("short") == "short"
    with pytest.raises(SecurityError) as caught:
        material.check_new_password("short")
    assert str(caught.value) == (
        "password: Java makes no key store with a password shorter than 6 characters; choose a longer one."
    )
