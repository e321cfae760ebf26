# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of a declaration without Ansible: what is asked, ordered and told, and what is refused beforehand."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from run_world import HOME, HOST, OPTIONS, Json, Target

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from pki import Authority

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import outcome, reading, run, summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

DIR = "/srv/zceesrv1"
SERVER_XML = f"{DIR}/server.xml"
POLICY = "/etc/pagent/zceesrv1.ttls"
BARE = b"""<server>
  <featureManager>
    <feature>zosconnect:apiRequester-1.0</feature>
    <feature>appSecurity-2.0</feature>
    <feature>transportSecurity-1.0</feature>
  </featureManager>
  <config updateTrigger="mbean"/>
  <zosconnect_apiRequesters>
    <apiRequester name="orders"/>
  </zosconnect_apiRequesters>
</server>
"""
POLLED = BARE.replace(b'  <config updateTrigger="mbean"/>\n', b"")
CICS: Json = {
    "name": "cics",
    "server_dir": DIR,
    "port": 5002,
    "client_certificate": "none",
    "key_store": {"location": "safkeyring:///ZceeRing"},
    "requesters": ["orders"],
}
FRONTED: Json = {
    "name": "fronted",
    "server_dir": DIR,
    "port": 5004,
    "server_tls": "attls",
    "requesters": ["orders"],
    "inbound": {"key_ring": "ZCEESRV/Server"},
}
ATTLS: Json = {"zos_release": "3.1", "inbound_policy": POLICY, "policy_encoding": "UTF-8"}
MBEAN: Json = {
    "refresh": "mbean",
    "refresh_url": "https://localhost:9443",
    "refresh_username": "admin",
    "refresh_password": "secret",
}
NOBODY = {"state": "done", "stdout": "no report", "message": ""}


def bare(**others: Any) -> Target:
    return Target({SERVER_XML: BARE, **others.pop("files", {})}, **others)


def refused(target: Target, declared: list[Json], **options: object) -> str:
    """The sentence with which a declaration is refused; nothing was ordered."""
    with pytest.raises(SecurityError) as caught:
        target.plan(declared, **options)
    assert target.orders == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("declared", "options", "where", "what"),
    [
        ([{**CICS, "owner": "nobody9"}], {}, "cics.owner", "user"),
        ([FRONTED, {**CICS, "group": "nobody9"}], ATTLS, "cics.group", "group"),
        ([FRONTED], {**ATTLS, "policy_group": "nobody9"}, "connections_policy_group", "group"),
        (
            [FRONTED],
            {**ATTLS, "handover_dir": "/srv/texts", "handover_owner": "nobody9"},
            "connections_handover_owner",
            "user",
        ),
    ],
)
def test_who_is_not_known_on_the_host_is_said_before_anything_is_planned(
    declared: list[Json], options: Json, where: str, what: str
) -> None:
    assert refused(bare(strangers=frozenset({"nobody9"})), declared, **options) == (
        f"{where}: {HOST} knows no {what} nobody9; nothing was changed. Correct the name, or have it added first."
    )
    for innocent in ({**CICS, "owner": 9999}, {**CICS, "owner": "somebody"}):
        bare(strangers=frozenset({"nobody9"})).plan([innocent])
    bare(strangers=frozenset({"nobody9"})).plan([CICS], policy_owner="nobody9", handover_owner="nobody9")


class TestOrdinary:
    def test_one_order_and_then_none(self) -> None:
        target = bare()
        first, second = target.run([CICS]), target.run([CICS])
        assert [each["path"] for each in target.orders[0]["files"]] == [SERVER_XML]
        assert len(target.orders) == 1
        assert (first["changed"], first["verdict"]) == (True, "pending")
        assert (second["changed"], second["verdict"]) == (False, "pending")
        pending = (
            "Nobody answers on port 5002. If the server runs, it uses its files after the operator command F "
            "BAQSTRT,ZCON,REFRESH."
        )
        assert (second["next"], second["lines"]) == ([pending], ["unchanged  cics on 5002", f"next: {pending}"])
        said = [one["summary"]["sentence"] for one in (first, second)]
        assert said == ["changed: cics on 5002", "unchanged: cics on 5002"]
        target.open["127.0.0.1", 5002] = "127.0.0.1"
        third = target.run([CICS])
        assert (third["verdict"], third["lines"]) == ("unchanged", ["unchanged  cics on 5002"])

    def test_check_mode_says_what_the_run_does(self) -> None:
        target = bare()
        checked = target.plan([CICS])
        checked.pretend()
        told, done = checked.result(None, diff=True), target.run([CICS])
        same = ("changed", "diff", "changes", "files", "connections", "operator_command")
        assert {key: told[key] for key in same} == {key: done[key] for key in same}
        assert (told["verdict"], told["check"], told["effective"], done["check"]) == (
            "would_change",
            True,
            False,
            False,
        )
        assert checked.next_order() is None

    def test_the_command_is_named(self) -> None:
        assert bare().run([CICS])["next"] == [
            (
                "The files of zceesrv1 have changed; the server uses them after the operator command F "
                "BAQSTRT,ZCON,REFRESH. Then run the playbook zosconnect.security.verify_connections."
            )
        ]

    @pytest.mark.parametrize("written", [b"", b'<config updateTrigger="polled"/>', b"<config/>"])
    def test_a_server_that_reads_by_itself_needs_no_command(self, written: bytes) -> None:
        target = bare(files={SERVER_XML: POLLED.replace(b"</server>", written + b"</server>")})
        checked = target.plan([CICS])
        checked.pretend()
        done = target.run([CICS])
        reads = (
            "The files of zceesrv1 have changed; the server reads its configuration by itself (updateTrigger is polled), "
            "and this run does not look at its ports. Run the playbook zosconnect.security.verify_connections. With "
            "connections_refresh polled a run looks, and puts everything back where a port is not as declared."
        )
        assert checked.result(None, diff=True)["next"] == [reads.replace("have changed", "would change")]
        assert done["next"] == [reads]
        assert target.run([CICS])["next"] == [
            "Nobody answers on port 5002. If the server runs, its messages.log says why."
        ]

    def test_a_server_that_is_told_is_looked_at(self) -> None:
        target = bare(connector={"state": "answers", "message": ""})
        done = target.run([CICS], **MBEAN)
        [order] = target.orders
        assert (order["refresh"]["kind"], order["journal_dir"]) == ("mbean", DIR)
        [gate] = order["gates"]
        assert (gate["port"], gate["client_certificate_requested"], gate["fingerprints"]) == (5002, False, [])
        assert (done["verdict"], done["effective"]) == ("changed", True)
        assert "in force: the port was asked, as declared" in done["lines"]

    def test_what_was_saved_can_be_restored(self) -> None:
        done = bare().run([CICS])
        [saved] = done["restore"]
        assert sorted(saved) == ["backup_file", "checksum_after", "checksum_before", "path"]
        assert saved["path"] == SERVER_XML

    @pytest.mark.parametrize("backup", [True, False])
    def test_what_was_made_can_be_removed(self, backup: bool) -> None:  # noqa: FBT001
        done = bare().run([FRONTED], **ATTLS, unproven="accept", backup=backup)
        kind = {"path": POLICY, "kind": "policy"}
        made = [{**kind, "made": True, "checksum_after": each["checksum_after"]} for each in done["restore"]]
        assert (done["restore"], len(made)) == (made, int(backup))

    def test_the_files_it_was_judged_by_must_stay(self) -> None:
        target = bare(files={f"{DIR}/bootstrap.properties": b"a=b\n"})
        target.run([CICS])
        assert [each["path"] for each in target.orders[0]["judged"]] == [f"{DIR}/bootstrap.properties"]


