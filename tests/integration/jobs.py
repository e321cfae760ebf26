# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the shipped playbooks as AWX does: ansible-runner, a project of two lines, variables from inventory and survey.

Every job runs at -vvv, and whatever it leaves (events, output, statistics, fact cache) is searched for secrets.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

SECONDS = 400
# Every secret of these tests begins so; what a password becomes in server.xml, and the middle of keys, are added.
MARKER = "Marker-"
Json = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """What a job did."""

    rc: int
    events: list[Json] = field(repr=False)
    output: str = field(repr=False)

    @property
    def statistics(self) -> Json:
        """What set_stats left, AWX's artifacts."""
        return dict(self._recap().get("artifact_data") or {})

    def changed(self, host: str) -> int:
        """The number of changed tasks of a host."""
        return int(self._recap()["changed"].get(host, 0))

    def results(self, host: str, task: str) -> list[Json]:
        """The results of a task, those of a loop one by one; the task's name may be cut off at its end."""
        return [event["res"] for event in self._of(host, "runner_on_ok", "runner_on_failed") if task in event["task"]]

    def changes(self, host: str) -> list[tuple[str, object, object]]:
        """Task, diff and changes of each result that reports a change."""
        events = self._of(host, "runner_on_ok", "runner_item_on_ok")
        return [
            (event["task"], event["res"].get("diff"), event["res"].get("changes"))
            for event in events
            if event["res"].get("changed") and "results" not in event["res"]
        ]

    def failure(self, host: str) -> str:
        """The last sentence of the host, with which it failed."""
        failed = list(self._of(host, "runner_on_failed"))
        assert failed, f"{host} did not fail.\n{self.output}"
        items = [
            item for item in self._of(host, "runner_item_on_failed") if item["task_uuid"] == failed[-1]["task_uuid"]
        ]
        return " ".join(str(event["res"].get("msg")) for event in items or failed[-1:])

    def unreachable(self, host: str) -> str:
        """What is said of a host that cannot be reached."""
        (event,) = self._of(host, "runner_on_unreachable")
        return str(event["res"]["msg"])

    def ran(self, host: str) -> bool:
        """Whether any task reached the host."""
        return any(self._of(host, "runner_on_ok", "runner_on_failed", "runner_on_skipped"))

    def _recap(self) -> Json:
        recaps = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        assert recaps, self.output
        return dict(recaps[-1])

    def _of(self, host: str, *kinds: str) -> Iterator[Json]:
        for event in self.events:
            if event["event"] in kinds and event["event_data"]["host"] == host:
                yield event["event_data"]


def run_job(
    folder: Path,
    playbook: str,
    hosts: dict[str, Json],
    *,
    survey: Json | None = None,
    options: str = "",
    secrets: Iterable[str] = (),
) -> Job:
    """Run a shipped playbook for hosts of the group zosconnect_servers, which are this machine; return what it did.

    Args:
        folder: for the job; made when missing.
        playbook: its name in the collection.
        hosts: name and variables of each.
        survey: extra variables.
        options: more of ansible-playbook's.
        secrets: what must not be seen anywhere, besides what begins with MARKER.
    """
    (folder / "project").mkdir(parents=True, exist_ok=True)
    (folder / "project" / "site.yml").write_text(
        f"- import_playbook: zosconnect.security.{playbook}\n", encoding="utf-8"
    )
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    group = {"hosts": {name: {**local, **variables} for name, variables in hosts.items()}}
    (folder / "inventory").mkdir(exist_ok=True)
    (folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"zosconnect_servers": group}), encoding="utf-8")
    return run_project(folder, "site.yml", survey=survey, options=options, secrets=secrets)


def run_project(
    folder: Path, playbook: str, *, survey: Json | None = None, options: str = "", secrets: Iterable[str] = ()
) -> Job:
    """Run a playbook of the project in a folder, which has an inventory as well; return what it did."""
    # In files, as AWX gives them: ansible-runner would put what it is given here onto the command line, and keep it.
    (folder / "env").mkdir(exist_ok=True)
    (folder / "env" / "extravars").write_text(_unsafe(survey or {}), encoding="utf-8")
    (folder / "env" / "cmdline").write_text(options, encoding="utf-8")
    ident = f"job{len(list(folder.glob('artifacts/*')))}"
    ended = ansible_runner.run(
        private_data_dir=str(folder),
        playbook=playbook,
        ident=ident,
        envvars=_environment(folder),
        verbosity=3,
        quiet=True,
        timeout=SECONDS,
    )
    left = folder / "artifacts" / ident
    _search(left, [MARKER, *secrets])
    assert not list((folder / "remote").glob("*")), "files of a task were left behind"
    return Job(ended.rc, list(ended.events), (left / "stdout").read_text(encoding="utf-8"))


class _Dumper(yaml.SafeDumper):
    """Writes every text as AWX does, with a tag, so that Ansible takes none for a template."""


_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text, style="'"))


def _unsafe(given: Json) -> str:
    """Extra variables as AWX writes them. From 2.19 on ansible-core makes numbers and booleans of such texts."""
    texts = [yaml.dump({name: value}, Dumper=_Dumper, default_flow_style=False) for name, value in given.items()]
    return "".join(texts) or "{}"


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "no-collections"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORKS": "8",
        "ANSIBLE_PIPELINING": "1",
        "LC_ALL": "C.UTF-8",
    }


def _search(folder: Path, secrets: list[str]) -> None:
    """Look for secrets, as they are and as JSON writes them, in all that a job left."""
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            found = [secret for secret in secrets if secret in text or json.dumps(secret)[1:-1] in text]
            assert not found, f"{path} shows {found}: {text[max(0, text.find(found[0]) - 500) :][:700]}"
