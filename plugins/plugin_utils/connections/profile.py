# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How strong TLS shall be, declared once and written in Liberty's, AT-TLS's and CICS's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    PROTOCOLS,
    Reader,
    boolean,
    names,
    protocols,
    shown,
    word,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_ALL_PROTOCOLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", *PROTOCOLS)
# Java and System SSL take the names of the IANA registry. Cipher suites of TLS 1.3 name no key exchange (RFC 8446).
_CIPHER = re.compile(r"TLS_[A-Z0-9_]+")
_OF_13 = re.compile(r"TLS_(?:AES|CHACHA20)_")
# AT-TLS has no default worth using. These have forward secrecy and authenticated encryption (RFC 9325).
_AT_TLS_CIPHERS = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
)
_RSA_SIZES = ("1024", "2048", "3072", "4096")


@dataclass(frozen=True)
class Profile:
    """Protocols from the oldest to the newest; ciphers by IANA name in order of preference, none for each side's own.

    ``min_rsa_size`` is the smallest RSA key of a peer in bits (AT-TLS only), ``fips`` asks for FIPS 140 (AT-TLS only).
    """

    protocols: tuple[str, ...] = PROTOCOLS
    ciphers: tuple[str, ...] = ()
    min_rsa_size: int | None = None
    fips: bool = False

    @property
    def liberty(self) -> dict[str, str | None]:
        """Attributes of ``ssl``: a comma without a blank between protocols, a blank between ciphers."""
        return {
            "sslProtocol": ",".join(self.protocols),
            **({"enabledCiphers": " ".join(self.ciphers)} if self.ciphers else {}),
        }

    @property
    def attls_protocols(self) -> dict[str, str]:
        """The switches of an AT-TLS environment, each of them: TLS 1.0 is on and 1.2 off where nothing is said."""
        return {name: "On" if name in self.protocols else "Off" for name in _ALL_PROTOCOLS}

    @property
    def attls_ciphers(self) -> list[str]:
        """The cipher suites of an AT-TLS environment, those of the enabled protocols only."""
        return [name for name in self.ciphers or _AT_TLS_CIPHERS if protocol_of(name) in self.protocols]

    @property
    def cics(self) -> dict[str, str]:
        """The system initialization parameters of a CICS region."""
        words = {"TLSv1.2": "TLS12", "TLSv1.3": "TLS13"}
        return {"MINTLSLEVEL": words[self.protocols[0]], "MAXTLSLEVEL": words[self.protocols[-1]]}

    def shared(self, other: Profile) -> str | None:
        """Return what two sides have in common, or None where no handshake can succeed; it says what each offers."""
        for protocol in reversed(PROTOCOLS):
            if protocol in self.protocols and protocol in other.protocols:
                mine, theirs = self._ciphers(protocol), other._ciphers(protocol)
                if mine is None or theirs is None or set(mine) & set(theirs):
                    return protocol
        return None

    def _ciphers(self, protocol: str) -> list[str] | None:
        """The ciphers of one protocol; None where nothing is said of ciphers."""
        return [name for name in self.ciphers if protocol_of(name) == protocol] if self.ciphers else None


def protocol_of(cipher: str) -> str:
    """Return the protocol that a cipher suite belongs to; no suite of TLS 1.3 works in an older one."""
    return "TLSv1.3" if _OF_13.match(cipher) else "TLSv1.2"


def read(reader: Reader, default: Profile | None = None) -> Profile:
    """Take ``tls_profile``, or only ``protocols``, of a declaration."""
    default = default or Profile()
    if reader.has("protocols") and reader.has("tls_profile"):
        raise SecurityError(f"{reader.where}.protocols: is given in tls_profile as well; give the one or the other.")
    alone = Profile(reader.take("protocols", protocols, default.protocols), *_rest(default))
    return reader.take("tls_profile", profile, alone)


def _rest(default: Profile) -> tuple[tuple[str, ...], int | None, bool]:
    return default.ciphers, default.min_rsa_size, default.fips


def profile(given: object, where: str) -> Profile:
    """Return the profile; a protocol without a cipher suite, or the reverse, is an error."""
    reader = Reader(given, where)
    size = reader.take("min_rsa_size", word(_RSA_SIZES))
    found = Profile(
        protocols=reader.take("protocols", protocols, PROTOCOLS),
        ciphers=reader.take("ciphers", ciphers, ()),
        min_rsa_size=int(size) if size else None,
        fips=reader.take("fips", boolean, False),
    )
    reader.done()
    if found.ciphers:
        _fit(found, where)
    return found


def _fit(found: Profile, where: str) -> None:
    for name in found.ciphers:
        if protocol_of(name) not in found.protocols:
            raise SecurityError(f"{where}.ciphers: {name} belongs to {protocol_of(name)}, which protocols do not have.")
    for protocol in found.protocols:
        if protocol not in map(protocol_of, found.ciphers):
            raise SecurityError(
                f"{where}.ciphers: none of them belongs to {protocol}, so it could never be used. Add one, or take "
                f"{protocol} out of protocols."
            )


def ciphers(given: object, where: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(names(given, where)))
    for name in found:
        if not _CIPHER.fullmatch(name):
            raise SecurityError(f"{where}: {shown(name)} is not the IANA name of a cipher suite (TLS_…).")
    return found
