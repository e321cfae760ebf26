# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Standards: one row for each rule, by what was found and by what was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.filter.posture_standard import FilterModule, posture_standard
from ansible_collections.zosconnect.security.plugins.modules import report
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import cards, standards
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.standards import Seen

ROOT = Path(__file__).resolve().parents[3]
EVERYTHING = Seen(
    complete=True, elements=frozenset({"ldapRegistry", "ltpa"}), asked=True, stores=True, policies=True, attls=True
)


def finding(identity: str, **more: Any) -> dict[str, Any]:
    said = {"severity": "high", "origin": "server.xml:2", "message": "It is so.", "waived": False}
    return {"id": identity, **said, **more}


def row(rule: str, *found: dict[str, Any], seen: Seen = EVERYTHING, standard: str = "stig") -> standards.Row:
    [one] = [row for row in standards.judge(standard, found, seen) if row.rule.id == rule]
    return one


@pytest.mark.parametrize("standard", cards.STANDARDS)
class TestRules:
    def test_each_is_named_once(self, standard: str) -> None:
        ids = [rule.id for rule in standards.RULES[standard]]
        assert sorted(ids) == sorted(set(ids))

    def test_each_finding_breaks_the_rules_on_its_card(self, standard: str) -> None:
        for card in cards.CARDS.values():
            told = {(one.id, one.contrary) for one in card.references if one.standard == standard}
            broken = {r.rule.id for r in standards.judge(standard, [finding(card.id)], EVERYTHING) if r.state == "fail"}
            assert broken == {identity for identity, contrary in told if not contrary}

    def test_of_what_is_not_seen_it_is_told_what_would_show_it(self, standard: str) -> None:
        for seen in (EVERYTHING, Seen(complete=False, attls=True), Seen(complete=True, asked=True, attls=True)):
            for one in standards.judge(standard, [], seen):
                assert bool(one.shown_by) == (one.state == "not seen"), one.rule.id

    def test_nothing_seen_is_nothing_passed(self, standard: str) -> None:
        states = {row.state for row in standards.judge(standard, [], Seen(complete=False, attls=True))}
        assert states == {"not seen"}


def test_disa_has_29_rules_for_liberty() -> None:
    assert [rule.id for rule in standards.RULES["stig"]] == [f"V-{number}" for number in range(250322, 250351)]


def test_the_playbooks_and_the_documentation_know_the_same_standards() -> None:
    _check, sense = yaml.safe_load((ROOT / "playbooks/tasks/check.yml").read_text(encoding="utf-8"))
    documented = yaml.safe_load((ROOT / "plugins/filter/posture_standard.yml").read_text(encoding="utf-8"))
    described = [documented["DOCUMENTATION"], yaml.safe_load(report.DOCUMENTATION)]
    told = [*cards.STANDARDS]
    assert [*standards.RULES] == told
    assert sense["vars"]["standards"] == told
    assert [one["options"]["standard"]["choices"] for one in described] == [told] * 2


