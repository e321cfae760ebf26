# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether work grows as its input does: every stage over every shape of a large configuration, at one size and at twice
of it. Quadratic work takes four times as long, linear work twice as long. ``make scaling`` prints the ratios.

What the shapes have in common is that somebody could write them; what they differ in is what there is many of.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import diff
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, document
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import NO_KEYS
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    findings,
    outbound,
    ports,
    report,
    require_secure,
    shadows,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import references as key_references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import evaluated

FOLDER, FILE = "/srv/servers/z", "/srv/servers/z/server.xml"
Desired = list[dict[str, Any]]
# Doubled work may take a little more than twice the time: memory grows away from the caches.
MOST = 2.3


@dataclass
class Case:
    """A server.xml, other files by their path in the server's directory, and what is desired of the server.xml."""

    text: str
    wanted: Desired
    others: dict[str, bytes] = field(default_factory=dict)

    @property
    def content(self) -> dict[str, bytes]:
        return {FILE: self.text.encode(), **{f"{FOLDER}/{path}": data for path, data in self.others.items()}}


def repeated(line: str, count: int, around: str = "{}") -> str:
    """Return ``count`` lines, ``#`` replaced by the number of each, in a server.xml."""
    return "<server>\n" + around.format("".join(line.replace("#", str(i)) + "\n" for i in range(count))) + "</server>\n"


def named(element: str, count: int, prefix: str = "a", **attributes: object) -> Desired:
    return [{"element": element, "attributes": {"name": f"{prefix}{i}", **attributes}} for i in range(count)]


def requesters(children: Desired, state: str = "merged") -> Desired:
    return [{"element": "zosconnect_apiRequesters", "state": state, "children": children}]


ALL = "<zosconnect_apiRequesters>\n{}</zosconnect_apiRequesters>\n"
REQUESTER = '<apiRequester name="a#" requireSecure="false"/>'
_STORES = '<keyStore id="k#" password="secret-#" location="f#.p12"/>'
_PORT = '<httpEndpoint id="e#" httpPort="-1" httpsPort="#" sslOptionsRef="o#"/><sslOptions id="o#" sslRef="s#"/>'
_CALL = '<zosconnect_endpointConnection id="c#" host="https://h#" port="443" sslCertsRef="none#"/>'
_ONE = [{"element": "httpEndpoint", "id": "x", "attributes": {"httpPort": 1}}]

