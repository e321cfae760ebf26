# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action awx_objects: it calls the modules of awx.awx or ansible.controller, whichever is installed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader, module_loader

from ansible_collections.zosconnect.security.plugins.plugin_utils import awx_pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

# Who has the first one means the platform; the second is for AWX alone.
_COLLECTIONS = ("ansible.controller", "awx.awx")
_HOSTS = ("CONTROLLER_HOST", "TOWER_HOST")
_FETCHED = "successful"
_FILES = ("/etc/tower/tower_cli.cfg", "~/.tower_cli.cfg", "tower_cli.cfg")


class ActionModule(SecurityAction):
    """Make objects of AWX, in order; what is so already stays as it is."""

    ARGUMENTS = {
        "organization": {"type": "str", "required": True},
        "objects": {"type": "dict", "required": True},
        "notify": {"type": "bool", "default": False},
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        objects = options["objects"]
        unknown = sorted(objects.keys() - awx_pack.KINDS)
        if unknown:
            known = ", ".join(awx_pack.KINDS)
            raise SecurityError(f"objects: {unknown[0]} is not known; give any of {known}.")
        self._collection = _installed()
        self._warnings: list[str] = []
        if not any(os.environ.get(name) for name in _HOSTS) and not any(Path(p).expanduser().exists() for p in _FILES):
            raise SecurityError(
                "No AWX is named. Set CONTROLLER_HOST, and CONTROLLER_OAUTH_TOKEN or CONTROLLER_USERNAME and "
                "CONTROLLER_PASSWORD, in the environment; in a job of AWX attach a credential of type Red Hat Ansible "
                "Automation Platform."
            )
        if not self._asked("organizations", name=options["organization"]):
            raise SecurityError(
                f"organization: AWX has no organization {options['organization']}, or does not show it to this user; "
                "make it there first, or give another."
            )
        changes, left = self._all(awx_pack.steps(objects, told=options["notify"]), objects, options["organization"])
        told = {"changed": bool(changes), "changes": changes, "collection": self._collection}
        return {**told, "not_asked": left, "warnings": list(dict.fromkeys(self._warnings))}

    def _all(
        self, steps: list[awx_pack.Step], objects: dict[str, Any], organization: str
    ) -> tuple[list[dict[str, str]], list[str]]:
        """Make all of it; return what changed, and what check mode could not ask for, as it needs what is missing."""
        changes: list[dict[str, str]] = []
        for number, step in enumerate(steps):
            done = self._call(step)
            if done.get("failed"):
                if self._task.check_mode and changes:
                    return changes, [later.name for later in steps[number:]]
                row = self._project(step.name, organization) if step.module == "project" else {}
                raise _failed(step, done, _unfetched(row))
            if done.get("changed"):
                changes.append(_change(step))
            if step.module == "project" and not self._task.check_mode:
                changes += self._filled(step.name, organization, awx_pack.playbooks(objects, step.name))
        for step in self._leftovers(objects, organization):
            done = self._call(step)
            if done.get("failed"):
                raise _failed(step, done)
            changes.append(_change(step))
        return changes, []

    def _filled(self, project: str, organization: str, playbooks: list[str]) -> list[dict[str, str]]:
        """Update a project that never was fetched, or lacks playbooks that its repository may have now."""
        row = self._project(project, organization)
        if not row.get("scm_type") or (row["status"] == _FETCHED and not self._missing(row, playbooks)):
            return []
        step = awx_pack.updated(project, organization)
        done = self._call(step)
        row = self._project(project, organization)
        if done.get("failed") or _unfetched(row):
            raise _failed(step, done, _unfetched(row))
        if missing := self._missing(row, playbooks):
            raise SecurityError(
                f"project {project}: AWX finds no {', '.join(missing)} in {row['scm_url']}. Copy what is missing from "
                "extensions/awx/project of the collection into this repository, push it, and run this again."
            )
        return [_change(step)]

    def _project(self, name: str, organization: str) -> dict[str, Any]:
        """Return a project as AWX has it; empty if it has none."""
        return next(iter(self._asked("projects", name=name, organization__name=organization)), {})

    def _missing(self, project: dict[str, Any], playbooks: list[str]) -> list[str]:
        """Return which of these AWX did not find in the project."""
        (found,) = self._asked(f"projects/{project['id']}/playbooks")
        return [name for name in playbooks if name not in found]

    def _call(self, step: awx_pack.Step) -> dict[str, Any]:
        name = f"{self._collection}.{step.module}"
        done: dict[str, Any] = self._execute_module(
            module_name=name, module_args=dict(step.arguments), task_vars=self._vars
        )
        self._warnings += done.get("warnings", ())
        return done

    def _leftovers(self, objects: dict[str, Any], organization: str) -> list[awx_pack.Step]:
        """Find nodes of the workflows that an older pack made and this one has not."""
        found = []
        for workflow in awx_pack.workflows(objects):
            ids = [
                item["id"]
                for item in self._asked("workflow_job_templates", name=workflow.name, organization__name=organization)
            ]
            nodes = self._asked("workflow_job_template_nodes", workflow_job_template=ids[0]) if ids else []
            found += [
                awx_pack.removed(workflow.name, organization, node["identifier"])
                for node in nodes
                if node["identifier"] not in workflow.nodes
            ]
        return found

    def _asked(self, endpoint: str, **query: Any) -> list[dict[str, Any]]:
        """Return the objects that AWX has."""
        lookup = lookup_loader.get(f"{self._collection}.controller_api", loader=self._loader, templar=self._templar)
        try:
            found: list[dict[str, Any]] = lookup.run([endpoint], self._vars, query_params=query, return_all=True)
        except AnsibleError as e:
            raise SecurityError(f"AWX at {os.environ.get(_HOSTS[0], 'the address of tower_cli.cfg')}: {e}") from e
        return found


def _unfetched(project: dict[str, Any]) -> str:
    """Say what to do if AWX could not fetch the project the last time; the modules say only that it failed."""
    if project.get("status") not in ("failed", "error", "canceled"):
        return ""
    last = project["summary_fields"]["last_update"]["id"]
    return (
        f". AWX could not fetch {project['scm_url']}, or could not install its collections/requirements.yml; the "
        f"output of project update {last} in AWX says why. Correct scm_url, scm_branch, scm_credential or the "
        "repository, and run this again."
    )


def _change(step: awx_pack.Step) -> dict[str, str]:
    return {"module": step.module, "name": step.name}


def _failed(step: awx_pack.Step, done: dict[str, Any], advice: str = "") -> SecurityError:
    return SecurityError(f"{step.module} {step.name}: {done.get('msg', 'the module told nothing')}{advice}")


def _installed() -> str:
    for name in _COLLECTIONS:
        if module_loader.find_plugin(f"{name}.job_template"):
            return name
    raise SecurityError(
        "Neither of the collections awx.awx and ansible.controller is installed where this runs; install the one that "
        "belongs to your AWX."
    )
