# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How strong TLS shall be, declared once and written in Liberty's, AT-TLS's and CICS's own words."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers as suites
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    PROTOCOLS,
    Reader,
    boolean,
    mapped,
    names,
    protocols,
    shown,
    word,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest

_ALL_PROTOCOLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", *PROTOCOLS)
# AT-TLS has no default worth using. These have forward secrecy and authenticated encryption (RFC 9325).
_AT_TLS_CIPHERS = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
)
# NIST SP 800-52 Rev. 2, section 3.2: RSA keys of less than 2048 bits are not secure.
_RSA_SIZES = ("2048", "3072", "4096")


@dataclass(frozen=True)
class Profile:
    """Protocols from the oldest to the newest; ciphers by IANA name in order of preference, none for each side's own.

    ``min_rsa_size`` is the smallest RSA key of a peer in bits (AT-TLS only), ``fips`` asks for FIPS 140 (AT-TLS only).
    """

    protocols: tuple[str, ...] = PROTOCOLS
    ciphers: tuple[str, ...] = ()
    min_rsa_size: int | None = None
    fips: bool = False

    def __str__(self) -> str:
        return " ".join((*self.protocols, *self.ciphers))

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
    return "TLSv1.3" if "TLSv1.3" in suites.protocols(cipher) else "TLSv1.2"


def read(reader: Reader, default: Profile | None = None) -> Profile:
    """Take ``tls_profile``, or only ``protocols``, of a declaration."""
    default = default or Profile()
    if reader.has("protocols") and reader.has("tls_profile"):
        raise SecurityError(f"{reader.where}.protocols: is given in tls_profile as well; give the one or the other.")
    alone = Profile(reader.take("protocols", protocols, default.protocols), *_rest(default))
    taken: Profile = reader.take("tls_profile", profile, alone)
    return taken


def _rest(default: Profile) -> tuple[tuple[str, ...], int | None, bool]:
    return default.ciphers, default.min_rsa_size, default.fips


@mapped
def profile(reader: Reader) -> Profile:
    """Return the profile; a protocol without a cipher suite, or the reverse, is an error."""
    size = reader.take("min_rsa_size", _rsa_size)
    found = Profile(
        protocols=reader.take("protocols", protocols, PROTOCOLS),
        ciphers=reader.take("ciphers", ciphers, ()),
        min_rsa_size=int(size) if size else None,
        fips=reader.take("fips", boolean, False),
    )
    if found.ciphers:
        _fit(found, reader.where)
    return found


def _rsa_size(given: object, where: str) -> str:
    if str(given) in ("512", "1024"):
        raise SecurityError(f"{where}: RSA keys of {given} bits are not secure. Give 2048 or more.")
    return word(_RSA_SIZES)(given, where)


def _fit(found: Profile, where: str) -> None:
    for name in found.ciphers:
        if found.fips and not suites.fips(name):
            raise SecurityError(f"{where}.ciphers: {name} is not allowed under FIPS 140. Leave it out, or fips.")
        if protocol_of(name) not in found.protocols:
            raise SecurityError(f"{where}.ciphers: {name} belongs to {protocol_of(name)}, which protocols do not have.")
    for protocol in found.protocols:
        if protocol not in map(protocol_of, found.ciphers):
            raise SecurityError(
                f"{where}.ciphers: none of them belongs to {protocol}, so it could never be used. Add one, or take "
                f"{protocol} out of protocols."
            )


def ciphers(given: object, where: str) -> tuple[str, ...]:
    """Return cipher suites by the names that Java and System SSL share; weak ones are refused (RFC 9325)."""
    found = tuple(dict.fromkeys(names(given, where)))
    for name in found:
        suite = suites.find(name)
        if suite is None or suite.name != name:
            hint = nearest(name, [one for one in suites.names() if not suites.weaknesses(one)]) or "."
            raise SecurityError(f"{where}: {shown(name)} is not the IANA name of a cipher suite (TLS_…){hint}")
        if suite.weaknesses:
            raise SecurityError(f"{where}: {name} has {suite.weaknesses[0].value}, so it is not secure. Leave it out.")
    return found
