# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook awx_pack and `awx import` against a stand-in of AWX's API: all of it made, and a second run changes nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import awx_data
import awx_rules
import proof
import pytest
from awx_standin import PASSWORD, TOKEN, USER, Awx

pytestmark = pytest.mark.ansible

Json = dict[str, Any]
GIT = "https://git.example.com/zosconnect.git"
GIVEN = {
    "organization": "Default",
    "scm_url": GIT,
    "ee_image": "ee.example.com/zosconnect-security:latest",
}
HOOK = "https://hooks.example.com/zosconnect"
PLAYBOOKS = sorted(path.name for path in awx_data.PROJECT.glob("*.yml"))
BEGUN = {"event": "playbook_on_play_start"}
LINKS = ("success_nodes", "failure_nodes", "always_nodes")


def played(awx: Awx | None, *options: str, environment: Json | None = None, **given: str) -> tuple[int, str]:
    """Run the playbook; return its status and what it said."""
    known = {"CONTROLLER_HOST": awx.url, "CONTROLLER_USERNAME": USER, "CONTROLLER_PASSWORD": PASSWORD} if awx else {}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONTROLLER_", "TOWER_"))}
    command = [sys.executable, "-m", "ansible", "playbook", "zosconnect.security.awx_pack", *options]
    command += ["-e", json.dumps({**GIVEN, **given})]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**clean, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "200", **known, **(environment or {})},
    )
    assert not {PASSWORD, TOKEN} & set((ended.stdout + ended.stderr).split())
    return ended.returncode, ended.stdout + ended.stderr


def refused(ran: tuple[int, str]) -> str:
    """The sentence with which it failed."""
    status, said = ran
    assert status == 2, said
    (line,) = [line for line in said.splitlines() if line.startswith("fatal: ")]
    return str(json.loads(line.partition("=> ")[2])["msg"])


def what_is_there(awx: Awx) -> Json:
    """All objects by their names, ids replaced by names, as one can compare two AWXs."""
    names = {
        number: row.get("name") or row.get("identifier") for rows in awx.rows.values() for number, row in rows.items()
    }
    ids = {"organization", "project", "inventory", "execution_environment", "default_environment", "source_project"}
    ids |= {"unified_job_template", "workflow_job_template"}
    found: Json = {}
    for resource, rows in awx.rows.items():
        for row in rows.values():
            shown = {key: names.get(value, value) if key in ids else value for key, value in row.items() if key != "id"}
            lists = {key: sorted(str(names[one]) for one in awx.related(resource, row, key)) for key in LINKS}
            survey = awx.surveys.get((resource, row["id"]), {})
            # A node's name is its own within its workflow only.
            place = (resource, str(shown.get("workflow_job_template")), str(names[row["id"]]))
            found[" / ".join(place)] = {**shown, **lists, "survey": survey}
    return found


@pytest.fixture(scope="module")
def runs() -> Iterator[tuple[Awx, list[tuple[int, str]]]]:
    """An AWX that the playbook was run for twice."""
    with Awx(PLAYBOOKS) as awx:
        first = played(awx, notify_url=HOOK)
        before = what_is_there(awx)
        second = played(awx, notify_url=HOOK)
        assert what_is_there(awx) == before
        yield awx, [first, second]