class TestClock:
    @pytest.mark.parametrize(
        ("there", "seconds"),
        [
            (1000.0, 0), (1004.0, 0), (1010.0, 0), (1310.0, 0), (700.0, 0), (1311.0, 301), (699.0, -301),
            (1e30, 3e9), (-1e30, -3e9), (float("inf"), 3e9),
        ],
    )  # fmt: skip
    def test_how_far_it_is_ahead(self, there: float, seconds: float) -> None:
        """The call took ten seconds, and nobody knows when in them the target looked at its clock."""
        assert reading.ahead(1000.0, 1010.0, there) == timedelta(seconds=seconds)

    @pytest.mark.parametrize(
        ("ahead", "said"),
        [
            (timedelta(minutes=6), "6 minutes ahead of"),
            (timedelta(hours=-3), "3 hours behind"),
            (timedelta(days=400), "400 days ahead of"),
        ],
    )
    def test_a_difference_is_told(self, ahead: timedelta, said: str) -> None:
        planned = bare().plan([CICS])
        planned.read = replace(planned.read, ahead=ahead)
        [told] = planned.notes()
        assert told.startswith(f"The clock of zceesrv1 is {said} that of the controller. ")
        planned.host = "lpar1"
        assert planned.notes() == []

    def test_the_sentence(self) -> None:
        planned = bare().plan([CICS])
        planned.read = replace(planned.read, ahead=timedelta(hours=-3))
        assert planned.notes()[0] == (
            "The clock of zceesrv1 is 3 hours behind that of the controller. Certificates must be valid by both, because "
            "the server judges by its own. Set the wrong one right."
        )

    def test_a_certificate_of_the_declaration(self) -> None:
        issued = Authority(key_type="ec").issue("zcee", key_type="ec", days=100)
        given = {"certificate": issued.certificate_pem, "private_key": issued.key_pem(), "chain": issued.chain_pem}
        store = {"location": f"{DIR}/key.p12", "password": "changeit", "alias": "zcee", **given}
        target, declared = bare(), [{**CICS, "key_store": store}]
        read = target.read(declared, OPTIONS)
        planned = run.planned_of(declared, OPTIONS, read)
        assert run.plan(declared, planned, OPTIONS, read, HOST).made.new_stores
        with pytest.raises(SecurityError, match=r"expired at .* by the clock of the target"):
            run.plan(declared, planned, OPTIONS, replace(read, ahead=timedelta(days=200)), HOST)

    def test_a_server_that_reads_by_itself_is_told_of_its_stores(self) -> None:
        issued = Authority(key_type="ec").issue("zcee", key_type="ec", days=100)
        given = {"certificate": issued.certificate_pem, "private_key": issued.key_pem(), "chain": issued.chain_pem}
        store = {"location": f"{DIR}/key.p12", "password": "changeit", "alias": "zcee", **given}
        planned = bare(files={SERVER_XML: POLLED}).plan([{**CICS, "key_store": store}])
        planned.pretend()
        assert planned.next()[1:] == ["The server uses changed key stores after F BAQSTRT,ZCON,REFRESH."]


class TestOtherServers:
    """A file outside of the server's directory is changed."""

    SHARED = b'<server><ssl id="S" keyStoreRef="K" trustStoreRef="T" clientAuthentication="false"/><keyStore id="K" password="p"/><keyStore id="T" location="safkeyring:///R"/></server>'
    SERVED = b'<httpEndpoint id="e" httpsPort="5002"><sslOptions sslRef="S"/></httpEndpoint><include location="/shared/tls.xml"/>'
    WANTED: Json = {
        "name": "cics",
        "server_dir": DIR,
        "port": 5002,
        "client_certificate": "required",
        "requesters": ["orders"],
    }

    def planned(self, **followed: object) -> run.Run:
        with_it = BARE.replace(b"</server>", self.SERVED + b"</server>")
        target = bare(files={SERVER_XML: with_it, "/shared/tls.xml": self.SHARED}, followed=followed)
        return target.plan([{**self.WANTED, "shared_files": True}])

    def test_they_are_named(self) -> None:
        planned = self.planned(neighbours=[{"server_dir": "/srv/other", "includes": ["/shared/tls.xml"]}])
        assert planned.notes() == [
            "cics: changes /shared/tls.xml, which is outside of the server's directory and included by /srv/other too."
        ]

    def test_those_that_cannot_be_seen_are_told(self) -> None:
        why = "/srv/other/server.xml: is not a regular file."
        changed, unseen = self.planned(unseen=[why]).notes()
        assert changed == (
            "cics: changes /shared/tls.xml, which is outside of the server's directory; other servers that include it "
            "change as well."
        )
        assert unseen == f"Not all servers could be asked whether they include the same files: {why}"

    def test_nobody_is_told_where_no_such_file_changes(self) -> None:
        planned = bare(followed={"unseen": ["/srv/other/server.xml: is not a regular file."]}).plan([CICS])
        assert planned.notes() == []


NOTE = f"{DIR}/.zosconnect-security.pending"
LOG = f"{DIR}/logs/messages.log"
ZCON_REFRESH = "F BAQSTRT,ZCON,REFRESH"
WAITS: Json = {"path": NOTE, "state": "pending", "kinds": ["configuration"], "log": LOG, "message": ""}


