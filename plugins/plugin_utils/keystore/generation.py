# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that are made on the target: what is asked for, checked, in keytool's words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

if TYPE_CHECKING:
    from cryptography import x509

SIZES = {"RSA": (2048, 3072, 4096), "EC": (256, 384, 521)}
DEFAULT_SIZES = {"RSA": 3072, "EC": 256}
_HOST = re.compile(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class Generation:
    """A key to make; ``extensions`` are keytool's, for the certificate that it signs itself and for the request."""

    algorithm: str
    size: int
    subject: str
    extensions: tuple[str, ...]
    days: int

    def fits(self, certificate: x509.Certificate) -> bool:
        """Say whether the key of a certificate is of this kind and size."""
        from cryptography.hazmat.primitives.asymmetric import ec, rsa

        key = certificate.public_key()
        kind = (
            "RSA" if isinstance(key, rsa.RSAPublicKey) else "EC" if isinstance(key, ec.EllipticCurvePublicKey) else ""
        )
        return (kind, getattr(key, "key_size", 0)) == (self.algorithm, self.size)

    def arguments(self, alias: str) -> dict[str, Any]:
        """Return it as the target modules take it."""
        return {"alias": alias, **asdict(self), "extensions": list(self.extensions)}


def generation(given: Mapping[str, Any], where: str) -> Generation:
    """Return what is desired of a key, checked; a SecurityError says what keytool or a TLS client would not take."""
    algorithm = given["type"]
    size = given["size"] or DEFAULT_SIZES[algorithm]
    if size not in SIZES[algorithm]:
        sizes = ", ".join(map(str, SIZES[algorithm]))
        raise SecurityError(f"{where}.size: {size} is not one of {sizes}, the sizes for {algorithm}.")
    if not 1 <= given["days"] <= 3650:
        raise SecurityError(f"{where}.days: {given['days']} is not between 1 and 3650.")
    extensions = _names(given["subject_alt_names"], f"{where}.subject_alt_names")
    return Generation(algorithm, size, _subject(given["subject"], f"{where}.subject"), extensions, given["days"])


def _subject(given: str, where: str) -> str:
    from cryptography import x509

    try:
        name = x509.Name.from_rfc4514_string(given)
    except ValueError as e:
        raise SecurityError(f"{where}: {given!r} is no name such as CN=zceesrv1,O=Bank,C=DE.") from e
    if not name.rdns:
        raise SecurityError(f"{where}: is empty; give a name such as CN=zceesrv1,O=Bank,C=DE.")
    return given


def _names(given: Sequence[str], where: str) -> tuple[str, ...]:
    names = [_name(each, f"{where}[{number}]") for number, each in enumerate(given)]
    return (f"san={','.join(names)}",) if names else ()


def _name(given: str, where: str) -> str:
    kind, _colon, value = str(given).partition(":")
    if kind == "DNS" and _HOST.fullmatch(value):
        return f"dns:{value}"
    try:
        return f"ip:{ipaddress.ip_address(value if kind == 'IP' else '')}"
    except ValueError as e:
        raise SecurityError(f"{where}: {given!r} is neither DNS: with a host name nor IP: with an address.") from e
