# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration changes of an AT-TLS rule that is there: each parameter where it stands, or in the environment.

Actions that other rules use too are copied when the policy is changed, never edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, form, regions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import ENVIRONMENT, GROUP, Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import place as where
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import policies
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.rules import INBOUND
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]
_RULE, _CIPHERS, _RING = "TTLSRule", "TTLSCipherParms", "TTLSKeyringParms"
# Keys of a declaration, and what they are in a rule.
_OF_RULE = {
    "inbound": {"job_name": "Jobname", "user_id": "Userid", "priority": "Priority"},
    "outbound": {
        "job_name": "Jobname",
        "user_id": "Userid",
        "priority": "Priority",
        "address": "RemoteAddr",
        "local_address": "LocalAddr",
    },
}


@dataclass(frozen=True)
class End:
    """One end at which a rule is there: what it is to be (``wanted``), what it is (``there``).

    ``said`` are the keys of the declaration that have a value. ``asks`` is how a certificate is asked for, where that
    changes; ``host`` is the name of whoever is called, where that does.
    """

    name: str
    port: int
    wanted: AttlsEnd
    there: AttlsEnd
    profile: Profile
    said: frozenset[str]
    direction: str = "inbound"
    changes_asking: bool = False
    asks: str | None = None
    host: str | None = None


def ends(connections: Sequence[Connection], endpoints: Sequence[Endpoint]) -> list[End]:
    """Return the ends of connections and calls at which a rule stands already; all are of the server's stack."""
    found = []
    for item in connections:
        there = item.standing.inbound
        if item.server_attls and item.inbound and there:
            end = End(item.name, item.port, item.inbound, there, item.profile, item.said)
            asking = (item.client_certificate, item.inbound.saf_check)
            changes = asking != (item.standing.client_certificate, there.saf_check)
            found.append(replace(end, changes_asking=changes, asks=policies.client_auth(item)))
    for called in endpoints:
        there = called.standing.outbound
        if called.outbound and there:
            end = End(called.name, called.port, called.outbound, there, called.profile, called.said, "outbound")
            found.append(replace(end, host=called.host if called.host != called.standing.host else None))
    return found


def asked(found: Sequence[End], present: Mapping[str, Policy]) -> Json:
    """Return what is asked of the rules that are there; empty where nothing changes."""
    config: Json = {}
    for end in found:
        one = _Asked(end, present[INBOUND])
        one.check()
        config = policies.joined(config, one.config())
    return config


def standing(found: Sequence[End], present: Mapping[str, Policy], wanted: Json) -> Json:
    """Return the rules that are there with all that belongs to them, as they will be: what the stack must hold."""
    if not found:
        return {}
    policy = present[INBOUND]
    keys = set(_reached(policy, [(_RULE.lower(), str(end.wanted.rule)) for end in found]))
    config: Json = {}
    for keyword, statements in form.structure(policy).items():
        kept = [one for one in statements if (keyword.lower(), one.get("name")) in keys]
        config |= {keyword: kept} if kept else {}
    for keyword, statements in wanted.items():
        for one in statements:
            _lay_over(config.setdefault(keyword, []), one)
    return config


def own(found: Sequence[End], present: Mapping[str, Policy]) -> Json:
    """Return the rules that are there, with the actions that no other rule uses: they go with their connections."""
    config: Json = {}
    for end in found:
        policy = present[INBOUND]
        rule, uses = _Asked(end, policy).rule, Uses(policy)
        config.setdefault(_RULE, []).append({"name": rule.name})
        for kind, name in uses.made_by(rule):
            statement = policy.find(kind, name)
            if statement and statement.kind.endswith("Action") and len(uses.rules(kind, name)) == 1:
                config.setdefault(statement.kind, []).append({"name": name})
    return config


