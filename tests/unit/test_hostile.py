# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huge and hostile policies, listings and answers: each ends in a sentence or a right result (docs/LIMITS.md).

They run in a process of their own, which ends when one takes too much processor time or memory. What is
promised is 5 s; what is allowed here is more, because a loaded machine says nothing about us.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.module_utils import der, stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import (
    desired,
    form,
    installed,
    match,
    plan,
    stack,
    text,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Examined
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.reports import listing, netstat
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import Level
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import running, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings, refresh, texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.attls import RULES
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import denials, names, racdcert, server_access
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import desired as saf_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import plan as saf_plan

CPU_SECONDS, MEMORY = 30, 500 * 1024 * 1024

BLANKS = " " * 10_000_000
DIGITS = "9" * 5000
GROUP = "TTLSGroupAction g\n{\n  TTLSEnabled Off\n}\n"
HEAD = "TCP/IP pasearch CS V3R1     Image Name: TCPIP\n"
RINGS = "Digital ring information for user A:\n"
ROWS = f"{RINGS}  Ring:\n  >X<\nCertificate Label Name  Cert Owner  USAGE  DEFAULT\n{'-' * 32} {'-' * 12} {'-' * 8} {'-' * 7}\n"
NEW = {"name": "new", "Direction": "Outbound", "RemotePortRange": 5003, "Priority": 77, "TTLSGroupActionRef": "g"}
CONNECTION = {"direction": "Outbound", "local_port": 40_000, "remote_port": 5003}


def rules(count: int, priority: object = 5, ports: object = None) -> str:
    return GROUP + "".join(
        f"TTLSRule r{n}\n{{\n  LocalPortRange {ports or n % 65000 + 1}\n  Direction Outbound\n  Priority {priority}\n"
        "  TTLSGroupActionRef g\n}\n"
        for n in range(count)
    )


def planned(policy: str, *wanted: dict[str, Any], **options: Any) -> int:
    """Return how many changes are planned."""
    how = desired.Options(**options)
    source = text.read_source(policy.encode(), name="policy")
    return len(plan.plan(source, desired.check({"TTLSRule": list(wanted)}, how), how).changes)


def matched(policy: str) -> str:
    found = match.match(stack.read({"stack": policy, "common": ""}), match.read(CONNECTION))
    return str(found["verdict"])


def held(report: str) -> str:
    policies = stack.read({"stack": rules(1, ports=5000), "common": ""})
    return installed.held(HEAD + report, policies, "r0", release="3.1").why


def wins(report: str) -> str | None:
    return installed.winner(HEAD + report, match.read(CONNECTION))


def listed(entry: str) -> int:
    return len(stores.parse(f"Your keystore contains 1 entr\n\nAlias name: a{entry}"))


def judged(policy: str) -> int:
    subject = Examined(stack.read({"stack": policy, "common": ""}), Level("3.1"))
    return len(findings.judge(subject, rules=RULES))  # type: ignore[arg-type]


def compared(element: str) -> list[str]:
    xml = '<server><httpEndpoint id="defaultHttpEndpoint" httpsPort="5002"><sslOptions sslRef="s"/></httpEndpoint></server>'
    return [
        str(one.attribute)
        for one in refresh.compare(texts.effective(xml)[0], running.parse(f"[{element}]")).differences
    ]


ENTRY = "\nCreation date: 1\nEntry type: trustedCertEntry\n"
DEEP = "policy:42: statements are nested deeper than 20 levels; add the } that is missing above, or remove what nobody reads."
NO_LISTING = "What keytool prints about the key store is not understood; nothing was changed."
NO_ENTRY = "What keytool prints about one of the store's entries is not understood; nothing was changed."
NO_REPORT = "what answers there is no Liberty that reports its configuration at /ibm/api/config; correct url."
CUT = "so it was cut or wrapped; give all that RACF printed, in lines of at least 80 columns."
NO_MATCH = "CLEARTEXT: no rule matches, and AT-TLS lets such connections pass without TLS and without an error."

# What is given, and what comes of it: the result, or the end of the sentence.
CASES: dict[str, tuple[Callable[[], object], object]] = {
    # Policies
    "a line of 10 MB blanks": (lambda: planned(f"{GROUP}TTLSRule a\n{{\n Direction Outbound{BLANKS}x\n}}\n", NEW), 1),
    "10 MB blanks before a comment": (lambda: matched(f"TTLSRule a\n{{\n Direction Inbound{BLANKS}#\n}}\n"), NO_MATCH),
    "a value of 300,000 braces": (
        lambda: len(form.structure(Policy(text.read_source(f"TTLSRule a\n{{\n J x{'{' * 300_000}x\n}}\n".encode(), name="p")))),
        1,
    ),
    "5,000 statements in each other": (lambda: planned("TTLSRule a\n{\n" * 5000 + "}\n" * 5000, NEW), DEEP),
    "20 statements in each other": (lambda: planned(GROUP + "A b\n{\n" * 20 + "}\n" * 20, NEW), 1),
    "comments at braces": (lambda: planned(f"TTLSRule a\n{{#x\n}}#y\n{GROUP}", NEW), 1),
    "10,000 rules": (lambda: planned(rules(10_000), NEW), 1),
    "10,000 rules, and 500 desired of the same priority": (
        lambda: planned(rules(10_000), *({**NEW, "name": f"w{n}", "RemotePortRange": n + 1, "Priority": 5, "LocalPortRange": 60_000} for n in range(500))),
        500,
    ),
    "findings on 10,000 rules": (lambda: judged(rules(10_000)), 10_000),
    "Priority of 5,000 digits in the file": (lambda: planned(rules(1, DIGITS), NEW), 1),
    "Priority of 5,000 digits in a desired statement": (lambda: planned(GROUP, {**NEW, "Priority": DIGITS}), "is no number from 1 to 2000000000."),
    "Priority as a number of 6,000 digits": (
        lambda: planned(GROUP, {**NEW, "Priority": 10**6000}),
        "config.TTLSRule[0].Priority: must be a text or a number, not a number of more than 20 digits.",
    ),
    "Priority changed from 5,000 digits": (lambda: planned(rules(1, DIGITS), {"name": "r0", "Priority": 5}), 1),
    "port of 5,000 digits in the file": (lambda: matched(rules(1, 5, DIGITS)), NO_MATCH),
    "port of 5,000 digits in a desired statement": (lambda: planned(GROUP, {**NEW, "RemotePortRange": DIGITS}), "is no port and no range of ports such as 5000-5010."),
    "a port in Arabic digits": (
        lambda: planned(GROUP, {**NEW, "RemotePortRange": "٣"}),
        "config.TTLSRule[0].RemotePortRange: '٣' is no port and no range of ports such as 5000-5010.",
    ),
    "a connection's port of 6,000 digits": (
        lambda: str(match.read({"direction": "Inbound", "local_port": 10**6000})),
        "connection.local_port: a number has more than 20 digits; nothing here is so large.",
    ),
    "a time before the first": (
        lambda: str(match.read({"direction": "Inbound", "time": "0001-01-01T00:00+14:00"})),
        "connection.time: '0001-01-01T00:00+14:00' is not a time such as 2026-11-26T17:00.",
    ),
    # Reports
    "ToAddr alone": (lambda: wins("policyRule: r\n Status: Active\n ToAddr: 192.0.2.1\n"), "pasearch: line 4 shows ToAddr without the From before it"),
    "PortTo alone": (lambda: wins("policyRule: r\n Status: Active\n LocalPortTo: 5000\n"), "pasearch: line 4 shows PortTo without the From before it"),
    "ToAddr alone, for evidence": (
        lambda: held(
            "policyRule: r0\n Status: Active\n ServiceDirection: Outbound\n No. Policy Action: 1\n policyAction: g\n ToAddr: 192.0.2.1\n"
            " Policy updated: x\n TTLS Action: g\n  Scope: Group\n  TTLSEnabled: Off\n  Policy updated: x\n"
        ),
        "The stack TCPIP holds rule r0, but not as the policy says.",
    ),
    "a whole range": (lambda: wins("policyRule: r\n Status: Active\n ServiceDirection: Outbound\n RemotePortFrom: 5003  RemotePortTo: 5003\n"), "r"),
    "a mask that is too short in a report": (
        lambda: wins("policyRule: r\n Status: Active\n Day of Week Mask: 0\n"),
        "pasearch: DayOfWeekMask 0 must be 7 times 0 or 1",
    ),
    "Priority of 5,000 digits in a report": (lambda: wins(f"policyRule: r\n Status: Active\n Priority: {DIGITS}\n"), "is not a number"),
    "5,000 digits of actions": (
        lambda: held(f"policyRule: r0\n ServiceDirection: Outbound\n No. Policy Action: {DIGITS}\n Policy updated: x\n"),
        "Rule r0 is not proven: the report is cut off at rule r0 (line 2). Give it whole.",
    ),
    "half an excuse, 200,000 times": (lambda: str(listing.excuse("no policies insufficient pagent " * 200_000)), "None"),
    "a group of 5,000 digits": (lambda: str(netstat.parse(f"NETSTAT CS V3R1 TCPIP\n g 00000001 {DIGITS}")), "Report(stack='TCPIP', connections=(), groups=())"),
    "a group": (lambda: str(netstat.parse("NETSTAT CS V3R1 TCPIP\n g 00000001 3")), "Report(stack='TCPIP', connections=(), groups=(('g', 3),))"),
    "100,000 connections": (lambda: len(netstat.parse("NETSTAT CS V3R1 TCPIP\n" + "LocalSocket: 1\n" * 100_000).connections), 100_000),  # type: ignore[union-attr]
    # Listings of RACF
    "100,000 empty lines": (lambda: str(racdcert.parse("\n" * 100_000).rings), "{}"),
    "50,000 rings": (lambda: len(racdcert.parse(RINGS + "".join(f"  Ring:\n  >X{n}<\n  No certificates connected\n" for n in range(50_000))).rings), 50_000),
    "50,000 certificates": (lambda: sum(len(ring.connections) for ring in racdcert.parse(ROWS + "  a  ID(A)  PERSONAL  NO\n" * 50_000).rings.values()), 50_000),
    "a row of 200,000 blanks": (lambda: len(racdcert.parse(f"{ROWS}{' ' * 200_000}x{' ' * 200_000}").rings), CUT),
    "a message of 200,000 words": (lambda: str(racdcert.parse(f"IRRD113I no {'no ' * 200_000}x")), "no no x"),
    "a filter of 250 blanks": (
        lambda: names.name_filter(f"CN=a{' ' * 200}b", "clients[0].subject"),
        f"clients[0].subject: 'CN=a{' ' * 200}b' holds 33 blanks in a row, where no line of a command can be cut; take some out.",
    ),
    "a filter of 32 blanks": (lambda: len(names.fold(f"RACDCERT MAP({names.name_filter('CN=a' + ' ' * 32 + 'b', 'x') * 4})")), 3),
    "a profile prefix of 200,000 characters": (lambda: names.profile_prefix("A." * 100_000 + "A", "zosconnect_access.profile_prefix"), "is no profile prefix, such as BBGZDFLT."),
    "a user ID that is no user ID, 200,000 times": (lambda: str(denials.read("ICH408I " + "USER(A) " * 200_000)), "()"),
    "a message of 200,000 blanks": (lambda: str(denials.read(f"ICH408I{' ' * 200_000}USER(A) x")), "()"),
    "50,000 messages": (lambda: len(denials.read("".join(f"CWWKS2907E: because user U{n} has insufficient authority to access APPL-ID A.\n" for n in range(50_000)))), 50_000),
    # Listings of keytool
    "100,000 empty lines in an entry": (lambda: listed(f"{ENTRY}{chr(10) * 100_000}Z"), 1),
    "100,000 empty lines in an alias": (lambda: listed(f"{chr(10) * 100_000}Z"), NO_ENTRY),
    "100,000 stars": (lambda: listed(f"{chr(10)}{'*' * 100_000}{chr(10)}" * 2), NO_ENTRY),
    "40,000 certificates that begin": (lambda: listed(ENTRY + "-----BEGIN CERTIFICATE-----\n" * 40_000), "What keytool prints about the entry a is not understood; nothing was changed."),
    "40,000 requests that begin": (lambda: str(stores._REQUEST.search("-----BEGIN NEW CERTIFICATE REQUEST-----" * 40_000)), "None"),
    "5,000 digits of entries": (lambda: str(stores.parse(f"contains {DIGITS} entr\n\nAlias name: a{ENTRY}")), NO_LISTING),
    "commas of entries": (lambda: str(stores.parse(f"contains ,, entr\n\nAlias name: a{ENTRY}")), NO_LISTING),
    "a chain of 5,000 digits": (lambda: listed(f"{ENTRY}Certificate chain length: {DIGITS}\n"), "What keytool prints about the entry a is not understood; nothing was changed."),
    # Certificates
    "10 MB of nesting": (lambda: str(der.read_certificate(b"\x30\x84" + (10_000_000).to_bytes(4, "big") + b"\x30" * 10_000_000)), "longer than 1000000 bytes"),
    "1 MB of empty elements": (lambda: str(der.read_certificate(_sequence(_sequence(b"\x05\x00" * 490_000)))), "found tag 0x05 where 0x30 belongs"),
    "an object identifier of 200,000 bytes": (lambda: der._oid(b"\xff" * 200_000 + b"\x01"), "an object identifier of more than 128 bytes"),
    "an object identifier of a UUID": (lambda: der._oid(bytes.fromhex("69") + b"\x81" * 18 + b"\x01")[:5], "2.25."),
    # Answers of a server
    "200,000 [": (lambda: str(running.parse("[" * 200_000)), NO_REPORT),
    "200,000 mappings": (lambda: str(running.parse('[{"configElementName":' + '{"a":' * 200_000)), NO_REPORT),
    "60 mappings in each other": (lambda: str(running.parse('[{"configElementName": "a", "b": ' + '{"a": ' * 60 + "1" + "}" * 60 + "}]")), NO_REPORT),
    "a name that is a number": (lambda: str(running.parse('[{"configElementName": 1}]')), NO_REPORT),
    "an id that is a list, deep inside": (lambda: str(running.parse('[{"configElementName": "a", "b": [{"uid": []}]}]')), NO_REPORT),
    "a number of 5,000 digits": (lambda: str(running.parse(f'[{{"configElementName": "a", "b": {DIGITS}}}]')), NO_REPORT),
    "a reference without an id, and a name of no letters": (
        lambda: "sslRef" in compared('{"configElementName": "httpEndpoint", "uid": "httpEndpoint[defaultHttpEndpoint]", "": 1, "sslOptions": {"sslRef": {}}}'),
        True,
    ),
    "a duration of 5,000 digits": (lambda: values.duration(DIGITS, 1), 0),
    "an answer as it should be": (lambda: len(running.parse('[{"configElementName": "a", "uid": "a[1]", "b": [{"c": 1}]}]')), 1),
}  # fmt: skip


def _sequence(data: bytes) -> bytes:
    return b"\x30\x84" + len(data).to_bytes(4, "big") + data


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    """What came of each case, up to the one that did not end."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, env=environment, check=False)
    return {"stderr": done.stderr[-2000:], **dict(json.loads(line) for line in done.stdout.splitlines())}


@pytest.mark.parametrize("name", CASES)
def test_it_ends(name: str, answers: dict[str, Any]) -> None:
    assert name in answers, answers["stderr"]
    answer, expected = answers[name], CASES[name][1]
    if isinstance(expected, str):
        assert answer[-len(expected) or None :] == expected or (expected.endswith(".") and answer.startswith(expected))
    else:
        assert answer == expected


def calls(run: Callable[[], object]) -> int:
    """Return how many calls a run takes: the same on every machine and under any load."""
    count = 0

    def tick(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tick)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


def callers(size: int) -> object:
    """Plan the access of so many callers; RACF has none of them as a user ID, and every second one as a group."""
    users = [f"U{n}" for n in range(size)]
    access = {"profile_prefix": "A", "profile_pattern": server_access.PATTERN, "to_upper_case": False, "users": users}
    access["unauthenticated_user"] = "GUEST"
    options: dict[str, Any] = {"certificates": None, "used_by_cics": False, "users": [], "clients": []}
    want = saf_desired.check({**options, "zosconnect_access": access}, "merged")
    lines = [f"LISTUSER {name} OMVS\nICH30001I UNABLE TO LOCATE USER ENTRY {name}\n" for name in users]
    lines += [f"INFORMATION FOR GROUP {name}\nNO OMVS INFORMATION\n" for name in users[::2]]
    return saf_plan.plan(want, racdcert.parse("".join(lines)), complete=False).texts


def opened(size: int) -> object:
    """Evaluate so many elements, nested ones too, of which each is open in two ways."""
    inner = '<apiRequester name="${id}"/>' * size
    of_ssl = '<ssl sslProtocol="${e}" enabledCiphers="${e+1}" keyStoreRef="${id}"/>\n' * size
    of_saf = '<safCredentials profilePrefix="${e}" unauthenticatedUser="${e+1}"/>\n' * size
    text = f"<server>{of_ssl}{of_saf}<zosconnect_apiRequesters>{inner}</zosconnect_apiRequesters></server>"
    return texts.effective({"server.xml": text, "server.env": "e=1"})


GROWING: dict[str, Callable[[int], object]] = {
    "one desired rule among many": lambda size: planned(rules(size), NEW),
    "many desired rules": lambda size: planned(GROUP, *({**NEW, "name": f"w{n}", "RemotePortRange": n + 1} for n in range(size))),
    "many desired rules among many": lambda size: planned(
        rules(size), *({**NEW, "name": f"w{n}", "Priority": 5, "LocalPortRange": 60_000 + n} for n in range(size))
    ),
    "many changes": lambda size: planned(rules(size), *({"name": f"r{n}", "Priority": n + 9} for n in range(size))),
    "a match": lambda size: matched(rules(size)),
    "findings": lambda size: judged(rules(size)),
    "what the order decides": opened,
    "rings": lambda size: racdcert.parse(RINGS + "".join(f" Ring:\n >X{n}<\n No certificates connected\n" for n in range(size))),
    "callers of a server": callers,
    "entries of a store": lambda size: listed(f"{ENTRY}{pem_lines(size)}"),
}  # fmt: skip


def pem_lines(size: int) -> str:
    return "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" * size


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_size_takes_twice_the_work(name: str) -> None:
    run = GROWING[name]
    run(10)  # what is made once
    assert calls(lambda: run(400)) <= 2.3 * calls(lambda: run(200))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    for name, (run, _expected) in CASES.items():
        # Python itself cannot end a regular expression, the system can.
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        try:
            found = run()
        except (SecurityError, stores.StoreError, der.DerError) as e:
            found = str(e)
        print(json.dumps([name, found]), flush=True)


if __name__ == "__main__":
    main()
