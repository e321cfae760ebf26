# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything of one server in, the result of state gathered out: the declaration, its text, what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import rings, unchanged, written
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.adopted import (
    Adopted,
    Settings,
    adopted,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.proved import Check, proved
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import ports

Json = dict[str, Any]
# Of the lines for a person, those about what is not expressed.
_LINES = 3
VARIABLE = "zosconnect_connections"


def gather(present: Present, options: Mapping[str, Any], host: str = "", *, check: Check | None = None) -> Json:
    """Return the declaration that describes a server, as data and as a file of variables.

    ``host`` is its name in the inventory. ``options``: ``job_name`` and ``user_id`` are those of the server,
    ``ring_listing`` is what RACDCERT LISTRING printed, ``attls_ports`` are known to be behind AT-TLS, ``zos_release``
    is the level of z/OS. ``check`` says why a declaration would change something, if not by its plan.
    """
    settings = _settings(options)
    found = adopted(present, settings)
    found = proved(found, check or unchanged.check(present, settings.attls_ports, settings.zos_release))
    return {
        "connections": found.plain(),
        "yaml": written.text(VARIABLE, found.connections, _head(found, host), found.unsaid),
        "origins": {str(each.plain()["name"]): dict(each.origins()) for each in found.connections},
        "not_expressed": [each.shown() for each in found.unsaid],
        "complete": found.complete,
        "summary": _summary(found),
        "told": _told(found.unsaid),
    }


def _settings(options: Mapping[str, Any]) -> Settings:
    release = options.get("zos_release")
    return Settings(
        job_name=options.get("job_name") or None,
        user_id=options.get("user_id") or None,
        zos_release=statements.release(release, "zos_release") if release else statements.NEWEST,
        attls_ports=ports(options.get("attls_ports") or [], "attls_ports"),
        rings=rings.read(options.get("ring_listing") or "", options.get("user_id") or None),
    )


def _head(found: Adopted, host: str) -> list[str]:
    where = f"{found.server_dir} on {host}" if host else found.server_dir
    return [
        f"The server {where} as it is: each value with its place. Whatever is not said here stays as it is.",
        "Change a word, and ansible-playbook zosconnect.security.connections --check --diff shows what it would do.",
    ]


def _summary(found: Adopted) -> str:
    """Say in a few words what was adopted."""
    calls = sum("endpoint" in each for each in found.plain())
    return f"{_counted(len(found.connections) - calls, 'connection')}, {_counted(calls, 'call')} adopted"


def _told(unsaid: Sequence[Unsaid]) -> list[str]:
    """Say what is not expressed, in so many lines that a person reads them."""
    lines = [f"not expressed: {each.sentence}" for each in unsaid[:_LINES]]
    more = len(unsaid) - _LINES
    return [*lines, f"not expressed, too: {more:,} more, which the file names"] if more > 0 else lines


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
