# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWX pack: what templates ask is what playbooks take, what credentials give is what roles read, and all of it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import awx_data
import awx_rules
import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils import awx_pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import PLAYBOOKS

ROOT = Path(__file__).parents[2]
DATA = awx_data.data()
TEMPLATES = {item["name"]: item for item in DATA["controller_templates"]}
WORKFLOWS = {item["name"]: item for item in DATA["controller_workflows"]}
ASKING = [
    pytest.param(item, id=item["name"])
    for item in [*TEMPLATES.values(), *WORKFLOWS.values()]
    if item.get("survey_spec")
]
# Which options a playbook takes: a role's, besides its own.
ROLES = {"connections": "connections", "verify_connections": "connections", "restore": "connections"}
# Playbooks that no template runs: one is a part of all others, one makes the templates.
NO_TEMPLATE = {"hosts", "awx_pack"}
Json = dict[str, Any]


def loaded(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@cache
def options(playbook: str) -> dict[str, Json]:
    """What a playbook takes: the options of its role, or those that it checks itself, with their words."""
    role = ROLES.get(playbook, playbook)
    if (ROOT / "roles" / role).is_dir():
        found: dict[str, Json] = loaded(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["variables"][
            "options"
        ]
        return found
    first = loaded(f"playbooks/{playbook}.yml")[1]["tasks"][0]
    if shared := first.get("ansible.builtin.include_tasks"):
        first, sense = loaded(f"playbooks/{shared}")
        words = {"zosconnect_fail_on": "severities", "zosconnect_standard": "standards"}
        choices = {name: {"choices": sense["vars"][word]} for name, word in words.items()}
    checked: dict[str, Json] = first["zosconnect.security.variables_check"]["options"]
    return {name: option | (choices.get(name, {}) if shared else {}) for name, option in checked.items()}


def playbook(item: Json) -> str:
    """The playbook that an item runs; of a workflow, the one that its survey is for."""
    if "playbook" in item:
        return str(item["playbook"].removesuffix(".yml"))
    (survey,) = [name for name, spec in DATA["zosconnect_surveys"].items() if spec == item["survey_spec"]]
    return {"one_port": "mutual_tls_requester", "renew": "renew"}[survey]


def injected() -> set[str]:
    return {name for kind in DATA["controller_credential_types"] for name in kind["injectors"]["extra_vars"]}


def texts(given: object) -> Iterator[str]:
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, list):
        for item in given:
            yield from texts(item)
    elif isinstance(given, str):
        yield given


class TestSurveys:
    @pytest.mark.parametrize("item", ASKING)
    def test_awx_takes_it(self, item: Json) -> None:
        assert awx_rules.survey(item["survey_spec"]) is None
        assert item["survey_enabled"]

    @pytest.mark.parametrize("item", ASKING)
    def test_each_question_is_a_variable_that_the_playbook_takes(self, item: Json) -> None:
        known = options(playbook(item))
        for question in item["survey_spec"]["spec"]:
            option = known[question["variable"]]
            kind = option.get("type", "str")
            scalar = {"int": "integer", "bool": "multiplechoice"}.get(kind)
            assert question["type"] == scalar or (
                scalar is None and question["type"] in ("text", "textarea", "multiplechoice")
            )
            # A list is asked for only where its text is split.
            assert kind in ("str", "int", "bool", "path", "raw"), question["variable"]
            choices = option.get("choices", ["true", "false"] if kind == "bool" else None)
            if choices:
                assert question["choices"] == [choice for choice in choices if choice != ""]
            else:
                assert "choices" not in question

    @pytest.mark.parametrize("item", ASKING)
    def test_no_question_is_for_a_secret_or_for_what_a_credential_gives(self, item: Json) -> None:
        for question in item["survey_spec"]["spec"]:
            name = question["variable"]
            assert question["type"] != "password"
            assert not options(playbook(item))[name].get("no_log")
            assert name not in injected()
            role = next((role.name for role in (ROOT / "roles").iterdir() if name.startswith(f"{role.name}_")), None)
            default = loaded(f"roles/{role}/defaults/main.yml").get(name) if role else None
            assert not set(re.findall(r"\w+", str(default))) & injected()

    @pytest.mark.parametrize("item", ASKING)
    def test_an_empty_answer_is_refused_by_awx_or_taken_by_the_playbook(self, item: Json) -> None:
        for question in item["survey_spec"]["spec"]:
            option = options(playbook(item))[question["variable"]]
            may_be_empty = not option.get("required") and option.get("type", "str") in ("str", "raw", "path")
            if option.get("choices"):
                may_be_empty = "default" not in option or option["default"] == ""
            if not may_be_empty or question["required"]:
                assert awx_rules.answers({"spec": [question]}, {question["variable"]: ""}), question["variable"]

    @pytest.mark.parametrize("item", ASKING)
    def test_only_a_question_without_a_default_is_required(self, item: Json) -> None:
        """A default is for the form alone: a schedule, or a launch by the API, must answer what is required."""
        for question in item["survey_spec"]["spec"]:
            assert not (question["required"] and question.get("default", "") != ""), question["variable"]

    @pytest.mark.parametrize("item", ASKING)
    def test_defaults_are_those_of_the_role(self, item: Json) -> None:
        for question in item["survey_spec"]["spec"]:
            option = options(playbook(item))[question["variable"]]
            if "default" not in option or option["default"] in ([], {}) or "default" not in question:
                continue
            default = option["default"]
            assert question["default"] == (str(default).lower() if isinstance(default, bool) else default)

    @pytest.mark.parametrize("item", [pytest.param(item, id=item["name"]) for item in TEMPLATES.values()])
    def test_what_a_role_must_have_is_asked_or_in_the_inventory(self, item: Json) -> None:
        name = item["playbook"].removesuffix(".yml")
        if name == "was_put_back":
            return
        needed = {name for name, option in options(name).items() if option.get("required")}
        asked = {question["variable"] for question in item["survey_spec"].get("spec", ())}
        given = set(loaded("extensions/awx/project/inventory/group_vars/zosconnect_servers.yml"))
        hosts = {
            "zosconnect_server_dir",
            "attls_outbound_client_clients",
        }  # of one host or another; the description says so
        assert needed - asked - given - hosts == set()


class TestCredentialTypes:
    @pytest.mark.parametrize("kind", [pytest.param(k, id=k["name"]) for k in DATA["controller_credential_types"]])
    def test_awx_takes_it(self, kind: Json) -> None:
        assert awx_rules.credential_type(kind["inputs"], kind["injectors"]) is None
        assert kind["kind"] == "cloud"

    def test_each_field_is_given_once_under_a_name_that_playbooks_know(self) -> None:
        for kind in DATA["controller_credential_types"]:
            fields = {item["id"] for item in kind["inputs"]["fields"]}
            assert {text.strip("{} ") for text in kind["injectors"]["extra_vars"].values()} == fields
        names = [name for kind in DATA["controller_credential_types"] for name in kind["injectors"]["extra_vars"]]
        assert len(names) == len(set(names))
        assert set(names) <= PLAYBOOKS

    def test_what_is_given_is_read_by_a_role(self) -> None:
        defaults = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("roles/*/defaults/main.yml"))
        assert [name for name in injected() if not re.search(rf"\b{name}\b", defaults)] == []

    def test_what_is_secret_for_a_role_is_secret_in_awx(self) -> None:
        secret = {
            text: item.get("secret", False)
            for kind in DATA["controller_credential_types"]
            for item in kind["inputs"]["fields"]
            for text, value in kind["injectors"]["extra_vars"].items()
            if value.strip("{} ") == item["id"]
        }
        for role in (path.parent.parent.name for path in ROOT.glob("roles/*/defaults/main.yml")):
            for name, default in loaded(f"roles/{role}/defaults/main.yml").items():
                for given in set(re.findall(r"\w+", str(default))) & secret.keys():
                    assert secret[given] == bool(options(role)[name].get("no_log")), name

    def test_a_wrong_one_is_refused(self) -> None:
        fields = {"fields": [{"id": "a", "label": "A", "type": "string"}]}
        assert (
            awx_rules.credential_type(fields, {"extra_vars": {"x": "{{ b }}"}})
            == "x uses an undefined field ('b' is undefined)"
        )
        assert awx_rules.credential_type(fields, {"extra_vars": {"x-y": "{{ a }}"}}) == "x-y is not valid"
        assert awx_rules.credential_type({"fields": [{"id": "a"}]}, {}) is not None


