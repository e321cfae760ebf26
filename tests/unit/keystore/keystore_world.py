# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for the tests of key stores, made once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from pki import Authority, Issued

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import Rules

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class World:
    """Root → Upper → Lower → server; a namesake of Root with another key; client, signed by the root itself."""

    root: Authority
    namesake: Authority
    upper_pem: str
    lower_pem: str
    server: Issued
    client: Issued
    old: Issued
    future: Issued

    def server_entry(self, **changes: Any) -> dict[str, Any]:
        """Return a good entry with the server's key and its chain without the root, changed as asked."""
        entry = {
            "alias": "Server",
            "privatekey_content": self.server.key_pem(),
            "certificate_content": self.server.certificate_pem,
            "chain_content": [self.lower_pem, self.upper_pem],
        }
        return {name: value for name, value in {**entry, **changes}.items() if value is not None}

    def trusted_entry(self, **changes: Any) -> dict[str, Any]:
        """Return a good entry that trusts the root, changed as asked."""
        return {"alias": "Root", "trusted": True, "certificate_content": self.root.root_pem, **changes}


def make_world() -> World:
    """Make all keys and certificates, anew in every run."""
    root = Authority("Root", key_type="ec")
    upper = root.intermediate("Upper", key_type="ec")
    lower = upper.intermediate("Lower", key_type="ec")
    server = lower.issue("server", key_type="ec")
    lower_pem, upper_pem = (f"{part}-----END CERTIFICATE-----\n" for part in _blocks(server.chain_pem))
    return World(
        root=root,
        namesake=Authority("Root", key_type="ec"),
        upper_pem=upper_pem,
        lower_pem=lower_pem,
        server=server,
        client=root.issue("client", key_type="ec"),
        old=root.issue("old", key_type="ec", not_before=NOW.replace(year=NOW.year - 2), days=1),
        future=root.issue("future", key_type="ec", not_before=NOW.replace(year=NOW.year + 2, day=1), days=1),
    )


def _blocks(pem: str) -> list[str]:
    return pem.split("-----END CERTIFICATE-----\n")[:-1]


def rules_with(files: Mapping[str, bytes], **changes: Any) -> Rules:
    """Return rules for now, with files of the controller by path."""
    return Rules(read=files.__getitem__, now=NOW, **changes)
