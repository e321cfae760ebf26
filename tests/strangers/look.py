# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection makes of one stranger's server or policy, and whether the laws hold for it."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from corpus import Corpus, Stranger
from reader import MappingReader

from ansible_collections.zosconnect.security.plugins.action.server_config_info import _result
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as attls_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import form, stack, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.judge import RULES
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import plan as attls_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Effect, Examined
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.reports import netstat, pasearch
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.gather import gather as adopt
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan as connections_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import predict
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation

Json = dict[str, Any]
DIRECTORY = "/var/zosconnect/servers/stranger"
OPTIONS: Json = {
    "server_dir": DIRECTORY,
    "waivers": [],
    "severities": {},
    "running": None,
    "prefix": "",
    "element_names": None,
    "attls": {"ports": [], "targets": [], "policies": None, "zos_release": None, "job_name": None, "user_id": None},
}
# One more port with TLS: something that every server can be asked for, and none has.
WANTED: list[Json] = [
    {"element": "httpEndpoint", "id": "strangersTest", "attributes": {"httpPort": "-1", "httpsPort": "65001"}}
]
RULE = {
    "TTLSRule": [
        {
            "name": "StrangersTest",
            "LocalPortRange": "65001",
            "Direction": "Inbound",
            "TTLSGroupActionRef": "StrangersGroup",
        }
    ],
    "TTLSGroupAction": [{"name": "StrangersGroup", "TTLSEnabled": "Off"}],
}


@dataclass
class Seen:
    """What was seen.

    Attributes:
        broken: promises that were not kept, by the stranger's name: these are errors of ours.
        refused: inputs that were refused with a sentence; that may be right.
        findings: of servers; ``problems``: of policies; each (id, severity or effect) with where it was found.
        unknown: elements that the catalogue does not know, and how many servers have them.
    """

    servers: int = 0
    policies: int = 0
    answers: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    findings: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    problems: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)


def look(corpus: Corpus, tell: Callable[[str], None] = lambda _line: None) -> Seen:
    """Look at everything; an error of ours is noted and the next one is looked at."""
    seen = Seen()
    for number, one in enumerate(corpus.servers, 1):
        _kept(seen, one.name, partial(_server, seen, one))
        seen.servers += 1
        if number % 100 == 0:
            tell(f"{number} of {len(corpus.servers)} servers")
    for name, content in corpus.policies.items():
        _kept(seen, name, partial(_policy, seen, name, content))
        seen.policies += 1
    for name, content in corpus.answers.items():
        _kept(seen, name, partial(_answer, content))
        seen.answers += 1
    return seen


def _kept(seen: Seen, name: str, work: Callable[[], None]) -> None:
    try:
        work()
    except SecurityError as e:
        seen.refused[name] = str(e)
    except Exception:
        seen.broken[name] = traceback.format_exc(limit=-3)


def _server(seen: Seen, one: Stranger) -> None:
    server = servers.from_options(OPTIONS)
    content = {f"{DIRECTORY}/{path}": data for path, data in one.files.items()}
    servers.gather(server, MappingReader(content))
    result = _result(server, OPTIONS, None)
    for finding in result["findings"]:
        key = finding["id"], finding["severity"]
        seen.findings.setdefault(key, []).append(f"{one.name}: {finding['message']}")
    seen.unknown.update({name for name in result["elements"] if elements.find(name, None) is None})
    predict.predict(Situation(server.effective()))
    _adopted_is_unchanged(one, Present(server=server))
    _only_what_was_asked(one)


def _adopted_is_unchanged(one: Stranger, present: Present) -> None:
    """Law 10: planned with the declaration that was adopted, no file of the server changes."""
    declared = adopt(present, {})["connections"]
    planned = connections_plan(declared, present=present) if declared else {"files": []}
    for file in planned["files"]:
        data = one.files.get(file["path"].removeprefix(f"{DIRECTORY}/"))
        found = read_source(data or b"<server/>", name=file["path"])
        if plan(found, desired.check(file["elements"], desired.Options())).changed:
            raise AssertionError(f"an adopted declaration changes {file['path']}")


def _only_what_was_asked(one: Stranger) -> None:
    """Laws 1 and 2: nothing asked is nothing changed; what is asked for goes away again without a trace."""
    data = one.files["server.xml"]
    found = read_source(data, name=one.name)
    if plan(found, ()).result.data != data:
        raise AssertionError("nothing was asked for, and bytes changed")
    made = plan(found, desired.check(WANTED, desired.Options()))
    _only_added(found.text, made.result.text)
    options = desired.Options(state="absent")
    gone = [{key: each[key] for key in ("element", "id")} for each in WANTED]
    back = plan(read_source(made.result.data, name=one.name), desired.check(gone, options))
    if WANTED[0]["id"] in back.result.text:
        raise AssertionError("what was added could not be removed")


def _only_added(before: str, after: str) -> None:
    """All lines that were there are there, in their order; a root without content is opened for what is added."""
    old, new = (iter(re.sub(r"/>\s*$", ">", text).splitlines()) for text in (before, after))
    missing = next((line for line in old if not any(line == other for other in new)), None)
    if missing is not None:
        raise AssertionError(f"a line that nobody mentioned changed: {missing!r}")


def _policy(seen: Seen, name: str, content: str) -> None:
    policy = stack.parse(content, name)
    for rule in RULES:
        if rule.effect is Effect.IGNORED:
            continue
        for problem in rule.problems(Examined(stack.Stack((policy,)), partial=True)):
            seen.problems.setdefault((rule.id, rule.effect.name.lower()), []).append(f"{name}: {problem.sentence}")
    structure = form.structure(policy)
    reading = attls_desired.Options(allow_unknown=True, on_overlap="warn")
    source = text.read_source(content.encode(), name=name, encoding="UTF-8")
    if attls_plan(source, attls_desired.check(structure, reading), reading).changed:
        raise AssertionError("a policy as data, asked for again, changes the policy")
    made = attls_plan(source, attls_desired.check(RULE, reading), reading)
    _only_added(source.text, made.result.text)
    if form.structure(Policy(made.result)) == structure:
        raise AssertionError("one more rule is not there")


def _answer(content: str) -> None:
    if not pasearch.parse(content) and netstat.parse(content) is None:
        raise AssertionError("an answer of the stack is not understood")
