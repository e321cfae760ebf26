# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a policy text to the stand-in for AT-TLS that does what it says. See README.md.

    python tests/zos/attls_policy.py start --dir DIR --policy FILE --rule NAME --listen HOST:PORT --to HOST:PORT
        --ring OWNER/RING=FOLDER [--userid ID] [--source HOST]
    python tests/zos/attls_policy.py stop --dir DIR

Without `--rule` it passes on in clear, as AT-TLS does where no rule matches.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "liberty"))

import kept
from attls_standin import Address, Rings, Tls, start
from testbed import TestBedError, say

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

ENVIRONMENT, CONNECTION = "TTLSEnvironmentAdvancedParms", "TTLSConnectionAdvancedParms"
# What would change a handshake but has no counterpart here; with the values, in lower case, that mean nothing special.
NOT_HERE = {
    "ApplicationControlled": {"off"},
    "HostReferenceIdCN": set[str](),
    "HostRefWildcardValidation": set[str](),
    "ServerCertificateLabel": set[str](),
    "TruncatedHMAC": {"off", "optional"},
    "SuiteBProfile": {"off"},
    "FIPS140": {"off"},
    "ClientHandshakeSNI": {"off", "optional"},
    "ServerHandshakeSNI": {"off", "optional"},
    "ClientMaxSSLFragment": {"off", "optional"},
    "ServerMaxSSLFragment": {"off", "optional"},
    "KeyringPw": set[str](),
    "KeyringStashFile": set[str](),
}


def fronts(rule: Statement | None, *, release: str = "2.5") -> Tls | None:
    """What AT-TLS does to a connection that this rule wins; None: it stays in clear.

    Args:
        rule: the TTLSRule that wins, or None where none matches.
        release: of z/OS, for what the policy leaves to defaults.

    Raises:
        TestBedError: the policy wants what the stand-in cannot do, or lacks what AT-TLS needs.
    """
    if rule is None:
        return None
    group = _action(rule, "TTLSGroupAction")
    if group is None or (group.get("TTLSEnabled") or "").lower() != "on":
        return None
    environment, connection = _action(rule, "TTLSEnvironmentAction"), _action(rule, "TTLSConnectionAction")
    if environment is None:
        raise TestBedError(f"TTLSRule {rule.name} enables TLS without a TTLSEnvironmentAction.")
    levels = _Levels(environment, connection, release)
    keyring = environment.part("TTLSKeyringParms")
    _refuse(rule, [group, environment, keyring, *levels.advanced])
    return Tls(
        role=_known(levels.action("HandshakeRole"), "TTLSEnvironmentAction", "HandshakeRole"),
        protocols=frozenset(name for name in statements.PROTOCOLS if levels.value(name).lower() == "on"),
        keyring=(keyring.get("Keyring") if keyring else None) or "",
        label=levels.written("CertificateLabel"),
        client_auth=_known(levels.value("ClientAuthType"), ENVIRONMENT, "ClientAuthType"),
        ciphers=levels.ciphers(),
        host_names=levels.host_names(),
    )


class _Levels:
    """Environment and connection action of a rule: what the connection action says counts."""

    def __init__(self, environment: Statement, connection: Statement | None, release: str) -> None:
        self.actions = [action for action in (connection, environment) if action]
        parts = [action.part(kind) for action in self.actions for kind in (CONNECTION, ENVIRONMENT)]
        self.advanced = [part for part in parts if part]
        self._release = release

    def action(self, name: str) -> str:
        """A parameter of the actions themselves."""
        return next((found for action in self.actions if (found := action.get(name))), "")

    def written(self, name: str) -> str | None:
        """An advanced parameter, as somebody wrote it."""
        return next((found for part in self.advanced if (found := part.get(name))), None)

    def value(self, name: str) -> str:
        """An advanced parameter, with the release's default; Off for what the release does not know."""
        known = statements.find(ENVIRONMENT)
        parameter = known.parameter(name) if known else None
        default = parameter.default(self._release) if parameter else None
        return self.written(name) or default or "Off"

    def host_names(self) -> tuple[str, ...]:
        found = [part.all("HostReferenceIdDNS") for part in self.advanced]
        return tuple(parameter.value for parameter in next(filter(None, found), []))

    def ciphers(self) -> tuple[str, ...]:
        """The codes of four digits count, where there are any."""
        block = next((part for action in self.actions if (part := action.part("TTLSCipherParms"))), None)
        if block is None:
            return ()
        written = block.all("V3CipherSuites4Char") or block.all("V3CipherSuites")
        return tuple(code for one in written if one.type for code in values.codes(one.type.kind, one.value))