class TestEverything:
    def test_the_first_run_makes_it_and_the_second_changes_nothing(
        self, runs: tuple[Awx, list[tuple[int, str]]]
    ) -> None:
        _awx, (first, second) = runs
        assert (first[0], second[0]) == (0, 0), first[1] + second[1]
        assert "changed=1" in first[1]
        assert "changed=0" in second[1]
        assert "All of it was there." in second[1]

    def test_braces_of_injectors_are_those_that_awx_fills_in(self, runs: tuple[Awx, list[tuple[int, str]]]) -> None:
        awx, _runs = runs
        made = awx.named("credential_types", "z/OS Connect server keys")
        assert made["injectors"]["extra_vars"]["zosconnect_key_store_password"] == "{{ key_store_password }}"
        given = awx_rules.variables_of(made, {"key_store_password": "of the store"})
        assert given["zosconnect_key_store_password"] == "of the store"
        assert given["zosconnect_private_key"] == ""

    def test_the_way_of_a_workflow(self, runs: tuple[Awx, list[tuple[int, str]]]) -> None:
        there = what_is_there(runs[0])
        way = {
            name.rpartition(" / ")[2]: [node["success_nodes"], node["failure_nodes"]]
            for name, node in there.items()
            if name.startswith("workflow_job_template_nodes / z/OS Connect - protect / ")
        }
        assert way == {
            "explain": [["try"], []],
            "try": [["approve"], []],
            "approve": [["connect"], []],
            "connect": [["prove"], ["put back"]],
            "prove": [[], ["put back"]],
            "put back": [["was put back"], []],
            "was put back": [[], []],
        }

    def test_who_is_told(self, runs: tuple[Awx, list[tuple[int, str]]]) -> None:
        awx, _runs = runs
        (hook,) = awx.rows["notification_templates"].values()
        assert hook["notification_configuration"]["url"] == HOOK
        told = {(resource, name) for (resource, _id, name), ids in awx.lists.items() if ids == [hook["id"]]}
        expected = {(kind, "notification_templates_error") for kind in ("job_templates", "workflow_job_templates")}
        assert told == {*expected, ("workflow_job_templates", "notification_templates_approvals")}

    def test_approvers_approve(self, runs: tuple[Awx, list[tuple[int, str]]]) -> None:
        awx, _runs = runs
        team = awx.named("teams", "z/OS Connect approvers")["id"]
        held = {(awx.roles[role][1], awx.roles[role][2]) for (role, actors), ids in awx.holders.items() if team in ids}
        workflows = set(awx.rows["workflow_job_templates"])
        assert held == {(one, role) for one in workflows for role in ("approval_role", "read_role")}

    def test_awx_import_makes_the_same_and_can_be_repeated(self, runs: tuple[Awx, list[tuple[int, str]]]) -> None:
        from awxkit import api, config  # it is in this environment alone

        with Awx(PLAYBOOKS) as imported:
            for _run in range(2):
                config.base_url, config.client_connection_attempts, config.assume_untrusted = imported.url, 1, True
                root = api.Api()
                root.connection.login(token=TOKEN)
                found = root.get().available_versions.v2.get()
                found.import_assets(json.loads(awx_data.ASSETS.read_text(encoding="utf-8")))
                assert not getattr(found, "_has_error", False)
            # A node gets a new approval with each import, as in AWX, and nobody is told.
            dropped = ("workflow_approval_templates", "notification_templates")
            expected, there = what_is_there(runs[0]), what_is_there(imported)
            for both in (expected, there):
                for name in [name for name in both if name.startswith(dropped)]:
                    del both[name]
            for name, item in expected.items():
                variables = item.pop("extra_vars", None)
                assert json.loads(variables or "{}") == json.loads(there[name].pop("extra_vars", None) or "{}")
            assert there == expected


