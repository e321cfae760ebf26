# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of the AWX pack, as Ansible reads it, and what the command `awx import` takes, made of it.

python tests/awx/awx_data.py        writes extensions/awx/pack/assets.json
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
FOLDER, PROJECT = ROOT / "extensions/awx/pack", ROOT / "extensions/awx/project"
ASSETS = FOLDER / "assets.json"
# What stands in assets.json for what the playbook awx_pack asks; docs/AWX.md says how to replace it.
GIVEN = {
    "organization": "Default",
    "scm_url": "https://git.example.com/zosconnect.git",
    "ee_image": "ee.example.com/zosconnect-security:latest",
    "scm_branch": "",
    "scm_credential": "",
    "notify_url": "",
}
_NAME = re.compile(r"\{\{ ([\w.]+)(?: \| default\('', true\))? \}\}")
_LINKS = ("success_nodes", "failure_nodes", "always_nodes")


class _Loader(yaml.SafeLoader):
    """Reads what Ansible must not take for a template."""


class Literal(str):
    """A text whose braces are AWX's."""

    __slots__ = ()


def _literal(loader: yaml.SafeLoader, node: yaml.Node) -> Literal:
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError(node)
    return Literal(loader.construct_scalar(node))


_Loader.add_constructor("!unsafe", _literal)


def data(given: Json | None = None) -> Json:
    """Return the variables of the pack, its few templates filled in."""
    found: Json = {}
    for path in sorted(FOLDER.glob("*.yml")):
        found |= yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # a safe loader
    return dict(_filled(found, {**found, **GIVEN, **(given or {})}))


def _filled(value: Any, names: Json) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    if not isinstance(value, str) or isinstance(value, Literal) or "{{" not in value:
        return value
    match = _NAME.fullmatch(value)
    if not match:
        raise ValueError(value)
    found: Any = names
    for part in match[1].split("."):
        found = found[part]
    return found


def assets() -> Json:
    """Return what `awx import` takes, without notifications: nobody knows here who is told."""
    pack = data()
    organization = {"name": GIVEN["organization"], "type": "organization"}

    def key(kind: str, name: str) -> Json:
        return {"organization": organization, "name": name, "type": kind}

    def plain(item: Json) -> Json:
        dropped = ("organization", "survey_spec", "simplified_workflow_nodes", "credential")
        return {k: v for k, v in item.items() if k not in dropped and not k.startswith("notification_")}

    environment = {"name": pack["controller_execution_environments"][0]["name"], "type": "execution_environment"}
    sources = pack["controller_inventory_sources"]
    return {
        "credential_types": [
            {**item, "natural_key": {"name": item["name"], "kind": item["kind"], "type": "credential_type"}}
            for item in pack["controller_credential_types"]
        ],
        "execution_environments": [
            {**item, "natural_key": environment} for item in pack["controller_execution_environments"]
        ],
        "projects": [
            {
                **plain(item),
                "organization": organization,
                "default_environment": environment,
                "natural_key": key("project", item["name"]),
            }
            for item in pack["controller_projects"]
        ],
        "inventory": [
            {**plain(item), "organization": organization, "natural_key": key("inventory", item["name"])}
            for item in pack["controller_inventories"]
        ],
        "inventory_sources": [
            {
                **plain(item),
                "inventory": key("inventory", item["inventory"]),
                "source_project": key("project", item["source_project"]),
                # AWX shows no organization of it, so one in its key would never be found again.
                "natural_key": {
                    "name": item["name"],
                    "type": "inventory_source",
                    "inventory": key("inventory", item["inventory"]),
                },
            }
            for item in sources
        ],
        "job_templates": [_template(item, plain(item), key) for item in pack["controller_templates"]],
        "workflow_job_templates": [
            {
                **plain(item),
                "organization": organization,
                "natural_key": key("workflow_job_template", item["name"]),
                "related": _survey(item)
                | {"workflow_nodes": [_node(node, item, key) for node in item["simplified_workflow_nodes"]]},
            }
            for item in pack["controller_workflows"]
        ],
        "schedules": [
            {
                **plain(item),
                "unified_job_template": key("job_template", item["unified_job_template"]),
                "natural_key": {
                    "unified_job_template": key("job_template", item["unified_job_template"]),
                    "name": item["name"],
                    "type": "schedule",
                },
            }
            for item in pack["controller_schedules"]
        ],
        "teams": [
            {
                **plain(item),
                "organization": organization,
                "natural_key": key("team", item["name"]),
                "related": {"roles": _roles(pack, item["name"], key)},
            }
            for item in pack["controller_teams"]
        ],
    }


def _template(item: Json, plain: Json, key: Any) -> Json:
    environment = {"name": item["execution_environment"], "type": "execution_environment"}
    variables = {"extra_vars": json.dumps(item["extra_vars"])} if "extra_vars" in item else {}
    return {
        **plain,
        **variables,
        "project": key("project", item["project"]),
        "inventory": key("inventory", item["inventory"]),
        "execution_environment": environment,
        "natural_key": key("job_template", item["name"]),
        "related": _survey(item),
    }


def _survey(item: Json) -> Json:
    return {"survey_spec": item["survey_spec"]} if item.get("survey_spec") else {}


def _node(node: Json, workflow: Json, key: Any) -> Json:
    whole = key("workflow_job_template", workflow["name"])

    def named(identifier: str) -> Json:
        return {"workflow_job_template": whole, "identifier": identifier, "type": "workflow_job_template_node"}

    related: Json = {link: [named(other) for other in node[link]] for link in _LINKS if link in node}
    if "approval_node" in node:
        related["create_approval_template"] = node["approval_node"]
    runs = (
        {"unified_job_template": key("job_template", node["unified_job_template"])}
        if "unified_job_template" in node
        else {}
    )
    prompts = {"job_type": node["job_type"]} if "job_type" in node else {}
    own = named(node["identifier"])
    return {"identifier": node["identifier"], **runs, **prompts, "natural_key": own, "related": related}


def _roles(pack: Json, team: str, key: Any) -> list[Json]:
    names = {"approval": "Approve", "read": "Read"}
    return [
        {"name": names[item["role"]], "type": "role", "content_object": key("workflow_job_template", workflow)}
        for item in pack["controller_roles"]
        if item["team"] == team
        for workflow in item["workflows"]
    ]


def text() -> str:
    """Return assets.json as it must be."""
    return json.dumps(assets(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    ASSETS.write_text(text(), encoding="utf-8")