class TestUntold:
    """A run left files that the server was not told of."""

    def target(self, **note: object) -> Target:
        """A server that is as declared and answers."""
        target = bare()
        target.run([CICS])
        target.orders.clear()
        target.open["127.0.0.1", 5002] = "127.0.0.1"
        target.pending = {**WAITS, **note}
        return target

    def test_the_target_is_told_what_to_note(self) -> None:
        target = bare()
        target.run([CICS])
        log = {"directory": DIR, "log": LOG, "told": "operator"}
        assert target.orders[0]["pending"] == {**log, "kinds": {SERVER_XML: "configuration"}}
        told = bare(connector={"state": "answers", "message": ""})
        told.run([CICS], **MBEAN)
        assert told.orders[0]["pending"]["told"] == "mbean"
        policy = bare(pasearch=NOBODY)
        policy.run([FRONTED], **ATTLS, pasearch=["pasearch", "-t"])
        assert policy.orders[0]["pending"] is None

    @pytest.mark.parametrize(
        ("kinds", "version", "command"),
        [
            (["configuration"], "2.0", "F BAQSTRT,ZCON,REFRESH"),
            (["key_stores", "configuration"], "2.0", "F BAQSTRT,ZCON,REFRESH"),
            (["key_stores"], "3.0", "F BAQSTRT,REFRESH,KEYSTORE"),
            (["key_stores", "configuration"], "3.0", "F BAQSTRT,REFRESH,CONFIG, then F BAQSTRT,REFRESH,KEYSTORE"),
        ],
    )
    def test_a_second_run_names_the_command(self, kinds: list[str], version: str, command: str) -> None:
        target = self.target(kinds=kinds)
        planned = target.plan([CICS])
        planned.planned["zosconnect_version"] = version
        done = planned.result(None, diff=False)
        waits = (
            f"An earlier run changed files of zceesrv1, and the server uses them after the operator command {command}: "
            f"{LOG} shows neither a refresh nor a start since."
        )
        assert (done["verdict"], done["changed"], done["next"]) == ("pending", False, [waits])
        assert done["lines"] == ["unchanged  cics on 5002", f"next: {waits}"]
        assert planned.settling() is None

    def test_a_log_that_nobody_can_see(self) -> None:
        [said] = self.target(message=f"{LOG}: does not exist.").run([CICS])["next"]
        assert said == (
            "An earlier run changed files of zceesrv1, and the server uses them after the operator command F "
            f"BAQSTRT,ZCON,REFRESH. Whether it was given cannot be seen: {LOG}: does not exist. If it was, remove {NOTE}."
        )

    def test_a_port_that_is_silent_is_told_as_well(self) -> None:
        target = self.target()
        target.open.clear()
        done = target.run([CICS])
        assert [done["next"][0].split(":")[0], done["next"][1]] == [
            f"An earlier run changed files of zceesrv1, and the server uses them after the operator command {ZCON_REFRESH}",
            "Nobody answers on port 5002.",
        ]

    @pytest.mark.parametrize("options", [MBEAN, {"refresh": "polled"}])
    def test_a_server_that_is_told_otherwise_now(self, options: Json) -> None:
        target = self.target()
        target.connector = {"state": "answers", "message": ""}
        done = target.run([CICS], **options)
        assert (done["verdict"], done["effective"], len(done["next"])) == ("pending", False, 1)
        changed = target.run([{**CICS, "client_certificate": "required", "trust_store": RING}], **options)
        assert (changed["verdict"], changed["effective"], changed["next"]) == ("changed", True, [])

    @pytest.mark.parametrize("options", [MBEAN, {"refresh": "polled"}])
    def test_a_store_of_an_earlier_run_is_not_told_with_the_configuration(self, options: Json) -> None:
        target = self.target(kinds=["configuration", "key_stores"])
        target.connector = {"state": "answers", "message": ""}
        done = target.run([{**CICS, "client_certificate": "required", "trust_store": RING}], **options)
        assert (done["verdict"], done["effective"]) == ("pending", False)

    def test_what_an_earlier_run_changed_is_in_the_command_of_this_one(self) -> None:
        target = self.target(kinds=["key_stores"])
        planned = target.plan([{**CICS, "client_certificate": "required", "trust_store": RING}])
        planned.planned["zosconnect_version"] = "3.0"
        planned.pretend()
        assert planned.operator_command() == "F BAQSTRT,REFRESH,CONFIG, then F BAQSTRT,REFRESH,KEYSTORE"

    def test_what_is_over_is_taken_away(self) -> None:
        target = self.target(state="done", kinds=[])
        done = target.run([CICS])
        assert (done["verdict"], done["changed"], done["next"]) == ("unchanged", False, [])
        [order] = target.orders
        assert (order["files"], order["journal_dir"], order["refresh"]) == ([], DIR, {"kind": "operator"})
        assert order["pending"] == {"directory": DIR, "log": LOG, "told": "operator", "kinds": {}}

    def test_an_order_that_changes_files_takes_it_away_itself(self) -> None:
        target = self.target(state="done", kinds=[])
        target.run([{**CICS, "client_certificate": "required", "trust_store": RING}])
        assert [bool(order["files"]) for order in target.orders] == [True]

    def test_a_note_that_is_none_is_told_and_stops_nothing(self) -> None:
        done = self.target(state="refused", kinds=[], message="It is none.").run([CICS])
        assert (done["verdict"], done["notes"]) == ("unchanged", ["It is none."])

    def test_a_note_that_could_not_be_written_is_told(self) -> None:
        target = bare()
        planned = target.plan([CICS])
        order = planned.next_order()
        assert order is not None
        planned.take({**target.apply(order), "pending": "It cannot be written."})
        planned.remarks.append("It cannot be removed.")
        assert planned.notes() == ["It cannot be written.", "It cannot be removed."]


class TestRefused:
    def test_a_server_that_is_not_there(self) -> None:
        assert refused(Target({}), [CICS]) == f"{SERVER_XML}: does not exist; correct server_dir."

    def test_a_port_that_is_taken(self) -> None:
        assert refused(bare(open={("127.0.0.1", 5002): "127.0.0.1"}), [CICS]) == (
            "Port 5002 is taken already: something listens at 127.0.0.1. Free it, or choose another one."
        )

    def test_an_mbean_that_does_not_answer(self) -> None:
        target = bare(connector={"state": "failed", "message": "https://localhost:9443: nobody listens."})
        assert refused(target, [CICS], **MBEAN) == "connections_refresh_url: https://localhost:9443: nobody listens."

    @pytest.mark.parametrize("missing", ["refresh_url", "refresh_username", "refresh_password"])
    def test_an_mbean_without_a_way_to_it(self, missing: str) -> None:
        assert refused(bare(), [CICS], **{**MBEAN, missing: ""}) == (
            f"connections_{missing} is empty; with connections_refresh mbean it is needed to tell the server."
        )

    def test_an_unknown_release(self) -> None:
        assert refused(bare(), [FRONTED], **{**ATTLS, "zos_release": ""}) == (
            "connections_zos_release is empty; it is needed to prove that a stack holds an AT-TLS rule as it is meant."
        )

    def test_a_program_that_is_missing(self) -> None:
        target = bare(pasearch={"state": "missing", "message": "pasearch: there is no such program.", "stdout": ""})
        assert refused(target, [FRONTED], **ATTLS, pasearch=["pasearch", "-t"]) == (
            "connections_pasearch: pasearch: there is no such program."
        )
        assert target.run([CICS], pasearch=["pasearch", "-t"])["changed"], "nobody needs it without a rule"

    def test_a_policy_of_a_host_that_nobody_read(self) -> None:
        assert refused(bare(), [FRONTED], **ATTLS, inbound_policy_host="lpar1") == (
            f"{POLICY}: is on lpar1, and what is there is not known. Run this task for that host first, with part read, "
            "and give what it returns in others."
        )

    @pytest.mark.parametrize("phase", ["placing", "applied"])
    def test_what_goes_back_with_the_next_run(self, phase: str) -> None:
        """A check run says so, and it is nothing to adopt."""
        said = f"{DIR}: a run was interrupted."
        left = {"state": "new", "phase": phase, "directory": DIR, "message": said}
        read = replace(bare().read([CICS], {**OPTIONS}), journals=[left])
        if phase == "applied":
            outcome.check_stays(read)
            return
        with pytest.raises(SecurityError) as caught:
            outcome.check_stays(read)
        assert str(caught.value) == (
            f"{said} So the server is not described as it is now. Run again what was interrupted, then adopt the server."
        )

    @pytest.mark.parametrize("state", ["running", "refused"])
    def test_what_another_run_left(self, state: str) -> None:
        left = {"state": state, "directory": DIR, "message": "Another run is at work."}
        read = bare(journals=[left]).read([CICS], {**OPTIONS})
        with pytest.raises(SecurityError, match=r"^Another run is at work\.$"):
            outcome.left_behind(read)