class TestStates:
    @pytest.mark.parametrize(
        ("rule", "seen", "state", "why"),
        [
            ("V-250347", EVERYTHING, "pass", ""),
            ("V-250347", Seen(complete=False), "not seen", "Not all of the configuration could be read."),
            ("V-250327", EVERYTHING, "pass", ""),
            ("V-250327", Seen(complete=True), "not seen", "What only standards ask was not looked at."),
            ("V-250328", EVERYTHING, "not seen", "Nothing here looks at it."),
            ("V-250337", EVERYTHING, "pass", ""),
            ("V-250337", Seen(complete=True), "not applicable", "No ldapRegistry element is configured."),
            ("V-250337", Seen(complete=False), "not seen", "Not all of the configuration could be read."),
            ("V-250332", EVERYTHING, "not seen", "What is looked at is in order; the rule asks for more."),
            ("V-250335", EVERYTHING, "pass", ""),
        ],
    )
    def test_of_the_stig(self, rule: str, seen: Seen, state: str, why: str) -> None:
        one = row(rule, seen=seen)
        assert (one.state, one.why) == (state, why)

    @pytest.mark.parametrize(
        ("standard", "rule", "seen", "state", "why"),
        [
            ("zos-stig", "V-223647", EVERYTHING, "pass", ""),
            (
                "zos-stig",
                "V-223647",
                Seen(complete=True),
                "not seen",
                "The findings on the key stores (keystore_info) were not given.",
            ),
            (
                "rfc9325",
                "4.1",
                Seen(complete=True, attls=True),
                "not seen",
                "The findings on the AT-TLS policies (attls_findings) were not given.",
            ),
            ("rfc9325", "4.1", Seen(complete=True), "pass", ""),
            ("rfc9325", "3.5", Seen(complete=True), "not applicable", "No connection is said to go through AT-TLS."),
            ("rfc9325", "3.5", Seen(complete=False, policies=True), "pass", ""),
        ],
    )
    def test_by_what_was_looked_at(self, standard: str, rule: str, seen: Seen, state: str, why: str) -> None:
        one = row(rule, seen=seen, standard=standard)
        assert (one.state, one.why) == (state, why)

    def test_a_finding_breaks_it_whatever_was_not_seen(self) -> None:
        one = row("V-250347", finding("tls-weak-cipher"), seen=Seen(complete=False))
        assert (one.state, one.why, one.accepted) == ("fail", "", False)
        assert [each["origin"] for each in one.findings] == ["server.xml:2"]

    def test_accepted_is_broken_all_the_same(self) -> None:
        waived, other = finding("tls-weak-cipher", waived=True), finding("tls-weak-cipher", origin="server.xml:9")
        assert (row("V-250347", waived).state, row("V-250347", waived).accepted) == ("fail", True)
        assert row("V-250347", waived, other).accepted is False

    def test_what_the_standard_wants_and_a_finding_warns_of(self) -> None:
        """Who follows V-250335 gets the finding administration-certificate."""
        one = row("V-250335", finding("administration-certificate"))
        assert (one.state, one.findings) == ("pass", ())
        assert one.notes == (
            "The STIG requires a certificate of administrators. To follow it, give each one, and waive this.",
        )


def test_where_the_standard_is_stricter_a_note_says_so() -> None:
    assert row("V-250344").notes == (
        "The STIG wants mode 660; stricter ones, which it calls a finding, are kept here too.",
    )


