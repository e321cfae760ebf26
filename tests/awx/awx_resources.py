# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the objects of AWX are made of, as its API documents them: fields, what is needed, what must be unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A field: ``kind`` is what AWX's OPTIONS call it; ``of`` is the resource that an id belongs to."""

    kind: str = "string"
    default: Any = ""
    required: bool = False
    of: str = ""
    choices: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Resource:
    """A kind of objects: the name of its type, its fields, what is unique, and lists that belong to each."""

    type: str
    fields: Mapping[str, Field]
    unique: tuple[str, ...] = ("name",)
    related: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    read_only: tuple[str, ...] = field(default=())


def _texts(*names: str) -> dict[str, Field]:
    return {name: Field() for name in names}


def _switches(*names: str) -> dict[str, Field]:
    return {name: Field("boolean", default=False) for name in names}


def _numbers(*names: str) -> dict[str, Field]:
    return {name: Field("integer", default=0) for name in names}


def _ids(**names: str) -> dict[str, Field]:
    return {name: Field("id", default=None, of=of) for name, of in names.items()}


NAME = {"name": Field(required=True), "description": Field()}
ORGANIZATION = {"organization": Field("id", default=None, required=True, of="organizations")}
RUN = Field("choice", default="run", choices=("run", "check"))
TOLD = tuple(f"notification_templates_{when}" for when in ("started", "success", "error"))
ROLE_NAMES = {"admin_role": "Admin", "read_role": "Read", "execute_role": "Execute", "approval_role": "Approve"}
_LINKS = ("success_nodes", "failure_nodes", "always_nodes")
# What a launch, a node or a schedule may say where the template asks for it.
PROMPTS = {"job_type": "ask_job_type_on_launch", "limit": "ask_limit_on_launch", "diff_mode": "ask_diff_mode_on_launch"}
_ASKED = tuple(
    f"ask_{what}_on_launch"
    for what in (
        *("diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory", "credential"),
        *("execution_environment", "forks", "labels", "timeout", "scm_branch", "job_slice_count", "instance_groups"),
    )
)
_ASKED_OF_WORKFLOWS = tuple(
    f"ask_{what}_on_launch" for what in ("inventory", "labels", "limit", "scm_branch", "skip_tags", "tags", "variables")
)