def test_over_an_older_pack_that_people_worked_with(runs: tuple[Awx, list[tuple[int, str]]]) -> None:
    awx, _runs = runs
    expected = what_is_there(awx)
    # Somebody renamed a template and attached a credential; the older pack had a node, a link and a text of its own.
    awx.named("job_templates", "z/OS Connect - explain")["name"] = "Mine"
    keys = awx.named("credential_types", "z/OS Connect server keys")["id"]
    mine = awx.create("credentials", {"name": "Mine", "organization": 1, "credential_type": keys, "inputs": {}})
    connections = awx.named("job_templates", "z/OS Connect - connections")
    awx.lists["job_templates", connections["id"], "credentials"] = [mine["id"]]
    connections["description"], connections["ask_limit_on_launch"] = "Older", False
    whole = awx.named("workflow_job_templates", "z/OS Connect - renew, approved")["id"]
    nodes = {
        r["identifier"]: r["id"]
        for r in awx.rows["workflow_job_template_nodes"].values()
        if r["workflow_job_template"] == whole
    }
    old = awx.create(
        "workflow_job_template_nodes",
        {"workflow_job_template": whole, "identifier": "old", "unified_job_template": connections["id"]},
    )
    awx.lists["workflow_job_template_nodes", nodes["look"], "always_nodes"] = [old["id"]]
    awx.lists["workflow_job_template_nodes", nodes["prove"], "success_nodes"] = [nodes["renew"]]

    status, said = played(awx, notify_url=HOOK)
    assert (status, "changed=1" in said) == (0, True), said
    assert "z/OS Connect - renew, approved: old (removed)" in said
    there = what_is_there(awx)
    assert there.pop("job_templates / None / Mine")["playbook"] == "explain.yml"
    del there["credentials / None / Mine"]
    assert there == expected
    assert awx.lists["job_templates", connections["id"], "credentials"] == [mine["id"]]


@pytest.mark.chosen
@pytest.mark.both_cores
def test_any_core_leaves_the_braces_alone(tmp_path: Path) -> None:
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars_files": [str(awx_data.FOLDER / "credential_types.yml")],
        "tasks": [{
            "zosconnect.security.awx_objects": {
                "organization": "Default",
                "objects": {"controller_credential_types": "{{ controller_credential_types }}"},
            }
        }],
    }  # fmt: skip
    (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    with Awx(PLAYBOOKS) as awx:
        known = {"CONTROLLER_HOST": awx.url, "CONTROLLER_USERNAME": USER, "CONTROLLER_PASSWORD": PASSWORD}
        command = [sys.executable, "-m", "ansible", "playbook", str(tmp_path / "play.yml")]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **known})
        assert ended.returncode == 0, ended.stdout + ended.stderr
        made = {row["name"]: row["injectors"] for row in awx.rows["credential_types"].values()}
    assert made == {kind["name"]: kind["injectors"] for kind in awx_data.data()["controller_credential_types"]}


