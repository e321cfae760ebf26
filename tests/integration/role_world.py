# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers' folders for the roles to work on, and the variables with which they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import MARKER
from layout import BARE_SERVER_XML, free_port
from pki import Cast, Issued

Json = dict[str, Any]

KEY_PASSWORD, TRUST_PASSWORD = f"{MARKER}keys-1", f"{MARKER}trust-1"
# As they stand in server.xml.
ENCODED = ("{xor}Ej4tNDotcjQ6Jixybg==", "{xor}Ej4tNDotcistKiwrcm4=")


def prefixed(role: str = "mutual_tls_requester", /, **variables: object) -> Json:
    """Return the variables with the role's name before theirs."""
    return {f"{role}_{name}": value for name, value in variables.items()}


def secrets_of(*issued: Issued) -> list[str]:
    """Return what must not be seen of private keys, and of passwords in server.xml."""
    return [one.key_pem().splitlines()[1] for one in issued] + list(ENCODED)


@dataclass(frozen=True)
class Place:
    """A server's folder; ``pki`` is who takes part."""

    server_dir: Path
    pki: Cast

    @classmethod
    def make(cls, folder: Path, pki: Cast, *, server_xml: str | None = None) -> Place:
        """Make a server's folder with the bare server.xml, or another."""
        (folder / "resources" / "security").mkdir(parents=True)
        text = BARE_SERVER_XML.read_text(encoding="utf-8") if server_xml is None else server_xml
        (folder / "server.xml").write_text(text, encoding="utf-8")
        (folder / "server.xml").chmod(0o640)
        return cls(folder, pki)

    @property
    def server_xml(self) -> Path:
        return self.server_dir / "server.xml"

    def store(self, name: str) -> Path:
        """The path of a key store of this name."""
        return self.server_dir / "resources" / "security" / f"{name}.p12"

    def variables(self, **others: object) -> Json:
        """All that a C2 connection needs, with other values for some."""
        server = self.pki.server
        return prefixed(
            **{
                "server_dir": str(self.server_dir),
                "key_store": str(self.store("keys")),
                "key_store_password": KEY_PASSWORD,
                "key_alias": "server",
                "private_key": server.key_pem(),
                "certificate": server.certificate_pem,
                "certificate_chain": server.chain_pem,
                "trust_store": str(self.store("trust")),
                "trust_store_password": TRUST_PASSWORD,
                "trusted_certificates": self.pki.root.root_pem,
                "requesters": "orders_1.0.0",
                "features": "appSecurity-2.0",
                **others,
            }
        )

    def declared(self) -> list[Json]:
        """A C1 and a C2 connection that share a key store, as zosconnect_connections has them."""
        server = self.pki.server
        keys = {
            "location": str(self.store("keys")),
            "password": KEY_PASSWORD,
            "alias": "server",
            "private_key": server.key_pem(),
            "certificate": server.certificate_pem,
            "chain": server.chain_pem,
        }
        trust = {
            "location": str(self.store("trust")),
            "password": TRUST_PASSWORD,
            "trusted": self.pki.root.root_pem,
        }
        both = {
            "server_dir": str(self.server_dir),
            "key_store": keys,
            "requesters": ["orders", "stock"],
            "features": "appSecurity-2.0",
        }
        return [
            {**both, "name": "batch", "port": free_port(), "client_authentication": "none", "identity": "basic"},
            {**both, "name": "cics", "port": free_port(), "trust_store": trust},
        ]

    def without(self, names: Iterable[str], **others: object) -> Json:
        """The same, some variables not given at all."""
        return {
            name: value
            for name, value in self.variables(**others).items()
            if name not in prefixed(**dict.fromkeys(names))
        }

    def state(self) -> dict[str, bytes]:
        """Every file below the server's folder, with its content."""
        return {str(path.relative_to(self.server_dir)): path.read_bytes() for path in self._files()}

    def _files(self) -> Iterator[Path]:
        return (path for path in sorted(self.server_dir.rglob("*")) if path.is_file())