class TestAttls:
    def test_a_policy_comes_first_and_the_port_waits(self) -> None:
        target = bare(pasearch=NOBODY)
        done = target.run([FRONTED], **ATTLS, pasearch=["pasearch", "-t"])
        [order] = target.orders
        assert [each["path"] for each in order["files"]] == [POLICY]
        assert (order["refresh"], order["gates"]) == ({"kind": "operator"}, [])
        assert (done["verdict"], done["failed"]) == ("not_converged", True)
        assert done["msg"] == (
            "Not converged, the ports stay as they are. Rule fronted_in is not proven: the text is not what pasearch -t "
            "prints. Give its output from its head on. Tell the Policy Agent: F PAGENT,UPDATE. Then prove what the "
            "stack holds (pasearch -t), and run this again with that output in connections_evidence."
        )

    @pytest.mark.parametrize("evidence", ["", "no report"])
    def test_without_a_program_it_waits_too(self, evidence: str) -> None:
        done = bare().run([FRONTED], **ATTLS, evidence=evidence, unproven="accept")
        assert (done["verdict"], "failed" in done, done["policies"]) == ("not_converged", False, [POLICY])
        assert bare(files={POLICY: b""}).plan([FRONTED], **ATTLS).proof.proven is False

    @pytest.mark.parametrize(("folder", "where"), [("/handover", "in /handover"), ("", "in the statistics of the job")])
    def test_a_policy_of_another_team_is_to_be_installed_first(self, folder: str, where: str) -> None:
        options = {**ATTLS, "inbound_policy": ""}
        planned = bare().plan([FRONTED], **options, unproven="accept", handover_dir=folder)
        assert planned.next() == [
            "Rule fronted_in is not proven: nobody has shown yet what the stack holds.",
            f"Have the policy installed that is handed over (inbound-policy.txt {where}).",
            "Tell the Policy Agent: F PAGENT,UPDATE",
            "Then prove what the stack holds (pasearch -t), and run this again with that output in connections_evidence.",
        ]

    def test_what_is_taken_away_closes_the_port_first(self) -> None:
        policy = (
            b"TTLSRule fronted_in\n{\n  LocalPortRange 5004\n  Direction Inbound\n  TTLSGroupActionRef fronted_in\n}\n"
        )
        policy += b"TTLSGroupAction fronted_in\n{\n  TTLSEnabled On\n}\n"
        endpoint = b'<httpEndpoint id="fronted" httpPort="5004" httpsPort="-1"/>\n</server>'
        files = {SERVER_XML: BARE.replace(b"</server>", endpoint), POLICY: policy}
        open_ports = {("localhost", 5004): "127.0.0.1"}
        target = Target(files, open=open_ports)
        waits = target.run([FRONTED], **ATTLS, state="absent")
        assert [[each["path"] for each in order["files"]] for order in target.orders] == [[SERVER_XML]]
        assert waits["next"][-1] == (
            "Ports 5004 still answer, so their AT-TLS rules stay. Run this again when they are closed."
        )
        assert waits["verdict"] == "pending"
        target.open.clear()
        gone = target.run([FRONTED], **ATTLS, state="absent")
        assert [each["path"] for each in target.orders[-1]["files"]] == [POLICY]
        assert gone["next"] == [
            ("Tell the Policy Agent: F PAGENT,UPDATE. The stack has let a rule go when pasearch -t no longer shows it.")
        ]
        told = Target({**files, SERVER_XML: BARE.replace(b"</server>", endpoint), POLICY: policy}, open=open_ports)
        told.connector = {"state": "answers", "message": ""}
        done = told.run([FRONTED], **ATTLS, **MBEAN, state="absent")
        assert [[each["path"] for each in order["files"]] for order in told.orders] == [[SERVER_XML], [POLICY]]
        assert done["verdict"] == "changed"

    def test_a_rule_below_the_server_stays_until_it_is_told(self) -> None:
        """Without it a server that does not know yet would call in clear."""
        call = b'<zosconnect_endpointConnection id="api" host="http://localhost" port="443"/>\n</server>'
        target = bare(files={SERVER_XML: BARE.replace(b"</server>", call), POLICY: b"TTLSRule api_endpoint\n{\n}\n"})
        outbound = {"address": "192.0.2.20", "key_ring": "ZCEESRV/Endpoints", "user_id": "ZCEESRV"}
        api = {"name": "api", "server_dir": DIR, "server_tls": "attls", "outbound": outbound}
        done = target.run([{**api, "endpoint": {"host": "localhost", "port": 443}}], **ATTLS, state="absent")
        assert [[each["path"] for each in order["files"]] for order in target.orders] == [[SERVER_XML]]
        assert done["next"][-1] == (
            "The server calls api until the operator command F BAQSTRT,ZCON,REFRESH, so the AT-TLS rules stay. Run this "
            "again after it."
        )


# It came to the policy after the plan, for the port that the plan gives another rule.
OF_ANOTHER = """TTLSRule older
{
  LocalPortRange 5000-5004
  Direction Inbound
  Priority 255
  TTLSGroupActionRef off
}
TTLSGroupAction off
{
  TTLSEnabled Off
}
"""
SAME_PORT: Json = {"id": "attls-overlap", "reason": "the other one goes on Monday", "owner": "network"}


class TestElsewhere:
    """The policy is on lpar1, the texts for other teams are on files1."""

    OPTIONS: Json = {**ATTLS, "inbound_policy_host": "lpar1", "handover_dir": "/handover", "handover_host": "files1"}

    def others(self, targets: dict[str, Target]) -> list[Json]:
        options = {**OPTIONS, **self.OPTIONS}
        return [{"there": target.read([FRONTED], options, host).shown(host)} for host, target in targets.items()]

    def test_each_host_gets_its_part(self) -> None:
        targets = {"lpar1": Target({}), "files1": Target({"/handover/old.txt": b""})}
        options = {**OPTIONS, **self.OPTIONS, "unproven": "accept"}
        server = bare()
        others = [reading.of_other(told["there"], HOST, options) for told in self.others(targets)]
        read = server.read([FRONTED], options).with_others(others)
        planned = run.plan([FRONTED], run.planned_of([FRONTED], options, read), options, read, HOST)
        assert (planned.next_order(), planned.verdict) == (None, "not_converged")
        result = planned.result(None, diff=True)
        assert [(each["host"], each["path"]) for each in result["elsewhere"]] == [("lpar1", POLICY)]
        written: dict[str, list[str]] = {}
        for host, target in targets.items():
            later = {**options, "before": result}
            part = run.elsewhere([FRONTED], later, target.read([FRONTED], later, host), host, HOST)
            while (order := part.next_order()) is not None:
                part.take(target.apply(order))
            written[host] = sorted(target.files)
            assert part.result(None, diff=True)["changed"] is True
        assert written == {"lpar1": [POLICY], "files1": ["/handover/README.txt", "/handover/old.txt"]}

    @pytest.mark.parametrize("accepted", [(), (SAME_PORT,)])
    def test_a_policy_that_has_changed_since_the_plan_is_judged(self, accepted: tuple[Json, ...]) -> None:
        declared = [{**FRONTED, "waivers": list(accepted)}]
        options = {**OPTIONS, **self.OPTIONS, "unproven": "accept"}
        others = [reading.of_other(told["there"], HOST, options) for told in self.others({"lpar1": Target({})})]
        read = bare().read(declared, options).with_others(others)
        planned = run.plan(declared, run.planned_of(declared, options, read), options, read, HOST)
        later = {**options, "before": planned.result(None, diff=True)}
        target = Target({POLICY: OF_ANOTHER.encode()})
        there = target.read(declared, later, "lpar1")
        if accepted:
            assert run.elsewhere(declared, later, there, "lpar1", HOST).next_order() is not None
            return
        with pytest.raises(SecurityError) as caught:
            run.elsewhere(declared, later, there, "lpar1", HOST)
        assert str(caught.value) == (
            f"{POLICY}: has changed on lpar1 since it was planned, and was not written. {POLICY}:9: TTLSRule fronted_in and "
            f"TTLSRule older ({POLICY}:1) can match the same connection with the same priority 255; fronted_in wins, by its "
            "name alone. (medium, attls-overlap) Which rule a connection gets depends on the alphabet; a new name may change "
            "it. To accept it, give a connection waivers with id attls-overlap, reason and owner. Then run again."
        )

    def test_a_directory_in_other_hands(self) -> None:
        target = Target({"/handover/old.txt": b""}, led=frozenset({"/handover"}))
        options = {**OPTIONS, **self.OPTIONS, "before": {"handover": {"README.txt": "1.\n"}}}
        with pytest.raises(SecurityError) as caught:
            run.elsewhere([FRONTED], options, target.read([FRONTED], options, "files1"), "files1", HOST)
        assert str(caught.value) == (
            "connections_handover_dir: /handover is in the hands of user nobody. Name a directory that only the user who "
            "runs this can change."
        )


