# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls each declared connection, for proving on the wire that it is as declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords

WHERE = "connections_callers"
_SECRETS = ("client_key", "client_key_passphrase", "request_password")

Json = dict[str, Any]


def callers(own: object, names: list[str], common: Json) -> dict[str, Json]:
    """Return what the caller of each connection in ``names`` shows and expects, with the ``request`` that it makes.

    ``own`` has what is different for single connections, by name; ``common`` has all keys. What is given counts, also
    where it is empty. Raises SecurityError for names of no connection, unknown keys, and secrets that were lost.
    """
    single = _mapping(own, WHERE, names, "a connection that is declared")
    for name, shown in single.items():
        for key, value in _mapping(shown, f"{WHERE}.{name}", list(common), "known").items():
            if key in _SECRETS and isinstance(value, str) and value:
                passwords.check_wished(value, f"{WHERE}.{name}.{key}")
    return {name: _whole({**common, **single.get(name, {})}) for name in names}


def _mapping(given: object, where: str, known: list[str], what: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise SecurityError(f"{where}: must be a mapping, with keys out of {', '.join(known)}.")
    for key in given:
        if key not in known:
            hint = nearest(str(key), known) or f"; there are {', '.join(known)}."
            raise SecurityError(f"{where}: {key!r} is not {what}{hint}")
    return given


def _whole(shown: Json) -> Json:
    """Add the request as tls_probe takes it."""
    keys = {"path": "request_path", "username": "request_username", "password": "request_password"}
    wanted = keys if shown["request_username"] else {"path": "request_path"}
    return {**shown, "request": {option: shown[key] for option, key in wanted.items()}}
