# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers' folders for the roles to work on, and the variables with which they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jobs import MARKER
from layout import BARE_SERVER_XML, free_port
from pki import Cast, Issued

Json = dict[str, Any]

REQUESTERS = ("orders", "orders_1.0.0", "stock", "stock_1.0.0")
KEY_PASSWORD, TRUST_PASSWORD = f"{MARKER}keys-1", f"{MARKER}trust-1"
# As they stand in server.xml.
ENCODED = ("{xor}Ej4tNDotcjQ6Jixybg==", "{xor}Ej4tNDotcistKiwrcm4=")


ROLES = Path(__file__).parents[2] / "roles"


@cache
def known(role: str) -> set[str]:
    """The names of a role's variables."""
    text = (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return set(yaml.safe_load(text)["argument_specs"]["variables"]["options"])


def prefixed(role: str = "mutual_tls_requester", /, **variables: object) -> Json:
    """Return the variables with the role's name before theirs, those that it leaves to the role connections with that."""
    whose = {name: role if f"{role}_{name}" in known(role) else "connections" for name in variables}
    return {f"{whose[name]}_{name}": value for name, value in variables.items()}


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
        return cls(folder, pki).deployed()

    def deployed(self) -> Place:
        """Deploy the API requesters that these tests declare."""
        archives = self.server_dir / "resources" / "zosconnect" / "apiRequesters"
        archives.mkdir(parents=True, exist_ok=True)
        for name in REQUESTERS:
            (archives / f"{name}.ara").touch()
        return self

    @property
    def server_xml(self) -> Path:
        return self.server_dir / "server.xml"

    def store(self, name: str) -> Path:
        """The path of a key store of this name."""
        return self.server_dir / "resources" / "security" / f"{name}.p12"

    def variables(self, **others: object) -> Json:
        """All that a connection with client certificates needs, with other values for some."""
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
        """Connections without and with client certificates that share a key store, as zosconnect_connections has them."""
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
            {**both, "name": "batch", "port": free_port(), "client_certificate": "none", "identity": "basic"},
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
