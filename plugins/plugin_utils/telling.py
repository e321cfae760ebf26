# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a server is told that its files have changed, as options of actions, and as the target is asked to do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import pending
from ansible_collections.zosconnect.security.plugins.plugin_utils import declared, operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import read_version

OPERATOR, MBEAN, POLLED = HOWS = ("operator", "mbean", "polled")
# That a console gave the operator commands; only what is noted for a server knows of it.
COMMAND = pending.COMMAND
OPTIONS: dict[str, dict[str, Any]] = {
    "refresh": {"type": "str", "choices": list(HOWS), "default": OPERATOR},
    "refresh_url": {"type": "str"},
    "refresh_username": {"type": "str"},
    "refresh_password": {"type": "str", "no_log": True},
    "refresh_ca": {"type": "str"},
    "refresh_seconds": {"type": "int", "default": 60},
}
_NEEDED = ("refresh_url", "refresh_username", "refresh_password")


def connector(options: Mapping[str, Any], prefix: str = "") -> dict[str, Any] | None:
    """Return how the MBean is reached, None where it is not asked; ``prefix`` is that of the user's variables."""
    if options["refresh"] != MBEAN:
        return None
    for name in _NEEDED:
        if not options[name]:
            raise SecurityError(
                f"{prefix}{name}: is empty; with {prefix}refresh mbean it is needed to tell the server."
            )
    return {
        "url": options["refresh_url"],
        "username": options["refresh_username"],
        "password": options["refresh_password"],
        "ca_content": options["refresh_ca"] or None,
        "timeout": options["refresh_seconds"],
    }


def settling(pending: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order that changes nothing but what is noted for a server."""
    order: dict[str, Any] = {"version": 1, "files": [], "refresh": {"kind": OPERATOR}}
    return {**order, "journal_dir": pending["directory"], "pending": dict(pending)}


def kinds(files: Sequence[str]) -> list[str]:
    """Return of what the server is told after changed files, as ``operator_commands.CHANGED`` calls it."""
    stores = [operator_commands.KEY_STORES] if any(not path.endswith(".xml") for path in files) else []
    return [operator_commands.CONFIGURATION, *stores]


def command(files: Sequence[str], job_name: object, version: object) -> str:
    """Return the operator command after which changed files count; of both versions where none is given."""
    changed = kinds(files)
    job = declared.mvs_name(declared.text(job_name or operator_commands.JOB_NAME, "job_name"), "job_name")
    by = {
        each: ", then ".join(dict.fromkeys(operator_commands.command(one, job, each) for one in changed))
        for each in ("2.0", "3.0")
    }
    if version not in (None, ""):
        return by[read_version(version, "zosconnect_version")]
    return f"{by['2.0']} (z/OS Connect 2.0) or {by['3.0']} (3.0)"
