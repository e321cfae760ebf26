# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``pasearch -t`` and ``netstat -x COnn`` print about policy texts."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import match, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack, read

Json = dict[str, Any]
FAILURES = {
    "none": "no policies retrieved\n",
    "down": "EZZ8440I PAGENT CANNOT CONNECT: EDC8128I Connection refused.\n",
    "unauthorised": "EDC5139I Operation not permitted.\n",
}
_STAMP = "Thu Nov 26 17:00:00 2026"
_CODES = {"TLS_AES_256_GCM_SHA384": "1302", "TLS_AES_128_GCM_SHA256": "1301"}


def pasearch(policies: Stack, *, image: str = "TCPIP", release: str = "3.1") -> str:
    """Return the report of a stack that holds ``policies``."""
    head = [
        "",
        f"TCP/IP pasearch CS {release:<22}Image Name: {image:<24}",
        "  Date:                 11/26/2026        Time:  17:01:02 ",
        "  TTLS Instance Id:     1795712462",
        "",
    ]
    blocks = [line for one in match.candidates(policies, release) for line in [*_rule(one), ""]]
    return "\n".join([*head, *blocks])


def _rule(one: match.Candidate) -> Iterator[str]:
    actions = one.actions
    assert actions is not None
    asked = one.criteria
    named = [
        (kind, action)
        for kind in ("Group", "Environment", "Connection")
        if (action := actions.action(f"TTLS{kind}Action"))
    ]
    yield f"policyRule:             {one.name:<47}"
    yield "  Rule Type:            TTLS                                           "
    yield "  Version:              3                 Status:            Active          "
    yield f"  Weight:               {asked.priority:<18}ForLoadDist:       False "
    yield f"  Priority:             {asked.priority:<18}Sequence Actions:  Don't Care  "
    yield f"  No. Policy Action:    {len(named)}"
    for kind, action in named:
        yield f"  policyAction:         {action.name:<47}"
        yield f"   ActionType:          TTLS {kind:<11}"
        yield "   Action Sequence:     0               "
    yield from _times(one)
    yield "  TTLS Condition Summary:                 NegativeIndicator: Off"
    for side in ("Local", "Remote"):
        yield f"   {side} Address:"
        first, last = _envelope(getattr(asked, f"{side.lower()}_addresses"))
        yield f"    FromAddr:           {first:<46}"
        yield f"    ToAddr:             {last:<46}"
    for side in ("Local", "Remote"):
        first, last = _envelope(getattr(asked, f"{side.lower()}_ports"), "0")
        yield f"   {side + 'PortFrom:':<21}{first:<18}{side + 'PortTo:':<19}{last:<6}"
    yield f"   JobName:             {asked.job_name or '':<18}UserId:            {asked.user_id or '':<16}"
    yield f"   ServiceDirection:    {asked.direction:<16}"
    yield from _stamps("  ")
    for kind, action in named:
        yield ""
        yield from _action(kind, action, actions)


def _envelope(ranges: Any, anything: str = "All") -> tuple[str, str]:
    """Return the lowest and the highest value, which is what the summary shows of several ranges."""
    if not ranges:
        return anything, anything
    return str(min(low for low, _high in ranges)), str(max(high for _low, high in ranges))


def _times(one: match.Candidate) -> Iterator[str]:
    times = one.criteria.time
    days = (times.days if times else "").ljust(31, "1") or "1" * 31
    yield "  Time Periods:"
    yield "   Day of Month Mask:"
    yield f"   First to Last:       {days[:31]}"
    yield f"   Last to First:       {days[31:] or '1' * 31}"
    yield f"   Month of Yr Mask:    {(times and times.months) or '1' * 12}    "
    yield f"   Day of Week Mask:    {(times and times.weekdays) or '1' * 7}  (Sunday - Saturday)"
    first, last = times.hours[0] if times and times.hours else ("00:00", "24:00")
    yield f"   Fr TimeOfDay:        {first:<18}To TimeOfDay:      {last:<16}"
    yield f"   TimeZone:            {'Utc' if times and times.utc else 'Local':<16}"


def _stamps(indent: str) -> Iterator[str]:
    yield f"{indent}Policy created: {_STAMP}"
    yield f"{indent}Policy updated: {_STAMP}"


def _action(kind: str, action: Statement, actions: Actions) -> Iterator[str]:
    yield f"  TTLS Action:                  {action.name:<47}"
    yield "    Version:                    3               "
    yield "    Status:                     Active  "
    yield f"    Scope:                      {kind}"
    yield from _values(action, "    ", actions.stack)
    if kind == "Group":
        for keyword, default in (("CtraceClearText", "Off"), ("FIPS140", "Off")):
            if action.get(keyword) is None:
                yield f"    {keyword + ':':<28}{default:<15}"
    for block in ("TTLSKeyringParms", f"TTLS{kind}AdvancedParms", "TTLSCipherParms"):
        part = actions.stack.part(action, block)
        if part or (kind == "Environment" and block.endswith("AdvancedParms")):
            yield f"    {block}:"
            yield from (
                _advanced(part, actions.release or statements.NEWEST)
                if kind == "Environment" and "Advanced" in block
                else _values(part, "     ", actions.stack)
            )
    yield from _stamps("    ")


