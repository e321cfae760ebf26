# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule does with its connections: the three actions that it refers to, seen as one.

What a connection action says beats what the environment action says (IBM z/OS Communications Server IP Configuration
Reference, "TTLSConnectionAction statement"); what neither says is the default of the release, from the table of
statements. Out of the box that means TLS 1.2 and 1.3 off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import ciphers, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack, place

Json = dict[str, Any]

# The kind of action, and the block with its advanced parameters.
CONNECTION = ("TTLSConnectionAction", "TTLSConnectionAdvancedParms")
_ROLES = ("Client", "Server", "ServerWithClientAuth")
ENVIRONMENT = ("TTLSEnvironmentAction", "TTLSEnvironmentAdvancedParms")
GROUP = ("TTLSGroupAction", "TTLSGroupAdvancedParms")


@dataclass(frozen=True)
class Actions:
    """The actions of one rule, for one release of z/OS."""

    stack: Stack
    rule: Statement
    release: str = statements.NEWEST

    def action(self, kind: str) -> Statement | None:
        """Return the action of this kind that the rule refers to; None without one."""
        return self.stack.target(self.rule.parameter(f"{kind}Ref"))

    @cached_property
    def statements(self) -> list[Statement]:
        """The actions and what belongs to them, in place or by reference: the connection's, the environment's, the
        group's. The first that says something counts.
        """
        found: list[Statement | None] = []
        for kind, advanced in (CONNECTION, ENVIRONMENT, GROUP):
            action = self.action(kind)
            found += [action, self.stack.part(action, advanced)]
        return [statement for statement in found if statement]

    def parameter(self, keyword: str) -> Parameter | None:
        """Return the parameter that counts where one is written at any level."""
        found = (statement.parameter(keyword) for statement in self.statements)
        # What stands in a statement that does not have it is not taken.
        return next((parameter for parameter in found if parameter and parameter.type), None)

    def value(self, keyword: str) -> str | None:
        """Return what counts: what is written, else the release's default; None where that is nothing, or not known."""
        written = self.parameter(keyword)
        if written:
            return written.value
        # Connections have no defaults of their own: they do as their environment.
        types = (statements.find(kind) for pair in (ENVIRONMENT, GROUP) for kind in pair)
        known = (type_.parameter(keyword) for type_ in types if type_)
        return next((parameter.default(self.release) for parameter in known if parameter), None)

    def on(self, keyword: str) -> bool:
        return (self.value(keyword) or "").lower() == "on"

    def part(self, kind: str) -> Statement | None:
        """Return a block such as TTLSCipherParms: the connection's, else the environment's."""
        owners = (self.action(CONNECTION[0]), self.action(ENVIRONMENT[0]))
        return next((found for owner in owners if (found := self.stack.part(owner, kind))), None)

    @property
    def broken(self) -> list[str]:
        """Sentences about what the rule needs and does not have."""
        owners = (self.rule, *self.statements)
        found = [
            f"{place(item)}: {item.name} {item.value} leads nowhere."
            for owner in owners
            for item in owner.parameters
            if item.type and item.type.kind == "ref" and not _conditional(item) and self.stack.target(item) is None
        ]
        for kind in (GROUP[0], ENVIRONMENT[0]):
            needed = kind == GROUP[0] or self.on("TTLSEnabled")
            if needed and not self.rule.parameter(f"{kind}Ref"):
                found.append(f"{place(self.rule)}: TTLSRule {self.rule.name} has no {kind}Ref.")
        return found

    @property
    def enabled(self) -> bool:
        return self.on("TTLSEnabled")

    @property
    def protocols(self) -> list[str]:
        return [protocol for protocol in statements.PROTOCOLS if self.on(protocol)]

    @property
    def undecided(self) -> list[str]:
        """The protocols that are left to a default that nobody here knows."""
        known = [protocol for protocol in statements.PROTOCOLS if self.exists(protocol)]
        return [protocol for protocol in known if self.value(protocol) is None]

    def exists(self, keyword: str) -> bool:
        """Whether the release has a parameter of environments of this name."""
        type_ = statements.find(ENVIRONMENT[1])
        parameter = type_.parameter(keyword) if type_ else None
        return parameter is not None and not statements.older(self.release, parameter.since)

    @property
    def ciphers(self) -> list[str]:
        """Names, or codes of four digits, in order; none where System SSL's own list counts."""
        block = self.part("TTLSCipherParms")
        return list(ciphers.suites(block)) if block else []

    @property
    def role(self) -> str | None:
        """What the action says, in IBM's spelling, however the file spells it."""
        written = self.value("HandshakeRole")
        return next((role for role in _ROLES if role.lower() == (written or "").lower()), written)

    @property
    def key_ring(self) -> str | None:
        block = self.stack.part(self.action(ENVIRONMENT[0]), "TTLSKeyringParms")
        return block.get("Keyring") if block else None

    @property
    def client_authentication(self) -> str | None:
        """What is asked of the client: ClientAuthType where the role asks for a certificate, else None."""
        return self.value("ClientAuthType") if (self.role or "").lower() == "serverwithclientauth" else None

    def shown(self) -> Json:
        """Return what happens to a connection as plain data. Passwords of key databases are not in it."""
        if not self.enabled:
            return {"enabled": False}
        names = [item for keyword in ("HostReferenceIdDNS", "HostReferenceIdCN") for item in self._all(keyword)]
        return {
            "enabled": True,
            "role": self.role,
            "protocols": self.protocols,
            "protocols_unknown": self.undecided,
            "ciphers": self.ciphers,
            "key_ring": self.key_ring,
            "client_authentication": self.client_authentication,
            "certificate_label": self.value("CertificateLabel"),
            "server_certificate_label": self.value("ServerCertificateLabel"),
            "host_references": [item.value for item in names],
            "application_controlled": self.on("ApplicationControlled"),
            "fips": self.value("FIPS140"),
        }

    def _all(self, keyword: str) -> list[Parameter]:
        return next((found for statement in self.statements if (found := statement.all(keyword))), [])


def _conditional(item: Parameter) -> bool:
    """Whether a reference is one of a rule's conditions, which are judged elsewhere."""
    return item.parent is not None and item.parent.kind == "TTLSRule" and not item.name.endswith("ActionRef")
