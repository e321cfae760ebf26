# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a server is told that its files have changed, as options of actions, and as the target is asked to do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import declared, operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import read_version

OPERATOR, MBEAN, POLLED = HOWS = ("operator", "mbean", "polled")
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


def command(files: Sequence[str], job_name: object, version: object) -> str:
    """Return the operator command after which changed files count; of both versions where none is given."""
    changed = [operator_commands.CONFIGURATION]
    if any(not path.endswith(".xml") for path in files):
        changed.append(operator_commands.KEY_STORES)
    job = declared.mvs_name(declared.text(job_name or operator_commands.JOB_NAME, "job_name"), "job_name")
    by = {
        each: ", then ".join(dict.fromkeys(operator_commands.command(one, job, each) for one in changed))
        for each in ("2.0", "3.0")
    }
    if version not in (None, ""):
        return by[read_version(version, "zosconnect_version")]
    return f"{by['2.0']} (z/OS Connect 2.0) or {by['3.0']} (3.0)"