class TestTemplates:
    def test_each_playbook_has_two_lines_in_the_project_and_a_template(self) -> None:
        shipped = {path.stem for path in (ROOT / "playbooks").glob("*.yml")} - NO_TEMPLATE
        assert {item["playbook"].removesuffix(".yml") for item in TEMPLATES.values()} == {*shipped, "was_put_back"}
        for name in shipped:
            (play,) = loaded(f"extensions/awx/project/{name}.yml")
            assert play == {"name": play["name"], "ansible.builtin.import_playbook": f"zosconnect.security.{name}"}

    def test_all_prompt_for_what_a_run_may_say_and_show_differences(self) -> None:
        for item in TEMPLATES.values():
            assert item["diff_mode"]
            asked = {key for key, value in item.items() if key.startswith("ask_") and value is True}
            assert asked - {"ask_variables_on_launch"} == {
                f"ask_{what}_on_launch" for what in ("job_type", "diff_mode", "limit", "credential")
            }

    def test_no_template_takes_credentials_away(self) -> None:
        """A list, even an empty one, would detach what somebody attached."""
        assert [name for name, item in TEMPLATES.items() if "credentials" in item or "credential" in item] == []


class TestWorkflows:
    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_nodes_lead_to_nodes_and_run_templates_that_are_there(self, name: str) -> None:
        nodes = {node["identifier"]: node for node in WORKFLOWS[name]["simplified_workflow_nodes"]}
        for node in nodes.values():
            assert ("unified_job_template" in node) != ("approval_node" in node)
            assert node.get("unified_job_template", next(iter(TEMPLATES))) in TEMPLATES
            for link in ("success_nodes", "failure_nodes"):
                assert set(node.get(link, ())) <= nodes.keys()
        reached = {
            other
            for node in nodes.values()
            for link in ("success_nodes", "failure_nodes")
            for other in node.get(link, ())
        }
        assert len(nodes.keys() - reached) == 1  # where it begins

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_nothing_is_changed_without_an_approval(self, name: str) -> None:
        nodes = {node["identifier"]: node for node in WORKFLOWS[name]["simplified_workflow_nodes"]}
        (begin,) = (
            nodes.keys() - {other for node in nodes.values() for other in node.get("success_nodes", ())} - {"put back"}
        )
        changing = {"z/OS Connect - connections", "z/OS Connect - one port", "z/OS Connect - renew"}
        while "approval_node" not in nodes[begin]:
            node = nodes[begin]
            assert node["unified_job_template"] not in changing or node["job_type"] == "check"
            (begin,) = node["success_nodes"]

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_a_rollback_is_red(self, name: str) -> None:
        nodes = {node["identifier"]: node for node in WORKFLOWS[name]["simplified_workflow_nodes"]}
        if "put back" in nodes:
            assert nodes["put back"]["success_nodes"] == ["was put back"]
            assert "failure_nodes" not in nodes["put back"]
            last = nodes["was put back"]
            assert last.keys() == {"identifier", "unified_job_template"}
            (play,) = loaded(f"extensions/awx/project/{TEMPLATES[last['unified_job_template']]['playbook']}")
            assert [list(task)[1] for task in play["tasks"]] == ["ansible.builtin.fail"]

    def test_schedules_wait_until_somebody_wants_them(self) -> None:
        assert {item["enabled"] for item in DATA["controller_schedules"]} == {False}
        (renew,) = [
            item for item in DATA["controller_schedules"] if item["unified_job_template"] == "z/OS Connect - renew"
        ]
        assert renew["job_type"] == "check"

    def test_approvers_may_approve_each(self) -> None:
        assert {tuple(item["workflows"]) for item in DATA["controller_roles"]} == {tuple(WORKFLOWS)}


