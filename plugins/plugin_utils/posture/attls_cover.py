# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of a server's ports an AT-TLS policy covers, for every caller: as declared, and as the policy texts say.

AT-TLS fails open, so a port counts as covered only where every inbound connection to it gets a rule that does TLS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import match, stack, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import is_address
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port


@dataclass(frozen=True)
class Cover:
    """``ports`` are behind AT-TLS; ``doubts`` say by port why a policy text does not tell."""

    ports: frozenset[int]
    doubts: Mapping[int, str]


def cover(effective: Effective, attls: Mapping[str, Any], where: str = "attls") -> Cover:
    """Return what AT-TLS does in front of a server; ``attls`` is the option of server_config_info.

    Raises SecurityError for policy texts that cannot be read.
    """
    covered, doubts = set(attls["ports"]), {}
    if not attls.get("policies"):
        return Cover(frozenset(covered), {})
    release = statements.release(attls.get("zos_release"), f"{where}.zos_release")
    texts = stack.read(attls["policies"], f"{where}.policies")
    who = match.read({"direction": "inbound", **{key: attls.get(key) for key in ("job_name", "user_id")}}, where)
    for port in ports.ports(effective):
        try:
            answer = match.match(texts, _connection(port, who), release)
        except SecurityError as e:
            doubts[port.port] = str(e)
            continue
        # What may be wrong is not proved, whatever the rule that wins as far as is known.
        if not answer["complete"]:
            doubts[port.port] = " ".join(answer["doubts"])
        elif not answer["cleartext"]:
            covered.add(port.port)
    return Cover(frozenset(covered), {port: why for port, why in doubts.items() if port not in covered})


def _connection(port: Port, who: Connection) -> Connection:
    """Any connection to a port: the caller is nobody that is known."""
    address = {"local_address": port.host} if is_address(port.host) else {}
    there = match.read({"direction": "inbound", "local_port": port.port or None, **address})
    return replace(there, job_name=who.job_name, user_id=who.user_id)