def _action(rule: Statement, kind: str) -> Statement | None:
    """The action that a rule refers to.

    Raises:
        TestBedError: it refers to one that is not there.
    """
    reference = rule.parameter(f"{kind}Ref")
    found = rule.policy.target(reference)
    if reference and not found:
        raise TestBedError(f"{kind} {reference.value}, which TTLSRule {rule.name} refers to, is not in the policy.")
    return found


def _refuse(rule: Statement, parts: list[Statement | None]) -> None:
    for part in filter(None, parts):
        for parameter in part.parameters:
            if parameter.name in NOT_HERE and parameter.value.lower() not in NOT_HERE[parameter.name]:
                raise TestBedError(
                    f"{part.policy.source.name}:{parameter.line}: the stand-in for AT-TLS cannot do what "
                    f"{parameter.name} of TTLSRule {rule.name} asks for; take it out, or try it on z/OS."
                )


def _known(value: str, kind: str, name: str) -> str:
    """An option as IBM writes it.

    Raises:
        TestBedError: it is none.
    """
    statement = statements.find(kind)
    parameter = statement.parameter(name) if statement else None
    for option in parameter.options if parameter else ():
        if option.lower() == value.lower():
            return option
    raise TestBedError(f"{name} {value!r} is none that AT-TLS knows.")


def rule_of(path: Path, name: str, *, encoding: str) -> Statement:
    """The rule of this name in a file."""
    rule = Policy(read_source(path.read_bytes(), name=str(path), encoding=encoding)).find("TTLSRule", name)
    if rule is None:
        raise TestBedError(f"There is no TTLSRule {name} in {path}.")
    return rule


def address(text: str) -> Address:
    """HOST:PORT."""
    host, _colon, port = text.rpartition(":")
    return host, int(port)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="A stand-in for AT-TLS, which does what a policy says.")
    commands = parser.add_subparsers(dest="command", required=True)
    starting, stopping = commands.add_parser("start"), commands.add_parser("stop")
    for command in (starting, stopping):
        command.add_argument("--dir", type=Path, required=True)
    starting.add_argument("--policy", type=Path)
    starting.add_argument("--rule", help="the rule that wins; without one everything stays in clear")
    starting.add_argument("--encoding", default="utf-8", help="of the policy")
    starting.add_argument("--release", default="2.5", help="of z/OS, for defaults")
    starting.add_argument("--listen", type=address, required=True)
    starting.add_argument("--to", type=address, required=True)
    starting.add_argument("--source", help="address that connections come from")
    starting.add_argument("--ring", action="append", default=[], help="OWNER/RING=FOLDER")
    starting.add_argument("--userid", default="", help="whose connections these are")
    starting.add_argument("--lifetime", type=float, default=3600, help="seconds after which it ends by itself (3600)")
    chosen = parser.parse_args()
    try:
        run_command(chosen)
    except (TestBedError, SecurityError) as problem:
        say(str(problem))
        return 1
    return 0


def run_command(chosen: argparse.Namespace) -> None:
    """Do what the command line asked for."""
    folder = chosen.dir.resolve()
    if chosen.command == "stop":
        kept.end(folder)
        return
    rings = {name: Path(path).resolve() for name, path in (ring.split("=", 1) for ring in chosen.ring)}
    rule = rule_of(chosen.policy, chosen.rule, encoding=chosen.encoding) if chosen.rule else None
    start(
        fronts(rule, release=chosen.release),
        listen=chosen.listen,
        to=chosen.to,
        rings=Rings(rings, userid=chosen.userid),
        folder=folder,
        source=chosen.source,
        lifetime=chosen.lifetime,
    )


if __name__ == "__main__":
    sys.exit(main())
