# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers to adopt, out of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers

DIRECTORY = "/srv/zceesrv1"
FEATURES = (
    "<featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>zosconnect:apiRequester-1.0</feature>"
    "</featureManager>"
)
# Nothing of the default endpoint is open.
QUIET = '<httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="-1"/>'


def rule(name: str, conditions: str, role: str, advanced: str = "") -> str:
    """An AT-TLS rule that does TLS, with actions of its own."""
    return (
        f"TTLSRule {name}\n{{\n  {conditions}\n  TTLSGroupActionRef {name}\n  TTLSEnvironmentActionRef {name}\n}}\n"
        f"TTLSGroupAction {name}\n{{\n  TTLSEnabled On\n}}\n"
        f"TTLSEnvironmentAction {name}\n{{\n  HandshakeRole {role}\n  TTLSKeyringParms\n  {{\n    Keyring U/R\n  }}\n"
        f"  TTLSEnvironmentAdvancedParms\n  {{\n    TLSv1.2 On\n    {advanced}\n  }}\n}}\n"
    )


@lru_cache
def certificate(name: str) -> str:
    """A certificate that ends with the year 2030."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string(f"CN={name}")
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, datetime(2026, 1, 1), datetime(2030, 12, 31))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def listing(
    path: str, keys: Sequence[str] = (), trusted: Sequence[str] = (), message: str = "", **more: Any
) -> dict[str, Any]:
    """What target_read says of a store: aliases of its keys and of what it trusts; or why it could not be opened."""
    if message:
        return {"path": path, "state": "store", "message": message}
    kinds = [*((alias, "PrivateKeyEntry") for alias in keys), *((alias, "trustedCertEntry") for alias in trusted)]
    held = [
        {"alias": alias, "kind": kind, "certificates": [certificate(alias.strip() or "x")]} for alias, kind in kinds
    ]
    return {"path": path, "state": "file", "format": "PKCS12", "unseen": False, "entries": held, **more}


def present(
    files: Mapping[str, str | bytes],
    policies: Mapping[str, str] | None = None,
    archives: tuple[str, ...] = (),
    csd: str | None = None,
    stores: Mapping[str, Mapping[str, Any]] | None = None,
) -> Present:
    """What is there: files below the server's directory, policy texts by side, archives of API requesters by name."""
    server = servers.from_options({"server_dir": DIRECTORY})
    for name, content in files.items():
        path = name if name.startswith("/") else f"{DIRECTORY}/{name}"
        server.content[path] = content if isinstance(content, bytes) else content.encode()
    server.listings[f"{DIRECTORY}/resources/zosconnect/apiRequesters"] = [f"{name}.ara" for name in archives]
    return Present(
        server=server,
        csd=csd,
        stores={path: listing(path, **each) for path, each in (stores or {}).items()},
        policies={side: stack.parse(text, f"{side.upper()}.ttls") for side, text in (policies or {}).items()},
    )


def server_xml(inside: str) -> dict[str, str]:
    """The files of a server with one file; ``inside`` begins on its line 3."""
    return {"server.xml": f"<server>\n{FEATURES}\n{inside}\n</server>\n"}