def test_texts_go_to_the_directory_once() -> None:
    target = bare(files={"/handover/README.txt": b"old\n"})
    options = {**ATTLS, "handover_dir": "/handover", "unproven": "accept"}
    first, second = target.run([FRONTED], **options), target.run([FRONTED], **options)
    assert [each["path"] for each in target.orders[0]["files"]] == ["/handover/README.txt", POLICY]
    assert target.files["/handover/README.txt"].startswith(b" 1. Once for each stack")
    assert (first["changed"], second["changed"]) == (True, False)
    assert "handover" not in first["report"], "they are in the directory"


def test_only_what_is_made_looks_as_asked() -> None:
    looks = {"policy_mode": "0644", "policy_group": "PAGENT", "handover_owner": "zosadm"}
    options = {**ATTLS, "handover_dir": "/handover", "unproven": "accept", **looks}
    made, there = bare(), bare(files={"/handover/README.txt": b"old\n", POLICY: b""})
    for target, expected in ((made, [{"owner": "zosadm"}, {"group": "PAGENT", "mode": "0644"}]), (there, [{}, {}])):
        target.run([FRONTED], **options)
        assert [each["attributes"] for each in target.orders[0]["files"]] == expected


def test_a_failure_says_cause_and_what_was_put_back() -> None:
    target = bare(connector={"state": "answers", "message": ""})
    planned = target.plan([CICS], **MBEAN)
    order = planned.next_order()
    assert order is not None
    answer = target.apply(order, outcome="put_back", changed=False, message="cics: the port: refused.")
    answer["files"] = [{**answer["files"][0], "state": "old", "backup_file": None}]
    planned.take({**answer, "refresh_back": {"kind": "mbean", "state": "told", "message": ""}})
    assert planned.next_order() is None
    result = planned.result(None, diff=False)
    assert (result["failed"], result["verdict"], result["changed"], result["restore"]) == (True, "put_back", False, [])
    assert result["msg"] == f"cics: the port: refused. Put back: {SERVER_XML}. The server was told of that."
    assert result["lines"] == ["PUT BACK  cics on 5002", "cause: cics: the port: refused.", "put back: server.xml"]
    assert result["report"]["put_back"] == [SERVER_XML]


@pytest.mark.parametrize(
    ("told_back", "said"),
    [
        ({}, ""),
        ({"kind": "mbean", "state": "failed", "message": "Nobody listens."}, " The server could not be told of that: Nobody listens."),
        ({"kind": "polled", "state": "none", "message": ""}, " The server looks for changes itself."),
        ({"kind": "operator", "state": "none", "message": ""}, " The server was not told of anything."),
    ],
)  # fmt: skip
def test_how_the_server_learns_that_it_was_put_back(told_back: Json, said: str) -> None:
    files = [{"path": "/s/a", "state": "left", "message": ""}, {"path": "/s/b", "state": "old", "message": ""}]
    applied = {"message": "", "files": files, "refresh_back": told_back}
    told = summary.Told("left", applied=applied)
    assert summary.failure(told) == f"The target did not say why. Put back: /s/b. /s/a: is as the run left it.{said}"


@pytest.mark.parametrize(
    ("result", "verdict", "said"),
    [
        ({"failed": True, "msg": "No such directory."}, "failed", "No such directory."),
        ({"unreachable": True, "msg": "zcee: refused"}, "unreachable", "zcee: refused"),
        ({"failed": True}, "failed", "The target did not say why."),
    ],
)
def test_a_host_where_nothing_ran_is_in_the_statistics(result: Json, verdict: str, said: str) -> None:
    told = summary.of_failure(result)
    assert (told["verdict"], told["sentence"], told["effective"]) == (verdict, said, False)


@pytest.mark.parametrize(
    ("changed", "check_mode", "verdict"),
    [(True, False, "changed"), (True, True, "would_change"), (False, False, "unchanged")],
)
def test_what_the_statistics_say_of_files_that_were_put_back(*, changed: bool, check_mode: bool, verdict: str) -> None:
    files = [{"path": SERVER_XML}] if changed else []
    result = {"changed": changed, "restored": files, "lines": ["put back: a", "the server was told"]}
    told = summary.of_restore(result, check_mode=check_mode)
    assert (told["verdict"], told["sentence"]) == (verdict, "put back: a; the server was told")
    assert told["counts"]["files"] == len(files)


def test_a_finding_is_told_with_its_place() -> None:
    finding = {"id": "port-twice", "message": "Two have it.", "origin": f"{SERVER_XML}:7", "severity": "low"}
    told = summary.Told("changed", findings=[finding])
    said = f"port-twice: Two have it. ({SERVER_XML}:7)"
    assert summary.lines(told)[1] == f"note: {said}"
    assert summary.summary(told)["worst"] == [said]


def test_nothing_changed_where_it_was_refused() -> None:
    told = summary.Told("refused", applied={"message": "somebody changed it.", "files": []})
    assert summary.failure(told) == "somebody changed it. Nothing was changed."
    assert summary.lines(told) == ["REFUSED  nothing declared", "cause: somebody changed it.", "nothing was changed"]


WIDE: Json = {"name": "wide", "server_dir": DIR, "port": 5003, "caller_tls": "cics", "server_tls": "jsse"}
RING: Json = {"location": "safkeyring:///R"}
CALL: Json = {"name": "api", "server_dir": DIR, "endpoint": {"host": "https://h", "port": 443}, "trust_store": RING}


