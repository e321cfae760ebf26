# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import conflicts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import items, mapping, ports, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server


def connection_plan(
    declared: Any,
    identity_rule: str | None = None,
    *,
    state: str = "present",
    side: str = "both",
    server: object = None,
    attls_ports: object = (),
    policy_files: object = None,
    present_policies: object = None,
    policy_encoding: str | None = None,
    zosconnect_version: object = None,
    zos_release: object = None,
    zos_apars: object = (),
) -> dict[str, Any]:
    """Turn declared connections into what every artefact needs; see connection_plan.yml."""
    try:
        connections = items(declared, "connections")
        files = _mappings(policy_files or {}, "policy_files")
        return plan(
            connections,
            state=state,
            side=side,
            identity_rule=identity_rule or None,
            present=Present(
                server=_server(mapping(server, "server"), connections) if server else None,
                policies=_policies(mapping(present_policies or {}, "present_policies"), files, policy_encoding),
            ),
            attls_ports=ports(attls_ports or (), "attls_ports"),
            policy_files={side: dict(file) for side, file in files.items()},
            zosconnect_version=zosconnect_version,
            zos_release=zos_release,
            zos_apars=zos_apars,
        )
    except SecurityError as e:
        raise AnsibleFilterError(str(e)) from e


def _mappings(given: object, where: str) -> dict[str, Mapping[str, Any]]:
    """Return a mapping of mappings."""
    return {key: mapping(value or {}, f"{where}.{key}") for key, value in mapping(given, where).items()}


def _server(given: Mapping[str, Any], declared: Sequence[Any]) -> Server:
    """Return the server whose files target_read brought, of the first directory that is declared."""
    directories = [item.get("server_dir") for item in declared if isinstance(item, Mapping)]
    found = servers.from_options({"server_dir": next(filter(None, directories), None)})
    try:
        found.take(given)
    except (KeyError, TypeError, ValueError):
        raise SecurityError("server: is not what target_read returns of the server's files.") from None
    return found


def _decoded(given: object, where: str) -> bytes:
    try:
        return base64.b64decode("".join(text(given, where).split()), validate=True)
    except ValueError:
        raise SecurityError(f"{where}: is no Base64; give the content of the file encoded in it.") from None


def _policies(
    contents: Mapping[str, object], files: Mapping[str, Mapping[str, Any]], encoding: str | None
) -> dict[str, Policy]:
    """Read the policies that are there, named after their files."""
    return {
        side: conflicts.present(
            _decoded(content, f"present_policies.{side}"), files.get(side, {}).get("path") or side, encoding or None
        )
        for side, content in contents.items()
        if content
    }


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"connection_plan": connection_plan}