class TestSteps:
    def test_what_others_need_comes_first(self) -> None:
        made = [step.module for step in awx_pack.steps(DATA, told=True)]
        assert list(dict.fromkeys(made)) == [
            *("credential_type", "execution_environment", "project", "inventory", "inventory_source", "team"),
            *("notification_template", "job_template", "workflow_job_template", "workflow_job_template_node"),
            *("schedule", "role"),
        ]

    def test_nodes_are_linked_when_all_are_there_and_an_approval_is_not_made_again(self) -> None:
        given = {"name": "w", "organization": "o", "simplified_workflow_nodes": [
            {"identifier": "a", "unified_job_template": "t", "success_nodes": ["b"]},
            {"identifier": "b", "approval_node": {"name": "Well?"}},
        ]}  # fmt: skip
        where = {"workflow_job_template": "w", "organization": "o"}
        none: Json = {"failure_nodes": [], "always_nodes": []}
        steps = awx_pack.steps({"controller_workflows": [given]}, told=False)
        assert [step.arguments for step in steps] == [
            {"name": "w", "organization": "o"},
            {**where, "identifier": "a", "unified_job_template": "t", "lookup_organization": "o"},
            {**where, "identifier": "b", "approval_node": {"name": "Well?"}},
            {**where, "identifier": "a", "success_nodes": ["b"], **none},
            {**where, "identifier": "b", "success_nodes": [], **none},
        ]
        assert awx_pack.workflows({"controller_workflows": [given]}) == [awx_pack.Workflow("w", ("a", "b"))]

    def test_nobody_is_told_where_nobody_is_named(self) -> None:
        steps = awx_pack.steps(DATA, told=False)
        assert [
            s.name for s in steps if s.module == "notification_template" or "notification" in str(s.arguments)
        ] == []
        assert [s for s in awx_pack.steps(DATA, told=True) if s.arguments.get("notification_templates_error")]

    def test_an_empty_credential_is_none(self) -> None:
        (project,) = [step for step in awx_pack.steps(DATA, told=False) if step.module == "project"]
        assert "credential" not in project.arguments
        given = {"controller_projects": [{"name": "p", "credential": "git"}]}
        assert awx_pack.steps(given, told=False)[0].arguments == {"name": "p", "credential": "git"}


def test_assets_are_made_of_the_same_data() -> None:
    assert awx_data.ASSETS.read_text(encoding="utf-8") == awx_data.text(), "run python tests/awx/awx_data.py"


def test_no_secret_and_no_template_is_in_the_assets() -> None:
    found = [text for text in texts(awx_data.assets()) if "{{" in text]
    assert found == [
        text for kind in DATA["controller_credential_types"] for text in kind["injectors"]["extra_vars"].values()
    ]
