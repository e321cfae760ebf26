# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for, checked: keys, certificates and chains out of PEM, and the password of a store.

Everything here happens on the controller, before anything is sent. No sentence holds a key or a password.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import chains
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import (
    KEY,
    TRUSTED,
    Entry,
    iso,
    same_alias,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.generation import Generation, generation

with contextlib.suppress(ImportError):  # change.material says that it is missing
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    PrivateKey = (
        rsa.RSAPrivateKey
        | dsa.DSAPrivateKey
        | ec.EllipticCurvePrivateKey
        | ed25519.Ed25519PrivateKey
        | ed448.Ed448PrivateKey
    )

# keytool makes no store with a shorter one (it reads those that others made).
SHORTEST_PASSWORD = 6
_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----.+?-----END (?:X509 )?CERTIFICATE-----", re.DOTALL)
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_MATERIAL = ("privatekey", "certificate", "chain")


@dataclass(frozen=True)
class DesiredEntry:
    """An entry as it shall be.

    A ``trusted`` certificate has no key. A key comes with its ``key``; or it is in the store, which only its host sees,
    and gets this ``chain`` (``certified``: the first of the chain is a new certificate); or it is made there.
    ``allow_older``: its certificates may replace newer ones.
    """

    alias: str
    chain: tuple[x509.Certificate, ...]
    key: PrivateKey | None = None
    trusted: bool = False
    certified: bool = False
    allow_older: bool = False
    generation: Generation | None = None

    @property
    def on_target(self) -> bool:
        """Whether the private key is on the target and stays there."""
        return self.key is None and not self.trusted

    def entry(self) -> Entry:
        """Return its public side."""
        chain = tuple(certificate.public_bytes(serialization.Encoding.DER) for certificate in self.chain)
        return Entry(self.alias, TRUSTED if self.trusted else KEY, chain)


def as_desired(entry: Entry) -> DesiredEntry:
    """Return a trusted entry of the present store as a desired one, to be packed again."""
    return DesiredEntry(entry.alias, (x509.load_der_x509_certificate(entry.chain[0]),), trusted=True)


@dataclass(frozen=True)
class Rules:
    """How entries are checked: ``read`` brings a file of the controller, ``now`` is when certificates must be valid.

    ``ahead`` is how far the clock of the target is ahead of that one: they must be valid by both.
    """

    read: Callable[[str], bytes]
    now: datetime
    allow_expired: bool = False
    ahead: timedelta = timedelta()


def aliases(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the desired aliases as Java keeps them; one that is no name, or doubled, is a SecurityError."""
    seen: dict[str, int] = {}
    for number, item in enumerate(entries):
        alias = str(item["alias"])
        if not alias.strip() or not alias.isprintable():
            raise SecurityError(f"entries[{number}].alias: must be printable text that is not blank.")
        if alias.startswith("-"):
            raise SecurityError(
                f"entries[{number}].alias: {alias} begins with -, which keytool takes for an option; choose another."
            )
        first = seen.setdefault(same_alias(alias), number)
        if first != number:
            raise SecurityError(
                f"entries[{first}].alias and entries[{number}].alias: {entries[first]['alias']} and {alias} are one "
                "alias to Java, which ignores case in a PKCS12 store; name it once."
            )
    return list(seen)


def desired(entries: Sequence[Mapping[str, Any]], rules: Rules) -> list[DesiredEntry]:
    """Return the desired entries in the order given; what Java or a TLS peer would stumble over is a SecurityError."""
    names = aliases(entries)
    return [
        _want(item, alias, f"entries[{number}] (alias {alias})", rules)
        for number, (item, alias) in enumerate(zip(entries, names, strict=True))
    ]


def _want(item: Mapping[str, Any], alias: str, where: str, rules: Rules) -> DesiredEntry:
    material = {name: _material(item, name, where, rules) for name in _MATERIAL}
    if item.get("generate"):
        return _generated(item, alias, material, where)
    if not material["certificate"] and not (material["chain"] and not material["privatekey"]):
        raise SecurityError(f"{where}: has no certificate; give certificate_content or certificate_path.")
    named = material["certificate"]
    certificates = _certificates(named, f"{where}: the certificate") if named else []
    if item.get("trusted"):
        want = DesiredEntry(alias, _trusted(item, material, certificates, where), trusted=True)
    else:
        want = _with_key(item, alias, material, certificates, where)
    for certificate in want.chain:
        _check_dates(certificate, where, rules)
    return replace(want, allow_older=bool(item.get("allow_older")))


def _trusted(
    item: Mapping[str, Any], material: Mapping[str, Any], certificates: list[x509.Certificate], where: str
) -> tuple[x509.Certificate]:
    if material["privatekey"] or material["chain"] or item.get("privatekey_passphrase"):
        raise SecurityError(
            f"{where}: it is trusted, so it takes one certificate, without private key, passphrase or chain."
        )
    if len(certificates) != 1:
        raise SecurityError(
            f"{where}: a trusted entry is one certificate, and {len(certificates)} were given; "
            "write one entry with an alias of its own for each."
        )
    return (certificates[0],)


def _with_key(
    item: Mapping[str, Any], alias: str, material: Mapping[str, Any], certificates: list[x509.Certificate], where: str
) -> DesiredEntry:
    if len(certificates) > 1 and material["chain"]:
        raise SecurityError(
            f"{where}: the certificate brings {len(certificates) - 1} more with it, and a chain is given as well; "
            "give one of them."
        )
    chain = [x for text in material["chain"] for x in _certificates(text, f"{where}: the chain")]
    full = (*certificates, *chain)
    if not material["privatekey"]:
        return DesiredEntry(alias, full, certified=bool(certificates))
    key = _private_key(material["privatekey"], item.get("privatekey_passphrase"), where)
    own = chains.of_key(chains.public_bytes(key), full)
    if own is None:
        raise SecurityError(
            f"{where}: the private key does not belong to the certificate {chains.subject(full[0])}; "
            "give the pair that was made together."
        )
    return DesiredEntry(alias, chains.ordered(own, full, where), key)


def _generated(item: Mapping[str, Any], alias: str, material: Mapping[str, Any], where: str) -> DesiredEntry:
    if any(material.values()) or item.get("trusted") or item.get("privatekey_passphrase"):
        raise SecurityError(
            f"{where}: its key is made on the target, so no key, certificate or chain is given with generate; give the "
            "certificate that is issued for it in an entry of the same alias without generate."
        )
    return DesiredEntry(alias, (), generation=generation(item["generate"], f"{where}: generate"))


def _material(item: Mapping[str, Any], name: str, where: str, rules: Rules) -> Any:
    """Return the bytes of one kind of material (of a chain: a list of them), or nothing where none is given."""
    content, path = item.get(f"{name}_content"), item.get(f"{name}_path")
    if content is not None and path is not None:
        raise SecurityError(f"{where}: {name}_content and {name}_path are both given; give one of them.")
    if name == "chain":
        paths = [rules.read(each) for each in _texts(path, f"{where}: chain_path")]
        texts = [each.encode() for each in _texts(content, f"{where}: chain_content")]
        return paths + [_without_key(each, f"{where}: chain_content") for each in texts]
    if content is not None:
        data = _given(content, f"{where}: {name}_content").encode()
        return data if name == "privatekey" else _without_key(data, f"{where}: {name}_content")
    return b"" if path is None else rules.read(path)


def _without_key(data: bytes, where: str) -> bytes:
    """Return ``data`` unless a private key is in it: this option is not kept from logs."""
    if _PRIVATE_KEY.search(data):
        raise SecurityError(
            f"{where}: holds a private key, and this option is not for secrets; give the key as privatekey_content, "
            "and the certificates alone here."
        )
    return data


def _texts(value: Any, where: str) -> list[str]:
    values = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and each.strip() for each in values):
        raise SecurityError(f"{where}: must be text or a list of texts, none of them empty.")
    return values


def _given(value: str, where: str) -> str:
    """Return ``value`` unless it is what is left where a secret was lost."""
    if not value.strip():
        raise SecurityError(f"{where}: is empty; the variable behind it may not have been set.")
    if lost.is_lost(value):
        raise SecurityError(f"{where}: {lost.sentence(value)}")
    return value


def _certificates(data: bytes, where: str) -> list[x509.Certificate]:
    blocks = _CERTIFICATE.findall(data)
    if not blocks:
        hint = " Convert it: openssl x509 -inform der -outform pem." if data[:1] == b"\x30" else ""
        raise SecurityError(f"{where}: holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).{hint}")
    try:
        return [x509.load_pem_x509_certificate(block) for block in blocks]
    except (ValueError, x509.InvalidVersion) as e:
        raise SecurityError(
            f"{where}: is damaged: what lies between its PEM lines cannot be read as a certificate."
        ) from e


def _private_key(data: bytes, passphrase: str | None, where: str) -> PrivateKey:
    if not _PRIVATE_KEY.search(data):
        raise SecurityError(f"{where}: the private key is not in PEM form (-----BEGIN PRIVATE KEY-----).")
    secret = None if passphrase is None else _given(passphrase, f"{where}: privatekey_passphrase").encode()
    try:
        key = serialization.load_pem_private_key(data, secret)
    except TypeError as e:
        if secret is None:
            raise SecurityError(f"{where}: the private key is encrypted; give its privatekey_passphrase.") from e
        raise SecurityError(f"{where}: the private key is not encrypted; leave privatekey_passphrase out.") from e
    except (ValueError, UnsupportedAlgorithm) as e:
        what = "it is damaged" if secret is None else "privatekey_passphrase is wrong or the key is damaged"
        raise SecurityError(f"{where}: the private key cannot be read: {what}.") from e
    if not isinstance(key, PrivateKey):
        raise SecurityError(
            f"{where}: a private key of this kind cannot be put into a key store; use RSA, EC or Ed25519."
        )
    return key


def _check_dates(certificate: x509.Certificate, where: str, rules: Rules) -> None:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    clocks = (
        (rules.now, "", ""),
        (rules.now + rules.ahead, " by the clock of the target", " or set that clock right,"),
    )
    for now, by, more in clocks:
        if not rules.allow_expired and not start <= now <= end:
            what = f"is not valid before {iso(start)}" if now < start else f"expired at {iso(end)}"
            raise SecurityError(
                f"{where}: the certificate {chains.subject(certificate)} {what}{by}, and a server would use it without "
                f"a word; renew it,{more} or set allow_expired."
            )


def password(value: str, option: str = "password") -> str:
    """Return the password of a store or its keys, or raise SecurityError where Java could not work with it."""
    _given(value, option)
    if not value.isascii() or not value.isprintable():
        raise SecurityError(
            f"{option}: Java takes only printable ASCII characters in the password of a key store; choose another."
        )
    return value


def check_new_password(value: str) -> None:
    """Raise SecurityError for a password that keytool would refuse for a store it makes."""
    if len(value) < SHORTEST_PASSWORD:
        raise SecurityError(
            f"password: Java makes no key store with a password shorter than {SHORTEST_PASSWORD} characters; "
            "choose a longer one."
        )
