# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule does with its connections: the three actions that it refers to, seen as one.

What a connection action says beats what the environment action says (IBM z/OS Communications Server IP Configuration
Reference, "TTLSConnectionAction statement"); what neither says is the default of the release, from ``statements``.

A protocol that is on can be negotiated only with a cipher suite that is for it. The suites of TLS 1.3 are in no default
list of System SSL (z/OS 2.4 and 2.5, "Required updates to enable TLS V1.3 protocol support"). With a SuiteBProfile the
suites of TTLSCipherParms do not count, and only TLS 1.2 can be used (z/OS 3.1, TTLSEnvironmentAdvancedParms).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import faults, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack, place
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

Json = dict[str, Any]

# The kind of action, and the block with its advanced parameters.
CONNECTION = ("TTLSConnectionAction", "TTLSConnectionAdvancedParms")
_ROLES = ("Client", "Server", "ServerWithClientAuth")
ENVIRONMENT = ("TTLSEnvironmentAction", "TTLSEnvironmentAdvancedParms")
GROUP = ("TTLSGroupAction", "TTLSGroupAdvancedParms")


@dataclass(frozen=True)
class Actions:
    """The actions of one rule, for one release of z/OS; without a release no default is known where releases differ.

    ``rule`` may be an environment action as well, which then is all that is known.
    """

    stack: Stack
    rule: Statement
    release: str | None = statements.NEWEST

    def action(self, kind: str) -> Statement | None:
        """Return the action of this kind that the rule refers to; None without one."""
        return self.rule if self.rule.kind == kind else self.stack.target(self.rule.parameter(f"{kind}Ref"))

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

    @cached_property
    def _referred(self) -> list[Statement]:
        """The actions that the rule refers to."""
        found = (self.action(kind) for kind, _advanced in (CONNECTION, ENVIRONMENT, GROUP))
        return [action for action in found if action]

    @property
    def dangling(self) -> list[Parameter]:
        """The references of the rule and its actions that lead nowhere; those of conditions are judged elsewhere."""
        own = [item for item in self.rule.references if not _conditional(item) and self.stack.target(item) is None]
        return [*own, *(item for action in self._referred for item in self.stack.lost(action))]

    @property
    def lacking(self) -> list[str]:
        """The actions that the rule has to refer to and does not."""
        needed = [GROUP[0], *([ENVIRONMENT[0]] if self.on("TTLSEnabled") else [])]
        return [kind for kind in needed if not self.rule.parameter(f"{kind}Ref")]

    @cached_property
    def lacks_actions(self) -> bool:
        """Whether something that the rule needs is not there, so that nobody can say all that it does."""
        return bool(self.lacking or self.dangling)

    @property
    def broken(self) -> list[str]:
        """Sentences about why the Policy Agent does not install the rule: what it lacks, and what is wrong."""
        return [
            *(f"{place(item)}: {item.name} {item.value} leads nowhere." for item in self.dangling),
            *(f"{place(self.rule)}: {self.rule.title} has no {kind}Ref." for kind in self.lacking),
            *(f"{place(fault.item)}: {fault.sentence}" for fault in self._faults()),
        ]

    def _faults(self) -> Iterator[Hit]:
        # What else a rule has to have is judged above, and with its conditions.
        yield from faults.nameless(self.rule)
        yield from faults.unasked(self.rule)
        yield from faults.wrong_values(self.rule)
        yield from faults.unknown(self.rule)
        for action in self._referred:
            yield from self.stack.faults(action, self.release)

    @property
    def enabled(self) -> bool:
        return self.on("TTLSEnabled")

    @property
    def is_application_controlled(self) -> bool:
        """Whether the program itself has to start TLS; neither CICS nor Liberty does."""
        return self.on("ApplicationControlled")

    @property
    def switched_on(self) -> list[str]:
        """The protocols that are on, whether or not a cipher suite is for them."""
        return [protocol for protocol in statements.PROTOCOLS if self.on(protocol)]

    @property
    def protocols(self) -> list[str]:
        """The protocols that a connection can get."""
        return [protocol for protocol in self.switched_on if self._has_suite(protocol)]

    @property
    def unusable(self) -> list[str]:
        """The protocols that are on, and that no cipher suite is for."""
        return [protocol for protocol in self.switched_on if not self._has_suite(protocol)]

    def _has_suite(self, protocol: str) -> bool:
        """Whether a suite is for the protocol; SSL 2.0 has lists of its own."""
        if self.suite_b:
            return protocol == "TLSv1.2"
        if protocol == "SSLv2":
            return True
        if self.ciphers:
            return any(protocol in ciphers.protocols(suite) for suite in self.ciphers)
        return protocol != "TLSv1.3"

    @cached_property
    def unencrypted(self) -> list[str]:
        """The suites that a connection can get, and that encrypt nothing (RFC 9325, section 4.1)."""
        return [suite for suite in self._usable if not ciphers.encrypts(suite)]

    @property
    def encrypts(self) -> bool:
        """Whether some connection can get a suite that encrypts; SSL 2.0 has no other ones."""
        others = len(self.unencrypted) < len(self._usable) or self.on("SSLv2")
        return others or not self.unencrypted

    @property
    def _usable(self) -> list[str]:
        maybe_on = {*self.switched_on, *self.undecided}
        return [suite for suite in self.ciphers if ciphers.protocols(suite) & maybe_on]

    @property
    def doubts(self) -> list[str]:
        """Sentences about partners that get something else than others, though they get the same rule."""
        if not self.enabled or not self.unencrypted or not self.encrypts:
            return []
        who = f"{place(self.rule)}: {self.rule.title}"
        which = several(self.unencrypted)
        sentence = f"{who} has, beside others, ciphers that do not encrypt: {which}. A partner may get one of those."
        return [sentence]

    @property
    def undecided(self) -> list[str]:
        """The protocols that are left to a default that depends on the release, where nobody told that."""
        known = [protocol for protocol in statements.PROTOCOLS if self.exists(protocol)]
        return [protocol for protocol in known if self.value(protocol) is None]

    def exists(self, keyword: str) -> bool:
        """Whether the release has a parameter of environments of this name."""
        type_ = statements.find(ENVIRONMENT[1])
        parameter = type_.parameter(keyword) if type_ else None
        return parameter is not None and parameter.exists(statements.Level(self.release))

    @property
    def suite_b(self) -> str | None:
        """The SuiteBProfile, where one is on."""
        profile = self.value("SuiteBProfile")
        return None if profile is None or profile.lower() == "off" else profile

    @property
    def written_ciphers(self) -> list[str]:
        """The suites of TTLSCipherParms: names, or codes of four digits, in order."""
        block = self.part("TTLSCipherParms")
        return suites(block) if block else []

    @cached_property
    def ciphers(self) -> list[str]:
        """The suites that count, as they are written, else System SSL's own; none where that list is not known."""
        if self.suite_b:
            return []
        return self.written_ciphers or list(statements.DEFAULT_CIPHERS.get(self.release or "", ()))

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

    @property
    def host_references(self) -> list[str]:
        """Whose certificates are accepted of servers; none where any name is."""
        keywords = ("HostReferenceIdDNS", "HostReferenceIdCN")
        return [item.value for keyword in keywords for item in self._all(keyword)]

    def shown(self) -> Json:
        """Return what happens to a connection as plain data. Passwords of key databases are not in it."""
        if not self.enabled:
            return {"enabled": False}
        return {
            "enabled": True,
            "role": self.role,
            "protocols": self.protocols,
            "protocols_unusable": self.unusable,
            "protocols_unknown": self.undecided,
            "ciphers": self.ciphers,
            "key_ring": self.key_ring,
            "client_authentication": self.client_authentication,
            "certificate_label": self.value("CertificateLabel"),
            "server_certificate_label": self.value("ServerCertificateLabel"),
            "host_references": self.host_references,
            "application_controlled": self.is_application_controlled,
            "fips": self.value("FIPS140"),
        }

    def _all(self, keyword: str) -> list[Parameter]:
        return next((found for statement in self.statements if (found := statement.all(keyword))), [])


def suites(block: Statement) -> list[str]:
    """Return the suites of a TTLSCipherParms for SSL 3.0 and later: names, and codes of four digits."""
    return [suite for item in block.parameters for suite in faults.suites_of(item)]


def _conditional(item: Parameter) -> bool:
    """Whether a reference is one of a rule's conditions, which are judged elsewhere."""
    return item.parent is not None and item.parent.kind == "TTLSRule" and not item.name.endswith("ActionRef")
