# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What z/OS Connect 3.0 is given in the demo: another server, whose API requester `orders` is a web application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from launcher import Liberty, wait_for_port
from layout import free_port
from oas3 import CALLER, OUTSIDER, ask, make_oas3
from pki import Cast


class OpenApi3:
    """One server of z/OS Connect 3.0 that nobody made secure, and what is declared for it."""

    def __init__(self, server: Liberty, cast: Cast, password: str) -> None:
        make_oas3(server)
        self.server, self._ca, self.port = server, cast.root.root_pem, free_port()
        self._trust = {
            "location": str(server.server_dir / "resources" / "security" / "zosconnect-trust.p12"),
            "password": password,
            "trusted": self._ca,
        }
        self._keys = {
            "location": str(server.server_dir / "resources" / "security" / "zosconnect-key.p12"),
            "password": password,
            "alias": "zosconnect",
            "private_key": cast.server.key_pem(),
            "certificate": cast.server.certificate_pem,
            "chain": cast.server.chain_pem,
        }

    def declared(self) -> dict[str, Any]:
        """The variables of the role `connections`: an https port for `orders`, and the endpoint that it calls."""
        login = json.loads(self.server.layout.credentials_file.read_text(encoding="utf-8"))
        both = {"server_dir": str(self.server.server_dir), "web_applications": ["orders"]}
        port = {"name": "callers", "port": self.port, "client_certificate": "none", "identity": "basic"}
        api = {
            "name": "ordersApi",
            "endpoint": {"host": "api.example.com", "port": 443},
            "trust_store": self._trust,
        }
        return {
            "zosconnect_connections": [{**both, **port, "key_store": self._keys}, {**both, **api}],
            "connections_identity_rule": "",
            "connections_callers": {},
            "connections_refresh": "mbean",
            "connections_refresh_url": self.server.layout.admin_url,
            "connections_refresh_username": login["user"],
            "connections_refresh_password": login["password"],
            "connections_refresh_ca": Path(login["ca"]).read_text(encoding="utf-8"),
        }

    def in_clear(self) -> str:
        """Call `orders` by http and say what comes back."""
        try:
            return str(ask(self.server.http_port))
        except ConnectionError:
            return "nobody listens"

    def answers(self) -> Iterator[tuple[str, int, int]]:
        """Call `orders` by TLS: who calls, the status that there is, and the one that there must be."""
        wait_for_port(self.port, timeout=60)
        for who, login, status in (
            ("nobody", "", 401),
            ("a user without the role", OUTSIDER, 403),
            ("a user with it", CALLER, 200),
        ):
            yield who, ask(self.port, ca=self._ca, login=login), status