class TestProof:
    """`make awx-proof`, which is for a real AWX, against the stand-in."""

    def proved(self, awx: Awx, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
        settings = {name.upper(): value for name, value in GIVEN.items()}
        settings |= {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(proof, "made", lambda: "changed=0")
        return proof.main(), capsys.readouterr().out

    def test_each_template_is_launched_as_a_check_with_all_credentials(
        self,
        runs: tuple[Awx, list[tuple[int, str]]],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        awx, _runs = runs
        awx.launches.clear()
        before = dict(awx.rows["credentials"])
        awx.events = [BEGUN, *[{"event": "runner_on_ok", "stdout": "ok"}] * 300]
        status, said = self.proved(awx, monkeypatch, capsys)
        assert (status, said.splitlines()[-1]) == (0, "each playbook began, and no job showed a secret")
        assert [one["template"] for one in awx.launches] == [
            item["name"] for item in awx_data.data()["controller_templates"]
        ]
        assert {(one["job_type"], len(one["credentials"])) for one in awx.launches} == {("check", 5)}
        assert awx.rows["credentials"] == before

    def test_a_secret_in_any_event_is_seen(
        self,
        runs: tuple[Awx, list[tuple[int, str]]],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        awx, _runs = runs
        awx.events = [
            BEGUN,
            *[{"stdout": "ok"}] * 250,
            {"url": "/api/v2/job_events/7/", "stdout": "Proof-Marker-password"},
        ]
        status, said = self.proved(awx, monkeypatch, capsys)
        assert status == 1
        assert "FAILED: z/OS Connect - explain: a secret is in /api/v2/job_events/7/" in said

    def test_what_is_attached_stays_or_is_replaced(
        self,
        runs: tuple[Awx, list[tuple[int, str]]],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        awx, _runs = runs
        awx.events = [BEGUN]
        awx.launches.clear()
        machine = awx.create("credential_types", {"name": "Machine", "kind": "net"})["id"]
        kinds = (machine, awx.named("credential_types", "z/OS Connect caller")["id"])
        own = [awx.create("credentials", {"name": f"Mine {one}", "credential_type": one})["id"] for one in kinds]
        explain = awx.named("job_templates", "z/OS Connect - explain")
        awx.lists["job_templates", explain["id"], "credentials"] = list(own)
        try:
            assert self.proved(awx, monkeypatch, capsys)[0] == 0
        finally:
            del awx.lists["job_templates", explain["id"], "credentials"]
            for one in own:
                del awx.rows["credentials"][one]
            del awx.rows["credential_types"][machine]
        used = {one["template"]: set(one["credentials"]) & set(own) for one in awx.launches}
        assert used.pop("z/OS Connect - explain") == {own[0]}
        assert not any(used.values())

    def test_a_job_whose_playbook_never_began_is_seen(
        self,
        runs: tuple[Awx, list[tuple[int, str]]],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        awx, _runs = runs
        awx.events = [{"event": "verbose", "stdout": "YAML parsing failed"}]
        status, said = self.proved(awx, monkeypatch, capsys)
        assert status == 1
        assert re.search(
            r"FAILED: z/OS Connect - one port: job \d+ ended before its playbook began; its output says why", said
        )

    def test_without_an_address(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        for name in proof.NEEDED:
            monkeypatch.delenv(name, raising=False)
        assert proof.main() == 2
        assert capsys.readouterr().out.startswith(
            "Set CONTROLLER_HOST, CONTROLLER_OAUTH_TOKEN, ORGANIZATION, SCM_URL, EE_IMAGE"
        )


class TestRefused:
    @pytest.fixture(scope="class")
    def empty(self) -> Iterator[Awx]:
        with Awx(PLAYBOOKS) as awx:
            yield awx

    def test_a_check_makes_nothing_and_says_what_it_could_not_ask(self, empty: Awx) -> None:
        status, said = played(empty, "--check")
        assert (status, "changed=1" in said) == (0, True), said
        assert "z/OS Connect server keys" in said
        assert not {method for method, path in empty.requests if "tokens" not in path} - {"GET"}

    def test_an_organization_that_is_missing(self, empty: Awx) -> None:
        assert refused(played(empty, organization="Nobody")) == (
            "organization: AWX has no organization Nobody, or does not show it to this user; make it there first, or give another."
        )

    @pytest.mark.chosen
    def test_no_awx(self) -> None:
        assert refused(played(None, environment={"HOME": "/nonexistent"})) == (
            "No AWX is named. Set CONTROLLER_HOST, and CONTROLLER_OAUTH_TOKEN or CONTROLLER_USERNAME and "
            "CONTROLLER_PASSWORD, in the environment; in a job of AWX attach a credential of type Red Hat Ansible "
            "Automation Platform."
        )

    def test_a_wrong_password(self, empty: Awx) -> None:
        said = refused(played(empty, environment={"CONTROLLER_PASSWORD": "wrong"}))
        assert said == f"AWX at {empty.url}: Failed to get token: HTTP Error 401: Unauthorized"

    def test_neither_collection(self, empty: Awx, tmp_path: Path) -> None:
        said = refused(played(empty, environment={"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}))
        assert said == (
            "Neither of the collections awx.awx and ansible.controller is installed where this runs; install the one that "
            "belongs to your AWX."
        )

    def test_an_answer_that_is_missing(self, empty: Awx) -> None:
        assert refused(played(empty, scm_url=" ")) == "scm_url: is empty; it has no default."

    @pytest.mark.chosen
    def test_what_is_not_known(self, empty: Awx) -> None:
        args = {"organization": "Default", "objects": {"controller_tepmlates": []}}
        known = {"CONTROLLER_HOST": empty.url}
        command = [sys.executable, "-m", "ansible", "adhoc", "localhost", "-m", "zosconnect.security.awx_objects"]
        ended = subprocess.run(
            [*command, "-a", json.dumps(args)], capture_output=True, text=True, check=False, env={**os.environ, **known}
        )
        expected = (
            "objects: controller_tepmlates is not known; give any of controller_credential_types, "
            "controller_execution_environments, controller_projects, controller_inventories, controller_inventory_sources, "
            "controller_teams, controller_notifications, controller_templates, controller_workflows, controller_schedules, "
            "controller_roles."
        )
        assert expected in ended.stdout + ended.stderr


class TestTheProject:
    """AWX fetches a project when it is new, and not again; a run that finds it without its playbooks has that done."""

    def made(self, awx: Awx, *more: str) -> tuple[int, Json]:
        """Make the project with a template for some playbooks; return the status and the result."""
        template = {"organization": "Default", "project": "P", "inventory": "I"}
        objects = {
            "controller_projects": [
                {
                    "name": "P",
                    "organization": "Default",
                    "scm_type": "git",
                    "scm_url": GIT,
                    **({"credential": more[0]} if more else {}),
                }
            ],
            "controller_inventories": [{"name": "I", "organization": "Default", "kind": ""}],
            "controller_templates": [
                {"name": one, "playbook": one, **template} for one in ("explain.yml", "report.yml")
            ],
        }
        command = [sys.executable, "-m", "ansible", "adhoc", "localhost", "-m", "zosconnect.security.awx_objects"]
        command += ["-a", json.dumps({"organization": "Default", "objects": objects})]
        known = {"CONTROLLER_HOST": awx.url, "CONTROLLER_USERNAME": USER, "CONTROLLER_PASSWORD": PASSWORD}
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "ANSIBLE_NOCOLOR": "1", **known}
        )
        told: Json = json.loads(ended.stdout.partition("=> ")[2])
        return ended.returncode, told

    def test_it_could_not_be_fetched_and_then_it_could(self) -> None:
        with Awx(None) as awx:
            for _run in range(2):
                status, told = self.made(awx)
                (project,) = awx.rows["projects"]
                last = awx.updates[project][-1]["id"]
                assert status == 2
                assert told["msg"].endswith(
                    f". AWX could not fetch {GIT}, or could not install its collections/requirements.yml; the output of "
                    f"project update {last} in AWX says why. Correct scm_url, scm_branch, scm_credential or the "
                    "repository, and run this again."
                )
                assert told["msg"].startswith("project")
            awx.repository = ["explain.yml", "report.yml"]
            status, told = self.made(awx)
            assert status == 0, told
            assert {"module": "project_update", "name": "P (updated)"} in told["changes"]
            status, told = self.made(awx)
            assert (status, told["changes"]) == (0, [])

    def test_a_playbook_that_is_not_there_and_then_is(self) -> None:
        with Awx(["site.yml"]) as awx:
            assert self.made(awx)[1]["msg"] == (
                f"project P: AWX finds no explain.yml, report.yml in {GIT}. Copy what is missing from "
                "extensions/awx/project of the collection into this repository, push it, and run this again."
            )
            awx.repository = ["site.yml", "explain.yml", "report.yml"]
            status, told = self.made(awx)
            assert status == 0, told
            assert {"module": "project_update", "name": "P (updated)"} in told["changes"]

    def test_another_fault_of_a_fetched_project_is_told_alone(self) -> None:
        with Awx(["explain.yml", "report.yml"]) as awx:
            assert self.made(awx)[0] == 0
            status, told = self.made(awx, "nobody's")
            assert (status, "AWX could not fetch" in told["msg"]) == (2, False)