def _advanced(part: Statement | None, release: str) -> Iterator[str]:
    """Show what is written, and the defaults of what is not."""
    table = statements.find("TTLSEnvironmentAdvancedParms")
    assert table is not None
    for parameter in table.parameters.values():
        value = (part.get(parameter.name) if part else None) or parameter.default(release)
        if value is not None and not statements.older(release, parameter.since):
            yield f"     {parameter.name + ':':<27}{value:<15}"


def _values(part: Statement | None, indent: str, stack: Stack) -> Iterator[str]:
    ciphers: list[str] = []
    for item in part.parameters if part else ():
        if item.name.startswith("V3CipherSuites"):
            width = 4 if item.name.endswith("4Char") else 2
            ciphers += [item.value] if "_" in item.value else re.findall("." * width, item.value)
        elif not item.name.endswith("Ref") and item.name != "KeyringPw":
            yield f"{indent}{item.name + ':':<{32 - len(indent)}}{item.value:<15}"
    if ciphers:
        yield f"{indent}v3CipherSuites:"
    for cipher in ciphers:
        code = _CODES.get(cipher, "C0FF") if "_" in cipher else f"{cipher:0>4}"
        yield f"{indent} {code.upper()}  {cipher if '_' in cipher else 'TLS_CIPHER_' + code}"


def netstat(
    policies: Stack, connection: Json, *, number: str = "0000002B", stack: str = "TCPIP", release: str = "3.1"
) -> str:
    """Return the report on one connection that the stack got under ``policies``."""
    found = match.match(policies, match.read(connection), release)
    rule = next((rule for rule in policies.rules if rule.name == found["rule"]), None)
    does = found["does"] or {}
    level = does["protocols"][-1] if does.get("protocols") and not found["cleartext"] else None
    lines = [
        f"MVS TCP/IP NETSTAT CS V{release.replace('.', 'R')}       TCPIP Name: {stack:<16}17:02:03",
        f"ConnID: {number}",
        f"  JobName:      {connection.get('job_name', '')}",
        f"  LocalSocket:  {connection.get('local_address')}..{connection.get('local_port')}",
        f"  RemoteSocket: {connection.get('remote_address')}..{connection.get('remote_port')}",
        f"  SecLevel:     {level.replace('TLSv', 'TLS Version ') if level else 'N/A'}",
        f"  Cipher:       {'1302 TLS_AES_256_GCM_SHA384' if level else 'N/A'}",
        "  CertUserID:   N/A",
        f"  TTLSRule:     {found['rule'] or 'N/A'}",
    ]
    for kind in ("Group", "Environment", "Connection"):
        name = rule.get(f"TTLS{kind}ActionRef") if rule else None
        lines.append(
            f"    TTLS{ {'Group': 'Grp', 'Environment': 'Env', 'Connection': 'Conn'}[kind] }Action:  {name or 'N/A'}"
        )
    return "\n".join(lines) + "\n"


def groups(policies: Stack, *, stack: str = "TCPIP", release: str = "3.1") -> str:
    """Return the report on group actions."""
    names = sorted({name for rule in policies.rules if (name := rule.get("TTLSGroupActionRef"))})
    lines = [
        f"MVS TCP/IP NETSTAT CS V{release.replace('.', 'R')}       TCPIP Name: {stack:<16}17:02:03",
        "TTLSGrpAction                             Group ID           Conns",
        "----------------------------------------  -----------------  -----",
        *(f"{name:<42}{number:08X}           {1:>5}" for number, name in enumerate(names, 1)),
    ]
    return "\n".join(lines) + "\n"


def world() -> tuple[Json, Stack]:
    """Return what the file that FAKE_ZOS names describes, and the policies in it."""
    state = json.loads(Path(os.environ["FAKE_ZOS"]).read_text(encoding="utf-8"))
    texts: Json = {
        key: {"path": path, "text": Path(path).read_text(encoding="utf-8")}
        for key, path in state["policies"].items()
        if path
    }
    if state["state"] == "empty":
        texts = {"stack": "# nothing\n"}
    return state, read({"common": "", **texts})


def fail(state: str) -> None:
    """Say what the command says in this state, and end; come back where it works."""
    if state in FAILURES:
        sys.stderr.write(FAILURES[state])
        sys.exit(1)
