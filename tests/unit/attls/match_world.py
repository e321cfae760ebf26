# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy texts for tests: rules by their lines, with the actions that they need, and a call that they get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# A call of the server.
CONNECTION: dict[str, Any] = {
    "direction": "inbound",
    "local_address": "192.0.2.1",
    "local_port": 5004,
    "remote_address": "192.0.2.7",
    "remote_port": 40000,
    "job_name": "ZCEESRV1",
    "user_id": "LIBSERV",
}
ACTIONS = """\
TTLSGroupAction on
{
  TTLSEnabled On
}
TTLSGroupAction off
{
  TTLSEnabled Off
}
TTLSEnvironmentAction server
{
  HandshakeRole Server
  TTLSKeyringParms
  {
    Keyring ZceeRing
  }
  TTLSEnvironmentAdvancedParms
  {
    TLSv1 Off
    TLSv1.1 Off
    TLSv1.2 On
    TLSv1.3 On
  }
  TTLSCipherParms
  {
    V3CipherSuites4Char 1302C030
  }
}
"""


def rule(name: str, lines: Sequence[str]) -> str:
    """Return one rule; what its lines do not say of actions is filled in behind them."""
    said = {line.split()[0] for line in lines}
    filled = [*lines]
    for line in ("TTLSGroupActionRef on", "TTLSEnvironmentActionRef server"):
        if line.split()[0] not in said:
            filled.append(line)
    return "\n".join([f"TTLSRule {name}", "{", *(f"  {line}" for line in filled), "}", ""])


def policy(rules: Mapping[str, Sequence[str]], more: str = "") -> str:
    """Return a policy text: rules, actions, and what else is needed."""
    return "".join(rule(name, lines) for name, lines in rules.items()) + ACTIONS + more
