# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table findings.yml, and waivers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import attls_cover, findings, refresh, texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import asked
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject

Case = dict[str, Any]
INNOCENTS: dict[str, Case] = yaml.safe_load(Path(__file__).with_name("innocents.yml").read_text())
TABLE, ASKED = (
    dict[str, dict[str, list[Case]]](yaml.safe_load(Path(__file__).with_name(name).read_text()))
    for name in ("findings.yml", "asked_findings.yml")
)
EVERY_RULE = (*findings.RULES, *asked.RULES)
KEYS = {
    "name",
    "xml",
    "before",
    "after",
    "files",
    "mode",
    "attls_ports",
    "attls_targets",
    "attls",
    "running",
    "place",
    "message",
    "remedy",
}
OPEN = '<zosconnect_apiRequesters requireSecure="false"><apiRequester name="a"/></zosconnect_apiRequesters>'
WAIVER = {
    "id": "requester-cleartext",
    "place": "server.xml:1",
    "reason": "the batch window ends in May",
    "owner": "Ada",
    "ticket": "SEC-12",
    "expires": "2026-05-31",
}


FORM = "id, reason, owner; place, ticket and expires may be given"


def cases(kind: str) -> Iterator[Any]:
    for rule, table in (*TABLE.items(), *ASKED.items()):
        for case in table[kind]:
            yield pytest.param(rule, case, id=f"{rule}: {case['name']}")


def subject(case: Case) -> Subject:
    server_xml = f"{case.get('before', '')}<server>\n{case['xml']}\n</server>{case.get('after', '')}"
    effective, files = texts.effective({"server.xml": server_xml, **case.get("files", {})})
    facts = {path: {"mode": case.get("mode")} for path in files.content}
    compared = refresh.compare(effective, case["running"]) if "running" in case else None
    covered = attls_cover.cover(effective, {"ports": case.get("attls_ports", ()), **case.get("attls", {})})
    targets = case.get("attls_targets", ())
    return Subject(effective, files, facts, ".", covered.ports, targets, compared, covered.doubts)


@pytest.mark.parametrize(("rule", "case"), [*cases("fires")])
def test_fires(rule: str, case: Case) -> None:
    assert set(case) <= KEYS
    judged = findings.judge(subject(case), rules=EVERY_RULE)
    found = [finding.shown() for finding in judged if finding.rule.id == rule]
    assert (case["message"], case["place"]) in [(each["message"], each["origin"]) for each in found]
    if "remedy" in case:
        assert case["remedy"] in [each["remedy"] for each in found]
    assert all(each["why"] and each["source"] and each["severity"] for each in found)
    assert "marker" not in str(found)


@pytest.mark.parametrize(("rule", "case"), [*cases("silent")])
def test_silent(rule: str, case: Case) -> None:
    assert set(case) <= KEYS - {"place", "message", "remedy"}
    judged = findings.judge(subject(case), rules=EVERY_RULE)
    assert [f.fault.message for f in judged if f.rule.id == rule] == []


# Liberty's answer depends on an order here, and nothing else in the configuration has to do with it.
OPEN_PROPERTY = "nobody.uses=x${}y\n"
OPEN_ELEMENT = '<zosconnect_services><service id="default-7" name="z"/></zosconnect_services>'


def found_in(case: Case) -> set[tuple[str, str, str]]:
    return {(f.rule.id, str(f.fault.origin), f.fault.message) for f in findings.judge(subject(case), rules=EVERY_RULE)}


@pytest.mark.parametrize("rule", [*TABLE, *ASKED])
def test_what_the_order_decides_hides_nothing_else(rule: str) -> None:
    """Whoever adds such a thing to a configuration does not silence what is said of the rest."""
    for case in {**TABLE, **ASKED}[rule]["fires"]:
        files = case.get("files", {})
        bootstrap = files.get("bootstrap.properties", "") + "\n" + OPEN_PROPERTY
        hidden = found_in(case) - found_in({**case, "files": {**files, "bootstrap.properties": bootstrap}})
        assert not hidden, case["name"]