@pytest.mark.parametrize(
    ("others", "state", "said"),
    [
        ([], "present", "1 of 1 connections: cics on 5002 (client_certificate required, was none)"),
        ([WIDE], "present", "1 of 2 connections: cics on 5002 (client_certificate required, was none)"),
        (
            [{**WIDE, "protocols": ["TLSv1.3"]}],
            "present",
            "2 of 2 connections: cics on 5002 (client_certificate required, was none), wide on 5003",
        ),
        (
            [CALL],
            "present",
            "1 of 1 connections: cics on 5002 (client_certificate required, was none); calls of api",
        ),
        ([], "absent", "absent: cics on 5002"),
    ],
)
def test_whoever_becomes_other_is_counted(others: list[Json], state: str, said: str) -> None:
    """A port whose protocols change, or a call, has no word of its own, but it is not left out."""
    server = b"""<server>
  <featureManager><feature>transportSecurity-1.0</feature></featureManager>
  <sslDefault sslRef="S"/><ssl id="S" keyStoreRef="K" trustStoreRef="K"/>
  <ssl id="W" keyStoreRef="K" trustStoreRef="K"/><sslOptions id="W" sslRef="W"/>
  <keyStore id="K" location="safkeyring:///R" password="password" type="JCERACFKS"/>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="5002"/>
  <httpEndpoint id="wide" httpPort="-1" httpsPort="5003" sslOptionsRef="W"/>
</server>"""
    done = Target({SERVER_XML: server}).run(
        [{**WIDE, "name": "cics", "port": 5002, "client_certificate": "required"}, *others], state=state
    )
    assert done["lines"][0] == f"changed  {said}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"port": 5009, "elements": {"httpEndpoint": "defaultHttpEndpoint"}}, "on 5009 (port 5009, was 5002)"),
        ({"protocols": ["TLSv1.3"]}, "on 5002 (protocols TLSv1.3, was TLSv1.2 TLSv1.3)"),
    ],
)
def test_a_port_that_moves_and_protocols_say_what_was(words: Json, said: str) -> None:
    server = b"""<server>
  <featureManager><feature>transportSecurity-1.0</feature></featureManager>
  <sslDefault sslRef="S"/><ssl id="S" keyStoreRef="K" trustStoreRef="K" sslProtocol="TLSv1.2,TLSv1.3"/>
  <keyStore id="K" location="safkeyring:///R" password="password" type="JCERACFKS"/>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="5002"/>
  <httpEndpoint id="wide" httpPort="-1" httpsPort="5003"><sslOptions sslRef="S"/></httpEndpoint>
</server>"""
    cics = {**WIDE, "name": "cics", "port": 5002, **words}
    done = Target({SERVER_XML: server}).run([cics, WIDE])
    assert done["lines"][0] == f"changed  1 of 2 connections: cics {said}"


def test_a_note_says_where_the_others_are() -> None:
    """Findings are no warnings of the task: those only Ansible shows by itself."""
    findings = [{"id": id_, "message": said, "origin": "x:1"} for id_, said in (("a", "One."), ("b", "Two."))]
    told = summary.Told("changed", findings=findings, warnings=["Three."])
    assert summary.lines(told)[-1] == "note: a: One. (x:1) (2 more among the task's findings and warnings)"


def test_of_a_store_nobody_says_whose_it_is_alone() -> None:
    ports = [{"connection": name, "port": number} for name, number in (("cics", 5002), ("batch", 5003))]
    was = [{"word": "client_certificate", "was": "none", "is": "required"}]
    files = [{"path": "/s/k.p12", "kind": "store", "what": ["zcee"]}]
    told = summary.Told("changed", ports, [{"connection": "api"}], files, differences={"cics": was})
    said = "cics on 5002 (client_certificate required, was none), batch on 5003; calls of api"
    assert summary.lines(told)[0] == f"changed  {said}"


def test_there_are_never_more_than_six_lines() -> None:
    connections = [{"connection": f"c{number}", "port": number} for number in range(10_000)]
    files = [{"path": f"/s/{number}.p12", "what": ["a"]} for number in range(10_000)]
    told = summary.Told(
        "changed",
        connections,
        connections,
        files,
        True,
        ["1", "2", "3"],
        "undo it",
        ["w"] * 10_000,
        applied={"gates": []},
    )
    found = summary.lines(told)
    assert len(found) == summary.MOST
    assert max(map(len, found)) < 200
    assert (
        found[0] == "changed  c0 on 0, c1 on 1, c2 on 2, c3 on 3 and 9996 more; calls of c0, c1, c2, c3 and 9996 more"
    )


def test_only_what_becomes_other_is_named() -> None:
    ports = [{"connection": name, "port": number} for name, number in (("cics", 5002), ("batch", 5003), ("ims", 5004))]
    was = [{"word": "client_certificate", "was": "none", "is": "required"}, {"word": "host", "was": "*", "is": "h"}]
    new = [{"word": None, "was": None, "is": None}]
    said = "cics on 5002 (client_certificate required, was none; host h, was *)"
    told = summary.Told("would_change", ports, differences={"cics": was})
    assert summary.lines(told) == [f"would change  1 of 3 connections: {said}"]
    told = summary.Told("changed", ports, differences={"cics": was, "ims": new})
    assert summary.lines(told) == [f"changed  2 of 3 connections: {said}, ims on 5004 (new)"]
    told = summary.Told("changed", ports, differences={one["connection"]: new for one in ports})
    assert summary.lines(told) == ["changed  cics on 5002, batch on 5003, ims on 5004"]


def test_what_has_no_word_is_named_alone_too() -> None:
    """A port that moves, protocols or a call: who reads that all were changed looks for what was not."""
    ports = [{"connection": name, "port": number} for name, number in (("cics", 5002), ("batch", 5003))]
    calls: list[Json] = [{"connection": "api"}, {"connection": "pay"}]
    told = summary.Told("changed", ports, calls, differences={"batch": []})
    assert summary.lines(told) == ["changed  1 of 2 connections: batch on 5003"]
    told = summary.Told("would_change", ports, calls, differences={"api": []})
    assert summary.lines(told) == ["would change  calls of api"]
    new: list[Json] = [{"word": None, "was": None, "is": None}]
    told = summary.Told("changed", ports, calls, differences={"batch": new})
    assert summary.lines(told) == ["changed  1 of 2 connections: batch on 5003 (new)"]
    told = summary.Told("changed", ports, calls, differences={"cics": [], "batch": [], "pay": []})
    assert summary.lines(told) == ["changed  cics on 5002, batch on 5003; calls of pay"]


def test_what_the_playbook_restore_reads() -> None:
    now = datetime(2026, 11, 29, 14, 15, tzinfo=UTC)
    items = [{"path": SERVER_XML, "backup_file": f"{SERVER_XML}~", "checksum_before": "a", "checksum_after": "b"}]
    assert run.restore_name(HOST, now) == "zosconnect-restore-zceesrv1-20261129T141500.yml"
    text = run.restore_text(HOST, now, items)
    assert text.startswith("# Undoes what connections changed on zceesrv1 at 2026-11-29T14:15:00Z.\n---\n")
    assert yaml.safe_load(text) == {"zosconnect_restore": {HOST: items}}