class TestResults:
    SERVER: dict[str, Any] = {
        "complete": True,
        "refused": None,
        "elements": ["ltpa"],
        "ports": [{"attls": False}],
        "endpoints": [{"attls": False}],
        "findings": [finding("ltpa-default-password"), finding("secret-unprotected", waived=True)],
        "asked_by_standards": [finding("logs-not-sent", severity="information")],
    }

    def states(self, server: dict[str, Any], standard: str = "stig", **more: Any) -> dict[str, str]:
        return {one["id"]: one["state"] for one in posture_standard(server, standard, **more)["rows"]}

    def test_of_a_server(self) -> None:
        states = self.states(self.SERVER)
        assert states["V-250346"] == states["V-250336"] == "fail"
        assert (states["V-250337"], states["V-250347"]) == ("not applicable", "pass")

    @pytest.mark.parametrize("standard", standards.RULES)
    def test_an_open_order_leaves_every_row_as_it_is(self, standard: str) -> None:
        """All was read: nothing is unseen, and the finding order-decides says the rest."""
        opened = {**self.SERVER, "complete": False, "unseen": []}
        assert self.states(opened, standard) == self.states(self.SERVER, standard)

    @pytest.mark.parametrize(
        "more",
        [
            {"complete": False},
            {"complete": False, "unseen": ["a.xml: cannot be read."]},
            {"refused": "Liberty refuses it."},
            {"complete": False, "unseen": [], "refused": "Liberty refuses it."},
        ],
    )
    def test_of_a_server_that_was_not_seen(self, more: dict[str, Any]) -> None:
        assert self.states({**self.SERVER, **more})["V-250347"] == "not seen"

    def test_with_stores_and_policies(self) -> None:
        stores = {"findings": [finding("certificate-expired")]}
        policies = [finding("attls-revocation")]
        assert self.states(self.SERVER, "zos-stig", stores=stores)["V-223647"] == "fail"
        assert self.states(self.SERVER, "zos-stig", stores={"findings": []})["V-223647"] == "pass"
        asked = {"findings": [], "asked_by_standards": [finding("certificate-self-signed")]}
        assert self.states(self.SERVER, stores=asked)["V-250338"] == "fail"
        assert self.states(self.SERVER, "rfc9325", policies=policies)["7.5"] == "fail"

    def test_with_probes(self) -> None:
        probes = [{"findings": None}, {"name": "9443"}, {"findings": [finding("port-old-protocol")]}]
        assert self.states(self.SERVER)["V-250323"] == self.states(self.SERVER, probes=probes[:2])["V-250323"] == "pass"
        assert self.states(self.SERVER, probes=probes)["V-250323"] == "fail"

    @pytest.mark.parametrize("covered", ["ports", "endpoints"])
    def test_where_attls_protects(self, covered: str) -> None:
        server = {**self.SERVER, covered: [{"attls": True}]}
        assert self.states(server, "rfc9325")["3.5"] == "not seen"
        assert self.states(server, "rfc9325", policies=[])["3.5"] == "pass"

    def test_lines(self) -> None:
        lines = posture_standard(self.SERVER, "stig")["lines"]
        assert lines[0].startswith("DISA STIG for IBM WebSphere Liberty Server, V2R4: 3 fail, ")
        assert "  fail (accepted) V-250336 No password in plain text or {xor}" in lines
        assert "    ltpa-default-password at server.xml:2: It is so." in lines
        assert "  not applicable V-250337 LDAP over TLS (No ldapRegistry element is configured.)" in lines
        assert "    logs-not-sent at server.xml:2: It is so." in lines
        at = lines.index("  not seen V-250329 Tools for logs protected (Nothing here looks at it.)")
        assert lines[at + 1] == (
            "    would show it: The modes and owners of the programs in bin of Liberty's installation (ls -l)."
        )
        not_seen = [line for line in lines if line.startswith("  not seen ")]
        assert len(lines) == 1 + 29 + 3 + len(not_seen)

    def test_lines_are_steered_by_no_name(self) -> None:
        found = finding("logs-not-sent", origin="a\u202e.xml:2", message="\x9b31m is so.")
        lines = posture_standard({**self.SERVER, "asked_by_standards": [found]}, "stig")["lines"]
        assert "    logs-not-sent at a\\u202e.xml:2: \\x9b31m is so." in lines

    def test_a_row(self) -> None:
        rows = posture_standard(self.SERVER, "stig")["rows"]
        assert next(one for one in rows if one["id"] == "V-250346") == {
            "id": "V-250346",
            "title": "LTPA keys with a password of their own",
            "severity": "medium",
            "state": "fail",
            "accepted": False,
            "why": "",
            "shown_by": "",
            "notes": [],
            "findings": [finding("ltpa-default-password", waiver=None)],
        }

    def test_a_row_tells_who_accepts_it(self) -> None:
        waiver = {"id": "logs-not-sent", "reason": "an agent sends them", "owner": "\u202eAda"}
        [one] = row("V-250327", finding("logs-not-sent", waived=True, waiver=waiver)).shown()["findings"]
        assert one["waiver"] == waiver
        assert standards.cleaned(one)["waiver"] == {**waiver, "owner": "\\u202eAda"}

    @pytest.mark.parametrize(
        ("server", "standard", "more", "sentence"),
        [
            (
                SERVER,
                "cis",
                {},
                "standard: 'cis' is not known; known are stig, zos-stig, nist-sp-800-52r2, pci-dss-4.0.1, rfc9325.",
            ),
            ("x", "stig", {}, "needs a result of server_config_info."),
            (
                {"msg": "gone"},
                "stig",
                {},
                "needs what server_config_info returned of a server that could be explained.",
            ),
            (SERVER, "stig", {"stores": {}}, "stores: must be a result of keystore_info."),
            (SERVER, "stig", {"policies": "x"}, "policies: must be a list of findings, as attls_findings returns it."),
            (SERVER, "stig", {"probes": 5}, "probes: must be a list of probes, as tls_probe returns it."),
            (SERVER, "stig", {"probes": "x"}, "probes: must be a list of probes, as tls_probe returns it."),
        ],
    )
    def test_refused(self, server: Any, standard: str, more: dict[str, Any], sentence: str) -> None:
        with pytest.raises(AnsibleFilterError) as caught:
            posture_standard(server, standard, **more)
        assert str(caught.value) == f"posture_standard: {sentence}"

    def test_it_has_the_name_of_its_documentation(self) -> None:
        assert FilterModule().filters() == {"posture_standard": posture_standard}