OF_30 = """
<featureManager><feature>zosconnect:zosConnect-3.0</feature></featureManager>
<webApplication id="w" location="w.war" name="w"/><httpEndpoint id="own" httpPort="-1" httpsPort="9443"/>
<keyStore id="defaultKeyStore" password="p"/>"""
WITHOUT_TLS = """
<featureManager><feature>mpHealth-4.0</feature></featureManager>
<httpEndpoint id="defaultHttpEndpoint" httpPort="9080" httpsPort="9443"/>"""


@pytest.mark.parametrize("xml", [OF_30, WITHOUT_TLS])
def test_an_element_that_is_open_changes_nothing_else(xml: str) -> None:
    before, after = ({"xml": text} for text in (xml, xml + OPEN_ELEMENT))
    assert {rule for rule, *_more in found_in(after) - found_in(before)} >= {"order-decides"}
    assert found_in(before) <= found_in(after)
    assert subject(before).ports == subject(after).ports
    assert (subject(after).effective.complete, subject(after).effective.all_read) == (False, True)


NOTHING_SAID = ("sessions-unlimited", "session-timeout-long", "logs-not-sent", "no-ldap-registry", "logs-unplanned")


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        ('<httpEndpoint id="own"/>', True),
        # What may stand in a file that was not read, or in the configuration that Liberty keeps.
        ('<include location="http://conf.example.com/more.xml"/>', False),
        ("<httpEndpoint", False),
        (
            (
                "<featureManager><feature>logstashCollector-1.0</feature></featureManager>"
                '<include location="http://conf.example.com/more.xml"/>'
            ),
            False,
        ),
        # What stands there is told all the same.
        (
            (
                '<featureManager><feature>logstashCollector-1.0</feature></featureManager><logstashCollector source="audit"/>'
                '<httpSession allowOverflow="true" invalidationTimeout="1h"/><logging consoleLogLevel="OFF"/>'
                '<include location="http://conf.example.com/more.xml"/>'
            ),
            True,
        ),
    ],
)
def test_what_is_nowhere_is_told_where_all_was_read(xml: str, *, told: bool) -> None:
    found = {f.rule.id for f in findings.judge(subject({"xml": xml}), rules=asked.RULES)}
    wanted = {*NOTHING_SAID} - ({"no-ldap-registry"} if "include" in xml else set())
    assert found & {*NOTHING_SAID} == (wanted if told else set())


@pytest.mark.parametrize("name", INNOCENTS)
def test_a_server_in_good_order(name: str) -> None:
    case = INNOCENTS[name]
    assert set(case) <= KEYS - {"place", "message", "remedy"} | {"told"}
    found = findings.judge(subject(case))
    assert [f.fault.message for f in found if f.rule.id not in case["told"]] == []
    assert {f.rule.id for f in found} == set(case["told"])


def of_requester(**options: Any) -> dict[str, Any]:
    """Return the finding on a requester that is open at server.xml:1."""
    effective, files = texts.effective(f"<server>{OPEN}</server>")
    found = findings.judge(Subject(effective, files), today=date(2026, 5, 31), **options)
    return next(f.shown() for f in found if f.rule.id == "requester-cleartext")