def test_a_name_of_the_target_is_no_template_in_what_restore_reads() -> None:
    """Whoever owns a server names its includes, and Ansible evaluates what stands in a file of variables."""
    names = ["{{ lookup('pipe', 'id') }}.xml", "{% set a = 1 %}", '"{#', "{ {plain}%"]
    items = [{"path": f"/s/{name}", "backup_file": f"/s/{name}~", "checksum_before": "a"} for name in names]
    text = run.restore_text(HOST, datetime(2026, 11, 29, tzinfo=UTC), items)

    class Loader(yaml.SafeLoader):
        """Knows what is never evaluated, as Ansible does."""

    Loader.add_constructor("!unsafe", lambda loader, node: ("unsafe", loader.construct_scalar(node)))
    (read,) = yaml.load(text, Loader)["zosconnect_restore"].values()
    for number, (one, item) in enumerate(zip(read, items, strict=True)):
        for key in ("path", "backup_file"):
            assert one[key] == (item[key] if number == 3 else ("unsafe", item[key]))
        assert one["checksum_before"] == "a"


@pytest.mark.parametrize("elsewhere", ["", "lpar1"])
def test_the_home_directory_is_that_of_the_host(elsewhere: str) -> None:
    """Paths come back with ~ replaced, as only the host can do it."""
    target = bare()
    places = {"inbound_policy": "~/pol.ttls", "inbound_policy_host": elsewhere, "handover_dir": "~/texts"}
    options = {**OPTIONS, **ATTLS, **places, "unproven": "accept"}
    read = target.read([FRONTED], options)
    if elsewhere:
        told = target.read([FRONTED], options, elsewhere).shown(elsewhere)
        read = read.with_others([reading.of_other(told, HOST, options)])
    planned = run.plan([FRONTED], run.planned_of([FRONTED], options, read), options, read, HOST)
    assert planned.missing_folder() == f"{HOME}/texts"
    order = planned.next_order()
    found = [each["path"] for each in order["files"]] if order else []
    assert [path for path in found if not path.startswith(f"{HOME}/texts/")] == [f"{HOME}/pol.ttls"] * (not elsewhere)
    if elsewhere:
        there = {**options, "before": planned.result(None, diff=False)}
        part = run.elsewhere([FRONTED], there, target.read([FRONTED], there, elsewhere), elsewhere, HOST)
        order = part.next_order()
        assert order is not None
        assert [each["path"] for each in order["files"]] == [f"{HOME}/pol.ttls"]


CONSOLE: Json = {"operator": "zos_operator"}
DONE: Json = {"command": ZCON_REFRESH, "output": "COMPLETED SUCCESSFULLY", "confirmed": True}
VERIFY = "the playbook zosconnect.security.verify_connections."


class TestConsole:
    """A console is told of what changed, and the run says what it answered."""

    def run(self, target: Target, declared: list[Json], answer: Json | str = DONE, **options: object) -> run.Run:
        """Carry a run out as the action does; ``answer`` is a console's to each command, or why it refuses."""
        planned = target.plan(declared, **CONSOLE, **options)
        while (order := planned.next_order()) is not None:
            planned.take(target.apply(order))
        groups = planned.to_give()
        for number, changed in enumerate(groups):
            if isinstance(answer, str):
                planned.refused(answer, groups[number:])
                break
            planned.gave(changed, [answer])
        if order := planned.settling():
            target.orders.append(order)
        return planned

    def test_the_server_is_told_and_nothing_is_pending(self) -> None:
        target = bare()
        planned = self.run(target, [CICS])
        done = planned.result(None, diff=False)
        assert planned.told == ["configuration"]
        assert (done["verdict"], done["effective"], done["given"]) == ("changed", True, [DONE])
        assert done["next"] == [f"The server of zceesrv1 was told: {ZCON_REFRESH}. Run {VERIFY}"]
        assert "in force: the server was told" in done["lines"]
        note = {"directory": DIR, "log": LOG, "told": "command", "kinds": {}}
        assert (target.orders[-1]["files"], target.orders[-1]["pending"]) == ([], note)

    def test_nothing_says_that_it_was_carried_out(self) -> None:
        target = bare()
        done = self.run(target, [CICS], {**DONE, "confirmed": False}).result(None, diff=False)
        assert (done["verdict"], done["effective"]) == ("changed", False)
        assert len(target.orders) == 1, "what is noted stays, and the log will show it"

    def test_a_command_that_is_refused_is_an_error(self) -> None:
        why = f"{ZCON_REFRESH} was refused: IEE341I; start the job."
        done = self.run(bare(), [CICS], why).result(None, diff=False)
        assert (done["failed"], done["verdict"], done["effective"], done["given"]) == (True, "pending", False, [])
        assert (
            done["msg"]
            == done["summary"]["sentence"]
            == (
                f"{why} The files are changed, and count after {ZCON_REFRESH}. Give it when that is possible, with the module "
                "zosconnect.security.operator_command for instance, or run this again."
            )
        )
        assert done["next"][0].startswith("The files of zceesrv1 have changed; the server uses them after ")

    def test_several_commands_are_left(self) -> None:
        planned = bare().plan([CICS], **CONSOLE)
        planned.refused("F PAGENT,UPDATE was refused: IEE341I; start the job.", [["policy"], ["configuration"]])
        assert planned.problem.endswith(
            f"count after F PAGENT,UPDATE, then {ZCON_REFRESH}. Give them when that is possible, with the module "
            "zosconnect.security.operator_command for instance, or run this again."
        )

    def test_check_mode_says_what_would_be_given(self) -> None:
        planned = bare().plan([CICS], **CONSOLE)
        planned.pretend()
        assert planned.to_give() == [["configuration"]]
        assert planned.next() == [
            (
                f"The files of zceesrv1 would change, and this run would tell the server: {ZCON_REFRESH}. Then run the "
                "playbook zosconnect.security.verify_connections."
            )
        ]
        assert (planned.verdict, planned.effective) == ("would_change", False)

    def test_a_second_run_gives_nothing(self) -> None:
        target = bare()
        self.run(target, [CICS])
        target.open["127.0.0.1", 5002] = "127.0.0.1"
        again = self.run(target, [CICS])
        assert (again.told, again.changed, again.verdict, again.next()) == ([], False, "unchanged", [])

    def test_what_an_earlier_run_left_is_told_now(self) -> None:
        target = TestUntold().target(kinds=["key_stores"])
        planned = self.run(target, [CICS])
        assert (planned.told, planned.changed, planned.verdict) == (["key_stores"], False, "unchanged")
        assert planned.next() == [f"The server of zceesrv1 was told: {ZCON_REFRESH}. Run {VERIFY}"]

    def test_the_policy_agent_is_told_until_the_rules_are_proven(self) -> None:
        target = bare(pasearch=NOBODY)
        for _ in range(2):
            planned = self.run(target, [FRONTED], **ATTLS, pasearch=["pasearch", "-t"])
            assert planned.told == ["policy"]
            assert "The Policy Agent was told: F PAGENT,UPDATE" in planned.next()
        assert planned.verdict == "not_converged"
        tried = target.plan([FRONTED], **CONSOLE, **ATTLS, pasearch=["pasearch", "-t"])
        tried.pretend()
        assert "This run would tell the Policy Agent: F PAGENT,UPDATE" in tried.next()
        handed = self.run(bare(), [FRONTED], zos_release="3.1", evidence="no report")
        assert handed.told == [], "another team has the policy"
        assert "Tell the Policy Agent: F PAGENT,UPDATE" in handed.next()

    def test_a_policy_on_another_host_is_told_there(self) -> None:
        options = {**ATTLS, **CONSOLE, "inbound_policy_host": "lpar1"}
        target = bare()
        own = target.read([FRONTED], {**OPTIONS, **options})
        other = target.read([FRONTED], {**OPTIONS, **options}, "lpar1")
        read = own.with_others([reading.of_other(other.shown("lpar1"), HOST, {**OPTIONS, **options})])
        planned = run.plan(
            [FRONTED], run.planned_of([FRONTED], {**OPTIONS, **options}, read), {**OPTIONS, **options}, read, HOST
        )
        assert planned.to_give() == []
        assert "This run tells the Policy Agent of lpar1: F PAGENT,UPDATE" in planned.next()
        before = {"elsewhere": planned.result(None, diff=False).get("elsewhere") or planned._elsewhere()}
        there = run.elsewhere([FRONTED], {**OPTIONS, **options, "before": before}, other, "lpar1", HOST)
        while (order := there.next_order()) is not None:
            there.take(target.apply(order))
        assert there.to_give() == [["policy"]]

    def test_a_policy_below_the_callers_is_told_though_nothing_has_to_be_proven(self) -> None:
        night = {"type": "batch", "name": "night", "job_name": "NIGHT*", "key_ring": "NIGHTUSR/ZosConnect"}
        called = {"server_host": "localhost", "server_address": "192.0.2.1", "caller_tls": "attls", "clients": [night]}
        target = bare()
        options = {"zos_release": "3.1", "outbound_policy": POLICY, "policy_encoding": "UTF-8"}
        named = target.plan([{**CICS, **called}], **options)
        named.pretend()
        assert named.next()[0] == "Tell the Policy Agent: F PAGENT,UPDATE."
        planned = self.run(target, [{**CICS, **called}], **options)
        assert planned.told == ["policy", "configuration"]
        assert planned.next()[0] == "The Policy Agent was told: F PAGENT,UPDATE."

    def test_the_server_is_told_otherwise(self) -> None:
        target = bare(connector={"state": "answers", "message": ""})
        assert self.run(target, [CICS], **MBEAN).told == []

    def test_what_is_taken_away(self) -> None:
        """The server first; in the next run the policy, of which the Policy Agent is told."""
        endpoint = b'<httpEndpoint id="fronted" httpPort="5004" httpsPort="-1"/>\n</server>'
        policy = (
            b"TTLSRule fronted_in\n{\n  LocalPortRange 5004\n  Direction Inbound\n  TTLSGroupActionRef fronted_in\n}\n"
            b"TTLSGroupAction fronted_in\n{\n  TTLSEnabled On\n}\n"
        )
        files = {SERVER_XML: BARE.replace(b"</server>", endpoint), POLICY: policy}
        target = Target(files, open={("localhost", 5004): "127.0.0.1"})
        first = self.run(target, [FRONTED], **ATTLS, state="absent")
        assert (first.told, first.verdict) == (["configuration"], "pending")
        assert first.next()[-1] == (
            "Ports 5004 answered before the server was told, so their AT-TLS rules stay. Run this again when they are "
            "closed."
        )
        target.open.clear()
        second = self.run(target, [FRONTED], **ATTLS, state="absent")
        assert second.told == ["policy"]
        assert second.next() == [
            "The Policy Agent was told: F PAGENT,UPDATE. The stack has let a rule go when pasearch -t no longer shows it."
        ]

    def test_a_rule_below_the_server_stays_until_the_next_run(self) -> None:
        call = b'<zosconnect_endpointConnection id="api" host="http://localhost" port="443"/>\n</server>'
        target = bare(files={SERVER_XML: BARE.replace(b"</server>", call), POLICY: b"TTLSRule api_endpoint\n{\n}\n"})
        outbound = {"address": "192.0.2.20", "key_ring": "ZCEESRV/Endpoints", "user_id": "ZCEESRV"}
        api = {"name": "api", "server_dir": DIR, "server_tls": "attls", "outbound": outbound}
        declared = [{**api, "endpoint": {"host": "localhost", "port": 443}}]
        done = self.run(target, declared, **ATTLS, state="absent")
        assert done.next()[-1] == (
            "The server called api until it was told, so the AT-TLS rules stay. Run this again; then they go."
        )


