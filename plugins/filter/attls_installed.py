# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import installed, match, stack, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import Reader, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def attls_installed(
    reports: Any, policies: Any, rule: Any, zos_release: Any, tcp_stack: Any = None, connection: Any = None
) -> dict[str, Any]:
    """Say whether reports of z/OS prove that a stack holds a rule; see attls_installed.yml."""
    try:
        pasearch, netstat = _texts(reports)
        names, tcp_stack = _names(rule), tcp_stack or None
        result: dict[str, Any] = {"installed": None, "connection": None, "winner": None}
        if pasearch is not None:
            release = statements.release(zos_release, "zos_release")
            texts = stack.read(policies)
            found = [installed.held(pasearch, texts, name, stack=tcp_stack, release=release) for name in names]
            held = next((one for one in found if not one.proven), found[-1])
            result["installed"] = held.shown()
            if connection and held.proven:
                result["winner"] = installed.winner(pasearch, match.read(connection), stack=tcp_stack)
        if netstat is not None:
            result["connection"] = installed.protected(netstat, rule=names[0], stack=tcp_stack).shown()
        return {**result, "proven": all(one["proven"] for one in result.values() if isinstance(one, dict))}
    except SecurityError as e:
        raise AnsibleFilterError(str(e)) from e


def _names(rule: Any) -> list[str]:
    """Return the rules; a connection is that of the first one."""
    if not isinstance(rule, list):
        return [text(rule, "rule")]
    if not rule:
        raise SecurityError("rule: the list is empty; name at least one rule.")
    return [text(name, f"rule[{number}]") for number, name in enumerate(rule)]


def _texts(reports: Any) -> tuple[str | None, str | None]:
    """Return the two outputs; one that is there and empty is an output as well."""
    reader = Reader(reports, "reports")
    given = [reader.take(key, text, "" if reports.get(key) == "" else None) for key in ("pasearch", "netstat")]
    reader.done()
    if given == [None, None]:
        raise SecurityError("reports: give the output of pasearch -t as pasearch, of NETSTAT TTLS COnn as netstat.")
    return given[0], given[1]


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"attls_installed": attls_installed}