RESOURCES: dict[str, Resource] = {
    "organizations": Resource(
        "organization",
        NAME | _numbers("max_hosts") | _ids(default_environment="execution_environments"),
        roles=("admin_role", "read_role"),
    ),
    "users": Resource("user", {"username": Field(required=True), **_texts("first_name", "last_name")}, ("username",)),
    "teams": Resource("team", NAME | ORGANIZATION, ("organization", "name"), ("roles",), ("admin_role", "read_role")),
    "credential_types": Resource(
        "credential_type",
        NAME
        | {
            "kind": Field("choice", required=True, choices=("net", "cloud")),
            "inputs": Field("json", default={}),
            "injectors": Field("json", default={}),
        },
        ("name", "kind"),
        read_only=("managed",),
    ),
    "credentials": Resource(
        "credential",
        NAME
        | _ids(organization="organizations")
        | {
            "credential_type": Field("id", required=True, of="credential_types"),
            "inputs": Field("json", default={}),
        },
        ("organization", "name", "credential_type"),
    ),
    "execution_environments": Resource(
        "execution_environment",
        NAME
        | _ids(organization="organizations", credential="credentials")
        | {"image": Field(required=True), "pull": Field("choice", choices=("", "always", "missing", "never"))},
    ),
    "projects": Resource(
        "project",
        NAME
        | _ids(organization="organizations", credential="credentials", default_environment="execution_environments")
        | {"scm_type": Field("choice", choices=("", "git", "svn", "insights", "archive"))}
        | _texts("scm_url", "scm_branch", "scm_refspec", "local_path")
        | _switches("scm_clean", "scm_delete_on_update", "scm_track_submodules", "scm_update_on_launch")
        | _switches("allow_override")
        | _numbers("scm_update_cache_timeout", "timeout"),
        ("organization", "name"),
        TOLD,
    ),
    "inventories": Resource(
        "inventory",
        NAME
        | ORGANIZATION
        | {
            "kind": Field("choice", choices=("", "smart", "constructed")),
            "host_filter": Field(default=None),
            "variables": Field(),
        }
        | _switches("prevent_instance_group_fallback"),
        ("organization", "name"),
    ),
    "inventory_sources": Resource(
        "inventory_source",
        NAME
        | {
            "inventory": Field("id", required=True, of="inventories"),
            "source": Field("choice", choices=("file", "constructed", "scm", "ec2", "controller")),
        }
        | _ids(source_project="projects", credential="credentials", execution_environment="execution_environments")
        | _texts("source_path", "source_vars", "enabled_var", "enabled_value", "host_filter", "scm_branch", "limit")
        | _switches("overwrite", "overwrite_vars", "update_on_launch")
        | _numbers("timeout", "update_cache_timeout")
        | {"verbosity": Field("choice", default=1, choices=(0, 1, 2))},
        ("inventory", "name"),
        TOLD,
        read_only=("organization",),
    ),
    "notification_templates": Resource(
        "notification_template",
        NAME
        | ORGANIZATION
        | {
            "notification_type": Field("choice", required=True, choices=("email", "slack", "webhook")),
            "notification_configuration": Field("json", default={}),
            "messages": Field("json", default=None),
        },
        ("organization", "name"),
    ),
    "job_templates": Resource(
        "job_template",
        NAME
        | _ids(inventory="inventories", project="projects", execution_environment="execution_environments")
        | {"job_type": RUN}
        | _texts("playbook", "scm_branch", "limit", "extra_vars", "job_tags", "skip_tags", "start_at_task")
        | _switches("survey_enabled", "become_enabled", "diff_mode", "allow_simultaneous", "use_fact_cache", *_ASKED)
        | _numbers("forks", "verbosity", "timeout"),
        ("organization", "name"),
        (*TOLD, "credentials", "labels", "schedules"),
        ("admin_role", "execute_role", "read_role"),
        read_only=("organization",),
    ),
    "workflow_job_templates": Resource(
        "workflow_job_template",
        NAME
        | _ids(organization="organizations", inventory="inventories")
        | _texts("extra_vars", "limit", "scm_branch", "job_tags", "skip_tags")
        # A workflow passes no job type and no wish for differences on to its nodes.
        | _switches("survey_enabled", "allow_simultaneous", *_ASKED_OF_WORKFLOWS),
        ("organization", "name"),
        (*TOLD, "notification_templates_approvals", "labels", "schedules", "workflow_nodes"),
        ("admin_role", "execute_role", "read_role", "approval_role"),
    ),
    "workflow_job_template_nodes": Resource(
        "workflow_job_template_node",
        {
            "workflow_job_template": Field("id", required=True, of="workflow_job_templates"),
            "identifier": Field(),
            "extra_data": Field("json", default={}),
            "job_type": Field(default=None),
            "limit": Field(default=None),
            "diff_mode": Field("boolean", default=None),
            **_switches("all_parents_must_converge"),
            **_ids(unified_job_template="unified_job_templates", inventory="inventories"),
        },
        ("workflow_job_template", "identifier"),
        (*_LINKS, "credentials", "labels"),
        read_only=("type",),
    ),
    "workflow_approval_templates": Resource("workflow_approval_template", NAME | _numbers("timeout"), ()),
    "schedules": Resource(
        "schedule",
        NAME
        | {
            "unified_job_template": Field("id", required=True, of="unified_job_templates"),
            "rrule": Field(required=True),
            "enabled": Field("boolean", default=True),
            "extra_data": Field("json", default={}),
            "job_type": Field(default=None),
            "limit": Field(default=None),
            "diff_mode": Field("boolean", default=None),
            **_ids(inventory="inventories"),
        },
        ("unified_job_template", "name"),
        ("credentials", "labels"),
    ),
    "labels": Resource("label", {"name": Field(required=True), **ORGANIZATION}, ("organization", "name")),
    "instance_groups": Resource("instance_group", {"name": Field(required=True)}),
    "applications": Resource("application", NAME | ORGANIZATION),
}
TEMPLATES = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