MEMBER = "//'SYS1.TCPPARMS(TTLSPOL)'"


class TestMembers:
    """A policy is a member of a data set: no order of the target has it."""

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (
                {"inbound_policy": "//'SYS1.TCPPARMS'"},
                (
                    "connections_inbound_policy: //'SYS1.TCPPARMS' is no member of a data set; write it in capital letters "
                    "as the Policy Agent does: //'HLQ.POLICY(MEMBER)'. A sequential data set is not taken: zos_copy would "
                    "delete it and allocate another."
                ),
            ),
            (
                {"inbound_policy": MEMBER, "policy_encoding": "UTF-8"},
                "connections_policy_encoding: UTF-8 cannot be that of a member of a data set; give IBM-1047 or IBM-037.",
            ),
            *(
                (
                    {"inbound_policy": MEMBER, f"policy_{key}": "0640"},
                    f"connections_policy_{key}: cannot be given for a member of a data set; leave it out.",
                )
                for key in ("owner", "group", "mode")
            ),
        ],
    )
    def test_what_a_member_cannot_be(self, options: Json, sentence: str) -> None:
        assert refused(bare(), [FRONTED], zos_release="3.1", **options) == sentence

    def test_a_look_is_for_the_other_policy_if_that_is_a_file(self) -> None:
        places = reading.Places(
            HOST, HOST, {**OPTIONS, "inbound_policy": MEMBER, "outbound_policy": POLICY, "policy_mode": "0640"}
        )
        asked = reading.ask([FRONTED], places.options, places)
        assert [each["path"] for each in asked.body["files"]].count(POLICY) == 1
        assert MEMBER not in [each["path"] for each in asked.body["files"]]
        assert (list(places.members()), places.option_of_member()) == ([MEMBER], "connections_inbound_policy")

    def test_no_order_has_it(self) -> None:
        target = bare(files={MEMBER: b""})
        planned = target.plan([FRONTED], zos_release="3.1", inbound_policy=MEMBER, evidence="no report")
        order = planned.next_order()
        assert order is not None
        assert order["files"] == []
        (change,) = planned.next_members()
        assert (change.member.path, change.old) == (MEMBER, b"")
        assert "TTLSRule".encode("cp037") in change.new
        row = {"path": MEMBER, "real_path": MEMBER, "state": "new", "made": False, "message": ""}
        sums = {"backup_file": "//'SYS1.TCPPARMS(ZA1B2C3D)'", "checksum_before": "a", "checksum_after": "b"}
        planned.take({"outcome": "applied", "changed": True, "files": [{**row, **sums}], "gates": []})
        assert planned.next_order() is None
        assert planned.restore() == [{"path": MEMBER, **sums, "kind": "policy"}]
        assert planned.new_policies()