def _reached(policy: Policy, keys: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    uses, seen = Uses(policy), set[tuple[str, str]]()
    while keys:
        key = keys.pop()
        if key not in seen:
            seen.add(key)
            yield key
            statement = policy.find(*key)
            keys += uses.made_by(statement) if statement else []


def _lay_over(statements: list[Json], wanted: Json) -> None:
    there = next((one for one in statements if one.get("name") == wanted.get("name")), None)
    if there is None:
        statements.append(wanted)
        return
    for keyword, value in wanted.items():
        nested = there.get(keyword)
        there[keyword] = {**nested, **value} if isinstance(nested, dict) and isinstance(value, dict) else value


@dataclass
class _Asked:
    """What one end asks of its rule."""

    end: End
    policy: Policy
    statements: dict[tuple[str, str], Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rule = self.policy.find(_RULE, self.end.wanted.rule)
        if rule is None:
            raise AssertionError(f"{self.end.name} has no rule")
        self.rule = rule
        self.stack = Stack((self.policy,))
        self.actions = Actions(self.stack, rule)

    def check(self) -> None:
        """Refuse a rule that is not for the port."""
        side = "local_port" if self.end.direction == "inbound" else "remote_port"
        wanted = criteria.read({"direction": self.end.direction, side: self.end.port}, self.end.name)
        asks = criteria.of_rule(self.stack, self.rule)
        if not asks.broken and not regions.overlaps(wanted, asks):
            raise SecurityError(
                f"{self.end.name}: the AT-TLS rule {self.rule.name} ({where(self.rule)}) is not for connections to "
                f"port {self.end.port}. Name the one that is in {self.end.direction}.rule, or correct port."
            )

    def config(self) -> Json:
        """Return what is asked, as attls_policy takes it."""
        for key, keyword in _OF_RULE[self.end.direction].items():
            value = getattr(self.end.wanted, key)
            if key in self.end.wanted.said and self.rule.get(keyword) != str(value):
                self._put(self.rule, keyword, value)
        for kind, block, keyword, value in self._of_actions():
            self._put(self._owner(kind, block, keyword), keyword, value)
        if not self.statements:
            return {}
        self.statements.setdefault((_RULE, str(self.rule.name)), {"name": self.rule.name})
        config: Json = {}
        for (kind, _name), statement in self.statements.items():
            config.setdefault(kind, []).append(statement)
        return config

    def _of_actions(self) -> Iterator[tuple[str, str | None, str, object]]:
        """Yield kind of action, block, keyword and value of what changes."""
        end, actions = self.end, self.actions
        if end.wanted.key_ring != end.there.key_ring:
            yield ENVIRONMENT[0], _RING, "Keyring", end.wanted.key_ring
        if end.wanted.certificate_label != end.there.certificate_label:
            yield *ENVIRONMENT, "CertificateLabel", end.wanted.certificate_label
        if end.changes_asking:
            yield ENVIRONMENT[0], None, "HandshakeRole", "ServerWithClientAuth" if end.asks else "Server"
            yield *ENVIRONMENT, "ClientAuthType", end.asks
        if end.host and actions.host_references:
            yield *ENVIRONMENT, "HostReferenceIdDNS", end.host
        if {"protocols", "tls_profile"} & end.said:
            for protocol, switch in end.profile.attls_protocols.items():
                if actions.on(protocol) != (switch == "On"):
                    yield *ENVIRONMENT, protocol, switch
        if "tls_profile" in end.said:
            yield from self._of_profile()

    def _of_profile(self) -> Iterator[tuple[str, str | None, str, object]]:
        profile, actions = self.end.profile, self.actions
        if profile.ciphers and list(actions.written_ciphers) != profile.attls_ciphers:
            yield ENVIRONMENT[0], _CIPHERS, "V3CipherSuites", profile.attls_ciphers
        if profile.min_rsa_size and actions.value("PeerMinRsaKeySize") != str(profile.min_rsa_size):
            yield *ENVIRONMENT, "PeerMinRsaKeySize", profile.min_rsa_size
        if profile.fips and (actions.value("FIPS140") or "").lower() in ("", "off"):
            yield GROUP[0], None, "FIPS140", "On"

    def _owner(self, kind: str, block: str | None, keyword: str) -> Statement | tuple[Statement, str]:
        """Return the statement in which a parameter stands, or in which it is to be put, with the block for it."""
        written = self.actions.parameter(keyword)
        if written and written.parent:
            return written.parent
        action = self.actions.action(kind)
        if action is None:
            raise SecurityError(
                f"{self.end.name}: the AT-TLS rule {self.rule.name} ({where(self.rule)}) has no {kind} in this policy, "
                f"where {keyword} would stand. Give it one, or name another rule."
            )
        part = self.stack.part(action, block) if block else action
        return part or (action, str(block))

    def _put(self, owner: Statement | tuple[Statement, str], keyword: str, value: object) -> None:
        statement, block = owner if isinstance(owner, tuple) else (owner, None)
        top = statement
        if statement.parent is not None:
            top, block = statement.parent, statement.kind
        found = self.statements.setdefault((top.kind, str(top.name)), {"name": top.name})
        if block:
            found = found.setdefault(block, {})
        found[keyword] = value