# Shape → the case with about so many elements. What is changed is a tenth of it, but where one element is many desired rules.
SHAPES: dict[str, Callable[[int], Case]] = {
    "requesters, all changed": lambda n: Case(
        repeated(REQUESTER, n, ALL), requesters(named("apiRequester", n, requireSecure=True))
    ),
    "requesters, all new": lambda n: Case(repeated("", 0, ALL), requesters(named("apiRequester", n))),
    "requesters, all removed": lambda n: Case(
        repeated(REQUESTER, n, ALL), requesters([{**one, "state": "absent"} for one in named("apiRequester", n)])
    ),
    "requesters, half of them replaced": lambda n: Case(
        repeated(REQUESTER, n, ALL),
        requesters(named("apiRequester", n)[::2] + named("apiRequester", n // 2, "b"), "replaced"),
    ),
    "requesters, all of them others": lambda n: Case(
        repeated(REQUESTER, n // 2, ALL),
        requesters(
            [{**one, "state": "absent"} for one in named("apiRequester", n // 2)] + named("apiRequester", n // 2, "b")
        ),
    ),
    "requesters, each in a parent of its own": lambda n: Case(
        repeated(ALL.format(REQUESTER), n // 2), requesters(named("apiRequester", n // 20, requireSecure=True))
    ),
    "requesters of one name": lambda n: Case(repeated(REQUESTER.replace("a#", "a"), n, ALL), _ONE),
    "one id": lambda n: Case(repeated('<httpEndpoint id="x" httpPort="#" a#="b"/>', n), _ONE),
    "one id, nested": lambda n: Case(repeated('<ssl id="x"><keyStore id="k#" location="#"/></ssl>', n // 2), _ONE),
    "ports, SSL configurations, stores": lambda n: Case(
        repeated(f'{_PORT}<ssl id="s#" keyStoreRef="k#"/>{_STORES}', n // 4), _ONE
    ),
    "references that lead nowhere": lambda n: Case(repeated(_PORT.split("><", maxsplit=1)[0] + ">", n), _ONE),
    "calls": lambda n: Case(repeated(_CALL, n), _ONE),
    "stores that get references": lambda n: Case(
        repeated(_STORES, n),
        [{"element": "ssl", "id": f"q{i}", "attributes": {"keyStoreRef": f"k{i}"}} for i in range(n // 10)],
    ),
    "stores removed": lambda n: Case(
        repeated(_STORES, n), [{"element": "keyStore", "id": f"k{i}", "state": "absent"} for i in range(n // 10)]
    ),
    "values that Liberty rejects": lambda n: Case(
        repeated('<ssl id="q#"/>', n),
        [{"element": "ssl", "id": f"q{i}", "attributes": {"verifyHostname": True}} for i in range(n // 10)],
    ),
    "variables": lambda n: Case(
        repeated('<variable name="v#" value="x"/><httpEndpoint id="e#" host="${v#}" httpPort="-1"/>', n // 2),
        named("variable", n // 10, "v", value="y"),
    ),
    "one text of many variables": lambda n: Case(
        f'<server><variable name="a" value="b"/><httpEndpoint id="x" host="{"${a}" * n}"/></server>', _ONE
    ),
    "features": lambda n: Case(
        repeated("<feature>f#-1.0</feature>", n, "<featureManager>{}</featureManager>"),
        [
            {
                "element": "featureManager",
                "children": [{"element": "feature", "text": f"f{i}-1.0"} for i in range(n)],
            }
        ],
    ),
    "one line": lambda n: Case(repeated('<httpEndpoint id="e#" httpPort="-1"/>', n).replace("\n", ""), _ONE),
    "comments and blanks": lambda n: Case(repeated('<a id="a#"/><!-- b -->   <!-- c -->', n), _ONE),
    "names that nobody knows": lambda n: Case(repeated('<httpEndpoint id="e#" httpPort="-1" x#="y"/>', n), _ONE),
    "includes": lambda n: Case(
        repeated('<include location="a#.xml"/>', n // 2),
        _ONE,
        {f"a{i}.xml": f'<server><httpEndpoint id="e" host="{i}"/></server>'.encode() for i in range(n // 4)},
    ),
    "files of variables": lambda n: Case(
        repeated('<httpEndpoint id="x" host="${v1}"/>', 1), _ONE, {f"variables/v{i}": b"x" for i in range(n)}
    ),
    "bootstrap.properties, server.env, jvm.options": lambda n: Case(
        repeated('<httpEndpoint id="x" httpsPort="1" host="${v1}"/>', 1),
        _ONE,
        {
            "bootstrap.properties": b"a=b\\\n \n" * n,
            "server.env": b"a=b\n" * n,
            "jvm.options": b" \n" * n,
        },
    ),
}


def stages(case: Case) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield each stage with what carries it out, after those that it needs. Findings and reports are of the old text."""
    options = desired.Options()
    made: dict[str, Any] = {}

    def keep(name: str, make: Callable[[], object]) -> tuple[str, Callable[[], object]]:
        return name, lambda: made.update({name: make()})

    yield keep("check", lambda: desired.check(case.wanted, options))
    yield keep("source", lambda: document.read_source(case.content[FILE], name="server.xml"))
    yield keep("document", lambda: document.Document(made["source"]))
    yield keep("plan", lambda: plan(made["source"], made["check"]))
    yield keep("diff", lambda: _diff(made["plan"]))
    yield keep("assemble", lambda: assemble(Files(case.content), Places(FOLDER), Outer()))
    yield keep("evaluate", lambda: evaluated(made["assemble"]))
    yield keep("findings", lambda: judged(made["evaluate"], case.content))
    yield keep("reports", lambda: reports(made["evaluate"], case.content))
    yield keep("shadows", lambda: list(shadows.shadows(made["evaluate"], made["check"])))


def _diff(planned: Any) -> object:
    return diff.prepared(FILE, planned.source, planned.result, planned.splices, planned.secret_variables)


def judged(effective: Any, content: dict[str, bytes]) -> object:
    facts = {path: {"mode": "0644"} for path in content}
    return findings.judge(Subject(effective, Files(content), facts, FOLDER))


def reports(effective: Any, content: dict[str, bytes]) -> object:
    told = require_secure.report(effective, Files(content), FOLDER)
    found = ports.ports(effective)
    return [
        report.config(effective),
        report.variables(effective),
        report.problems(effective),
        report.requesters(told, found),
        ports.report(effective),
        outbound.report(effective),
        key_references.references(effective, FOLDER, NO_KEYS),
    ]


def seconds(case: Case, runs: int) -> dict[str, float]:
    """Return the processor's seconds of each stage, the least of several runs."""
    least: dict[str, float] = {}
    for _run in range(runs):
        for name, work in stages(case):
            # When Python looks for garbage depends on what lives already, not on the work that is measured.
            gc.collect()
            gc.disable()
            begun = time.process_time()
            try:
                work()
            finally:
                gc.enable()
            least[name] = min(least.get(name, 1e9), time.process_time() - begun)
    return least


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    worst = 0.0
    print(f"{'':45} {'stage':10} {count:>9,} {2 * count:>9,}  ratio")
    for name, make in SHAPES.items():
        once, twice = seconds(make(count), 2), seconds(make(2 * count), 2)
        for stage, short in once.items():
            # Below that it is the clock that is measured.
            ratio = twice[stage] / short if twice[stage] > 0.2 else 0.0
            worst = max(worst, ratio)
            if ratio:
                print(f"{name:45} {stage:10} {short:8.2f}s {twice[stage]:8.2f}s  {ratio:5.2f}{' !' * (ratio > MOST)}")
    sys.exit(f"the worst ratio is {worst:.2f}, the aim {MOST}" if worst > MOST else 0)


if __name__ == "__main__":
    main()
