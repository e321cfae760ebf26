# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away public key infrastructure for the demo and the tests. Never for anything else.

Command line: `python tests/liberty/pki.py DIR` writes PEM files for a first try; see `Cast`.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KeyType = Literal["rsa", "ec"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Issued:
    """A certificate, its private key, and the certificates of its issuers: the nearest first, the root last."""

    certificate: x509.Certificate
    key: PrivateKey
    issuers: tuple[x509.Certificate, ...]

    @property
    def certificate_pem(self) -> str:
        """The certificate alone."""
        return _pem(self.certificate)

    @property
    def chain_pem(self) -> str:
        """The intermediate certificates, without the root, which a partner must have already; may be empty."""
        return "".join(_pem(issuer) for issuer in self.issuers[:-1])

    @property
    def fingerprint_sha256(self) -> str:
        """Lower-case hexadecimal digits without colons."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def subject(self) -> str:
        """The distinguished name as RFC 4514 writes it, which is also what the stand-in answers."""
        return self.certificate.subject.rfc4514_string()

    def key_pem(self, passphrase: str | None = None) -> str:
        """The private key as PKCS#8, encrypted when a passphrase is given."""
        protection = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else None
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            protection or serialization.NoEncryption(),
        ).decode()

    def pkcs12(self, *, alias: str, password: str) -> bytes:
        """A key store with this one entry and its whole chain."""
        protection = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(
            alias.encode(), self.key, self.certificate, list(self.issuers), protection
        )


class Authority:
    """A certificate authority: a root, or one below another.

    `issue` makes certificates, `intermediate` makes an authority below this one.
    """

    def __init__(
        self, cn: str = "Throw-away test root", *, key_type: KeyType = "rsa", parent: Authority | None = None
    ) -> None:
        self._issued: Issued = _certify(
            cn,
            key_type=key_type,
            parent=parent._issued if parent else None,
            lifetime=_lifetime(None, 365),
            extensions=_authority_extensions(),
        )
        self._root: x509.Certificate = parent._root if parent else self._issued.certificate

    @property
    def root_pem(self) -> str:
        """The root's certificate: what a partner must trust."""
        return _pem(self._root)

    def intermediate(self, cn: str = "Throw-away test intermediate", *, key_type: KeyType = "rsa") -> Authority:
        """An authority whose certificate this one signed."""
        return Authority(cn, key_type=key_type, parent=self)

    def issue(
        self,
        cn: str,
        *,
        sans: Sequence[str] = (),
        days: float = 30,
        not_before: datetime | None = None,
        key_type: KeyType = "rsa",
        server: bool = True,
        client: bool = True,
    ) -> Issued:
        """Make a key and a certificate for it.

        Args:
            cn: the common name; Liberty's basic registry maps a client certificate to the user of this name.
            sans: alternative names, host names or IP addresses.
            days: how long it is valid; with `not_before` in the past it may have expired.
            not_before: with time zone; default an hour ago, against clocks that differ.
            key_type: `rsa` (2048 bits) or `ec` (P-256).
            server: whether the extended key usage allows TLS servers.
            client: whether it allows TLS clients.
        """
        return _certify(
            cn,
            key_type=key_type,
            parent=self._issued,
            lifetime=_lifetime(not_before, days),
            extensions=_leaf_extensions(sans=sans, server=server, client=client),
        )

    def java_truststore(self, password: str) -> bytes:
        """A PKCS#12 store in which Java sees the root as trusted."""
        entry = pkcs12.PKCS12Certificate(self._root, b"test-root")
        protection = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_java_truststore([entry], protection)


