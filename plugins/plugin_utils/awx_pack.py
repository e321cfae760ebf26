# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of AWX in the words of infra.controller_configuration → calls of the modules of awx.awx, in order.

Nodes of a workflow come twice: those modules can link a node only to one that is there, and cannot link an approval in
the call that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# The variables of infra.controller_configuration, and the module for each; who needs others comes after them.
KINDS = {
    "controller_credential_types": "credential_type",
    "controller_execution_environments": "execution_environment",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_inventory_sources": "inventory_source",
    "controller_teams": "team",
    "controller_notifications": "notification_template",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_schedules": "schedule",
    "controller_roles": "role",
}
NODES = "simplified_workflow_nodes"
_LINKS = ("success_nodes", "failure_nodes", "always_nodes")
_TOLD = "notification_templates_"

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One call of a module: what it makes, in words, and its arguments."""

    module: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Workflow:
    """A workflow and the identifiers of its nodes; all others of it must go."""

    name: str
    nodes: tuple[str, ...]


def steps(objects: Mapping[str, Sequence[Object]], *, told: bool) -> list[Step]:
    """Return the calls that make these objects. Without ``told`` nobody is notified of anything."""
    return [
        step
        for kind, module in KINDS.items()
        if told or module != "notification_template"
        for item in objects.get(kind, ())
        for step in _made(module, {key: value for key, value in item.items() if told or not key.startswith(_TOLD)})
    ]


def workflows(objects: Mapping[str, Sequence[Object]]) -> list[Workflow]:
    """Return which nodes each workflow has."""
    return [
        Workflow(item["name"], tuple(node["identifier"] for node in item[NODES]))
        for item in objects.get("controller_workflows", ())
    ]


def playbooks(objects: Mapping[str, Sequence[Object]], project: str) -> list[str]:
    """Return the playbooks of a project that templates run, each once."""
    found = [item["playbook"] for item in objects.get("controller_templates", ()) if item.get("project") == project]
    return list(dict.fromkeys(found))


def updated(project: str, organization: str) -> Step:
    """Return the call that fetches what the repository of a project has now, and waits for it."""
    return Step("project_update", f"{project} (updated)", {"name": project, "organization": organization})


def removed(workflow: str, organization: str, identifier: str) -> Step:
    """Return the call that takes a node away that an older pack had."""
    where = {"workflow_job_template": workflow, "organization": organization, "identifier": identifier}
    return Step("workflow_job_template_node", f"{workflow}: {identifier} (removed)", {**where, "state": "absent"})


def _made(module: str, item: Object) -> Iterator[Step]:
    # An empty credential means that there is none; AWX would look for one of that name.
    arguments = {key: value for key, value in item.items() if key != NODES and (key, value) != ("credential", "")}
    yield Step(module, _name(module, item), arguments)
    if module == "workflow_job_template":
        yield from _nodes(item)


def _name(module: str, item: Object) -> str:
    return f"{item['role']} for {item['team']}" if module == "role" else str(item["name"])


def _nodes(workflow: Object) -> Iterator[Step]:
    """Make the nodes of a workflow, and then link them."""
    organization = workflow["organization"]
    where = {"workflow_job_template": workflow["name"], "organization": organization}
    for node in workflow[NODES]:
        made = {key: value for key, value in node.items() if key not in _LINKS}
        if "unified_job_template" in made:
            made["lookup_organization"] = organization
        yield Step("workflow_job_template_node", f"{workflow['name']}: {node['identifier']}", {**where, **made})
    for node in workflow[NODES]:
        # An empty list takes away what an older pack linked.
        links = {link: node.get(link, []) for link in _LINKS}
        name = f"{workflow['name']}: what follows {node['identifier']}"
        yield Step("workflow_job_template_node", name, {**where, "identifier": node["identifier"], **links})
