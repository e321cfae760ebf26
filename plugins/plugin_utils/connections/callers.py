# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who calls each declared connection, for proving on the wire that it is as declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    described,
    mapping,
    refuse_unknown,
    shown,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords

_OF_ALL, _OF_ONE = "connections_", "connections_callers"
_SECRETS = ("caller_key", "caller_key_passphrase", "request_password")
_TEXTS = (
    *_SECRETS,
    "server_name",
    "ca",
    "caller_certificate",
    "request_path",
    "request_username",
    "expected_text",
)
KEYS = (*_TEXTS, "expected_status")

Json = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """What one caller shows, asks for and expects; ``variables`` says by key where the user gave that."""

    variables: Mapping[str, str]
    server_name: str = ""
    ca: str = field(default="", repr=False)
    caller_certificate: str = field(default="", repr=False)
    caller_key: str = field(default="", repr=False)
    caller_key_passphrase: str = field(default="", repr=False)
    request_path: str = ""
    request_username: str = ""
    request_password: str = field(default="", repr=False)
    expected_text: str = ""
    expected_status: tuple[int, ...] = ()

    @property
    def has_certificate(self) -> bool:
        return bool(self.caller_certificate and self.caller_key)

    @property
    def request(self) -> Json:
        """The request, as tls_probe takes it."""
        login = {"username": self.request_username, "password": self.request_password} if self.request_username else {}
        return {"method": "GET", "path": self.request_path or "/", **login}


def callers(own: object, names: Sequence[str], common: Mapping[str, object]) -> dict[str, Caller]:
    """Return who calls each of the connections ``names``.

    ``own`` has what is different for single connections, by name; ``common`` is for all. What is given counts, also
    where it is empty. Raises SecurityError for names of no connection, unknown keys, and secrets that were lost.
    """
    reader = Reader(own, _OF_ONE)
    single = {name: reader.take(name, mapping, {}) for name in dict.fromkeys(names)}
    reader.done()
    return {name: _caller(given, f"{_OF_ONE}.{name}", common) for name, given in single.items()}


def _caller(own: Mapping[str, object], where: str, common: Mapping[str, object]) -> Caller:
    refuse_unknown(own, KEYS, where)
    given = {**common, **own}
    variables = {key: f"{where}.{key}" if key in own else f"{_OF_ALL}{key}" for key in KEYS}
    texts = {key: _text(given.get(key), variables[key]) for key in _TEXTS}
    for key in _SECRETS:
        if texts[key]:
            passwords.check_desired(texts[key], variables[key])
    statuses = _statuses(given.get("expected_status"), variables["expected_status"])
    return Caller(variables, expected_status=statuses, **texts)


def _text(given: object, where: str) -> str:
    """Return a text; YAML makes numbers of passwords and of what an answer must hold."""
    if given is None or isinstance(given, (str, int, float)):
        return "" if given is None else str(given)
    raise SecurityError(f"{where}: must be text, not {described(given)}.")


def _statuses(given: object, where: str) -> tuple[int, ...]:
    """Return HTTP statuses, from a list, one of them, or a text with commas."""
    items = given.split(",") if isinstance(given, str) and given else given or ()
    many = items if isinstance(items, Sequence) else [items]
    for item in many:
        if not (str(item).strip().isdecimal() and 100 <= int(str(item)) <= 599):
            raise SecurityError(f"{where}: {shown(item)} is not an HTTP status; statuses are 100 to 599.")
    return tuple(int(str(item)) for item in many)