def _certify(
    cn: str,
    *,
    key_type: KeyType,
    parent: Issued | None,
    lifetime: tuple[datetime, datetime],
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
) -> Issued:
    """Without a parent the certificate signs itself."""
    key: PrivateKey
    key = rsa.generate_private_key(65537, 2048) if key_type == "rsa" else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    signer = parent.key if parent else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.certificate.subject if parent else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(lifetime[0])
        .not_valid_after(lifetime[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    issuers = (parent.certificate, *parent.issuers) if parent else ()
    return Issued(builder.sign(signer, hashes.SHA256()), key, issuers)


def _lifetime(not_before: datetime | None, days: float) -> tuple[datetime, datetime]:
    begin = not_before or datetime.now(UTC) - timedelta(hours=1)
    return begin, begin + timedelta(days=days)


def _authority_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    return [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (_key_usage(signs_certificates=True), True),
    ]


def _leaf_extensions(*, sans: Sequence[str], server: bool, client: bool) -> list[tuple[x509.ExtensionType, bool]]:
    usages = [ExtendedKeyUsageOID.SERVER_AUTH] * server + [ExtendedKeyUsageOID.CLIENT_AUTH] * client
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(signs_certificates=False), True),
    ]
    if usages:
        extensions.append((x509.ExtendedKeyUsage(usages), False))
    if sans:
        extensions.append((x509.SubjectAlternativeName([_general_name(name) for name in sans]), False))
    return extensions


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def write_private(path: Path, content: str | bytes) -> Path:
    """Write a file that nobody else can read at any moment."""
    data = content.encode() if isinstance(content, str) else content
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(data)
    return path


@dataclass(frozen=True)
class Cast:
    """The players of a mutual TLS play.

    Attributes:
        root: signs, through an intermediate authority, the first three.
        server: localhost and 127.0.0.1.
        mapped: a client whose common name is a user of the server.
        unmapped: a trusted client that no user belongs to.
        stranger: a client with the mapped one's name, from an authority that nobody trusts.
    """

    root: Authority
    server: Issued
    mapped: Issued
    unmapped: Issued
    stranger: Issued

    def write(self, folder: Path) -> None:
        """Write ca.pem, and NAME.pem, NAME-chain.pem and NAME.key of each player, into a folder, made when missing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ca.pem").write_text(self.root.root_pem, encoding="ascii")
        for name in ("server", "mapped", "unmapped", "stranger"):
            player: Issued = getattr(self, name)
            (folder / f"{name}.pem").write_text(player.certificate_pem, encoding="ascii")
            (folder / f"{name}-chain.pem").write_text(player.chain_pem, encoding="ascii")
            write_private(folder / f"{name}.key", player.key_pem())


def issue_cast(*, mapped: str = "cicsuser", unmapped: str = "partner", key_type: KeyType = "rsa") -> Cast:
    """Make new authorities, keys and certificates; `mapped` and `unmapped` are common names."""
    root = Authority(key_type=key_type)
    below = root.intermediate(key_type=key_type)
    elsewhere = Authority("Unknown root", key_type=key_type).intermediate("Unknown intermediate", key_type=key_type)
    return Cast(
        root=root,
        server=below.issue("localhost", sans=["localhost", "127.0.0.1"], key_type=key_type, client=False),
        mapped=below.issue(mapped, key_type=key_type, server=False),
        unmapped=below.issue(unmapped, key_type=key_type, server=False),
        stranger=elsewhere.issue(mapped, key_type=key_type, server=False),
    )


def issue_endpoints(root: Authority, *, key_type: KeyType = "rsa") -> dict[str, Issued]:
    """Make the certificates of TLS servers at localhost and 127.0.0.1, good and bad ones.

    `good`, `wrong_name` (another host), `expired` (two days ago), and `untrusted` (from an authority unknown to all).
    """
    here = ["localhost", "127.0.0.1"]
    long_ago = datetime.now(UTC) - timedelta(days=32)
    elsewhere = Authority("Unknown root", key_type=key_type)
    return {
        "good": root.issue("localhost", sans=here, key_type=key_type, client=False),
        "wrong_name": root.issue("elsewhere", sans=["elsewhere.example"], key_type=key_type, client=False),
        "expired": root.issue("localhost", sans=here, not_before=long_ago, key_type=key_type, client=False),
        "untrusted": elsewhere.issue("localhost", sans=here, key_type=key_type, client=False),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write the PEM files of a throw-away authority into a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mapped", default="cicsuser", help="user that the mapped client's certificate names")
    parser.add_argument("--unmapped", default="partner", help="common name that no user has")
    parser.add_argument("--key-type", choices=("rsa", "ec"), default="rsa")
    chosen = parser.parse_args()
    issue_cast(mapped=chosen.mapped, unmapped=chosen.unmapped, key_type=chosen.key_type).write(chosen.folder)


if __name__ == "__main__":
    main()