class TestWaivers:
    def test_accepted_and_still_shown(self) -> None:
        found = of_requester(waivers=[WAIVER])
        assert found["waived"] is True
        assert found["waiver"] == WAIVER

    def test_an_expired_one_counts_again(self) -> None:
        found = of_requester(waivers=[{**WAIVER, "expires": "2026-05-30"}])
        assert found["waived"] is False
        assert found["waiver"]["ticket"] == "SEC-12"

    def test_a_renewed_one_beside_the_expired(self) -> None:
        assert of_requester(waivers=[{**WAIVER, "expires": "2026-01-01"}, WAIVER])["waived"] is True

    def test_by_the_element_wherever_it_stands(self) -> None:
        """As connection_plan returns it: who declares does not know the line."""
        text = '<server><ssl id="orders.out" keyStoreRef="k" skipHostnameVerificationForHosts="a"/></server>'
        effective, files = texts.effective(text)
        waiver = {**WAIVER, "id": "tls-host-names-skipped", "place": "ssl orders.out"}
        found = findings.judge(Subject(effective, files), today=date(2026, 5, 31), waivers=[waiver])
        assert [f.shown()["waived"] for f in found if f.rule.id == "tls-host-names-skipped"] == [True]

    def test_yaml_makes_dates(self) -> None:
        found = of_requester(waivers=[{**WAIVER, "expires": date(2026, 5, 31)}])
        assert found["waiver"]["expires"] == "2026-05-31"

    @pytest.mark.parametrize("other", [{"place": "server.xml:2"}, {"id": "tls-fallback"}])
    def test_of_another_rule_or_place(self, other: dict[str, str]) -> None:
        found = of_requester(waivers=[{**WAIVER, **other}])
        assert (found["waived"], found["waiver"]) == (False, None)

    @pytest.mark.parametrize("key", ["id", "reason", "owner"])
    def test_needed(self, key: str) -> None:
        with pytest.raises(SecurityError) as caught:
            of_requester(waivers=[{k: v for k, v in WAIVER.items() if k != key}])
        assert str(caught.value) == f"waivers[0].{key}: is missing; a waiver needs {FORM}."

    @pytest.mark.parametrize("key", ["place", "ticket", "expires"])
    def test_may_stay_unsaid(self, key: str) -> None:
        """Without a place it is for the rule wherever it fires, without an end until it is taken away."""
        waiver = {k: v for k, v in WAIVER.items() if k != key}
        found = of_requester(waivers=[waiver])
        assert (found["waived"], found["waiver"]) == (True, waiver)

    def test_the_file_is_a_place(self) -> None:
        assert of_requester(waivers=[{**WAIVER, "place": "server.xml"}])["waived"] is True

    def test_no_mapping(self) -> None:
        with pytest.raises(SecurityError) as caught:
            of_requester(waivers=["all"])  # type: ignore[list-item]
        assert str(caught.value) == f"waivers[0]: must be a mapping of {FORM}, not text."

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            (
                {"id": "requester-clear"},
                "waivers[0].id: no rule is called 'requester-clear'; did you mean requester-cleartext",
            ),
            ({"expires": "soon"}, "waivers[0].expires: 'soon' is not a date such as 2027-01-31."),
            (
                {"until": "x"},
                f"waivers[0].until: is not known; a waiver needs {FORM}.",
            ),
        ],
    )
    def test_malformed(self, wrong: dict[str, str], sentence: str) -> None:
        with pytest.raises(SecurityError) as caught:
            of_requester(waivers=[{**WAIVER, **wrong}])
        assert str(caught.value).startswith(sentence)


class TestSeverities:
    def test_of_ones_own(self) -> None:
        assert of_requester()["severity"] == "high"
        assert of_requester(severities={"requester-cleartext": "low"})["severity"] == "low"

    def test_unknown_rule(self) -> None:
        with pytest.raises(SecurityError) as caught:
            of_requester(severities={"xyzzy": "low"})
        assert str(caught.value) == "severities: no rule is called 'xyzzy'."

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"severities": ["low"]}, "severities: must be a mapping, not a list."),
            ({"waivers": "requester-cleartext"}, "waivers: must be a list of waivers, not text."),
            ({"waivers": WAIVER}, "waivers: must be a list of waivers, not a mapping."),
        ],
    )
    def test_of_another_kind(self, options: dict[str, Any], sentence: str) -> None:
        with pytest.raises(SecurityError) as caught:
            of_requester(**options)
        assert str(caught.value) == sentence

    def test_unknown_severity(self) -> None:
        with pytest.raises(SecurityError) as caught:
            of_requester(severities={"requester-cleartext": "bad"})
        sentence = "severities.requester-cleartext: 'bad' is not one of high, medium, low, information."
        assert str(caught.value) == sentence
