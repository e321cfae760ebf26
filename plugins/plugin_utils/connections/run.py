# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of a declaration on one host: what is ordered, one order after the other, and what there is to tell of it.

A policy comes before the port that it protects, and goes after it. All is planned and judged before an order.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands, telling, unfinished
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import change as changing
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import (
    foretold,
    outcome,
    summary,
    waivers,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.change import Change, PolicyFile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import IDENTITY
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.judged import Judged
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.outcome import Proof
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan as planned_by
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import SIDES, Read
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import SHARED_FILE
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.texts import Text
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.texts import texts as texts_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import found
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.members import MemberChange
from ansible_collections.zosconnect.security.plugins.plugin_utils.operator_commands import (
    CHANGED,
    CONFIGURATION,
    KEY_STORES,
    POLICY,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.predict import Predicted
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.untold import reads_by_itself
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

Json = dict[str, Any]

RULES = IDENTITY
_RESTORED = ("path", "backup_file", "checksum_before", "checksum_after")
# A line of JSON whose text Ansible would evaluate; no text of JSON goes over the end of its line.
_TEMPLATE = re.compile(r'^( +"\w+": )(".*\{[{%#].*")', re.MULTILINE)
_NOTHING: Json = {
    "state": "present",
    "connections": [],
    "endpoints": [],
    "gates": [],
    "warnings": [],
    "waivers": [],
    "inbound": {"config": {}, "rules": []},
    "policies": [],
    "server_xml": None,
    "zosconnect_version": OAS2,
}


@dataclass
class Run:
    """What is to be done on ``host``, and what came of it; ``own`` is the server's host."""

    options: Mapping[str, Any] = field(repr=False)
    own: str
    host: str
    read: Read = field(repr=False)
    made: Change = field(repr=False)
    texts: Sequence[Text] = ()
    proof: Proof = field(default_factory=Proof)
    judged: Judged = field(default_factory=Judged)
    waits: bool = False
    answers: list[Json] = field(default_factory=list)
    # Parts that were carried out, or would have been in check mode.
    done: list[str] = field(default_factory=list)
    pretended: bool = False
    # What went wrong beside it.
    remarks: list[str] = field(default_factory=list)
    # Of which of ``operator_commands.TOLD`` a console was told, what it answered, and why it refused.
    told: list[str] = field(default_factory=list)
    given: list[Json] = field(default_factory=list)
    problem: str = ""

    @property
    def planned(self) -> Json:
        return self.made.planned

    @property
    def is_absent(self) -> bool:
        return bool(self.planned["state"] == "absent")

    @property
    def failed(self) -> bool:
        return any(answer["outcome"] != "applied" for answer in self.answers)

    def next_order(self) -> Json | None:
        """Return the next order to the target; None where all is done, or something failed."""
        while not self.failed and (parts := self._next_parts()):
            order = outcome.order(self.made, self.read, self.options, self.host, parts=parts, texts=self.texts)
            if order["files"] or self.next_members():
                return order
            self.done += parts
        return None

    def next_members(self) -> list[MemberChange]:
        """Return the members of data sets that are written before the next order."""
        return self.made.new_members(self.host) if "policies" in self._next_parts() else []

    def _next_parts(self) -> tuple[str, ...]:
        for parts in self._steps():
            if not set(parts) <= set(self.done):
                return parts
        return ()

    def _steps(self) -> Iterator[tuple[str, ...]]:
        if not self.is_absent:
            yield ("texts", "stores", "policies", "server") if self.server_goes else ("texts", "policies")
            return
        yield ("server",)
        if not (self.open_ports() or self.calling()):
            yield ("policies",)

    @property
    def server_goes(self) -> bool:
        """Whether the server itself is changed in this run: its ports open only when their policy is installed."""
        return self.proof.proven and not self.waits

    def take(self, answer: Json) -> None:
        """Take what target_apply answered to the last order."""
        self.done += self._next_parts()
        self.answers.append(answer)

    def pretend(self) -> None:
        """Go on as if each order had been carried out: this is check mode."""
        self.pretended = True
        while parts := self._next_parts():
            self.done += parts

    def missing_folder(self) -> str | None:
        """Return the directory for other teams, where it has to be made before the next order."""
        if "texts" not in self._next_parts() or not self.texts or self.answers:
            return None
        folder = self.read.texts
        return None if folder is None or folder["state"] == "directory" else str(folder["path"])

    def open_ports(self) -> list[int]:
        """Return the ports that are to be closed and answer still."""
        told = any(answer.get("gates") for answer in self.answers)
        will_be = self.pretended and self.made.of_server and self.options["refresh"] != "operator"
        return [] if told or will_be else outcome.open_ports(self.planned, self.read, self.options)

    def settling(self) -> Json | None:
        """Return the order that takes away a note which is over, where no other order has done so."""
        if self.is_confirmed:
            return outcome.settling(self.read, telling.COMMAND)
        is_left = self.read.untold.is_over and not (self.server_changed or self.failed)
        return outcome.settling(self.read) if is_left else None

    # Operator commands that are given to a console.

    def to_give(self) -> list[list[str]]:
        """Return of what a console is told, where the user asks for it: kinds of ``operator_commands.TOLD``, in order.

        A port waits for its policy, and a policy for the ports that are closed; so these are told one after the other.
        """
        if not self.options["operator"] or self.failed or self.waits:
            return []
        server = self._server_kinds() if self._is_untold or self.waiting() else []
        groups = [[POLICY] if self._policy_counts_after() else [], server]
        return [group for group in (groups[::-1] if self.is_absent else groups) if group]

    def gave(self, changed: Sequence[str], answers: Sequence[Json]) -> None:
        """Take what a console answered to the commands for ``changed``; none is refused."""
        self.told += changed
        self.given += answers

    def refused(self, why: str, left: Sequence[Sequence[str]]) -> None:
        """Take why a command was not carried out; ``left`` is what the console was not told of."""
        commands = list(dict.fromkeys(one for kinds in left for one in self._commands(kinds)))
        self.problem = (
            f"{why.rstrip('.')}. The files are changed, and count after {', then '.join(commands)}. Give "
            f"{'it' if len(commands) == 1 else 'them'} when that is possible, with the module "
            "zosconnect.security.operator_command for instance, or run this again."
        )

    def _policy_counts_after(self) -> bool:
        """Whether the Policy Agent of this host has to be told."""
        unproven = bool(self.proof.installed) and not self.proof.proven
        place = self.options["inbound_policy_host"] or self.own
        has_policy = bool(self.options["inbound_policy"]) and place == self.host
        return bool(self.new_policies()) or (unproven and has_policy)

    @cached_property
    def _polls(self) -> bool:
        """Whether the server reads changed files of its configuration by itself."""
        return reads_by_itself(self.read.present.effective)

    @property
    def _is_untold(self) -> bool:
        """Whether the server counts on an operator for what this run changed."""
        return self.server_touched and self.options["refresh"] == telling.OPERATOR

    @property
    def server_told(self) -> bool:
        """Whether a console told the server in this run."""
        return any(kind in CHANGED for kind in self.told)

    @property
    def is_confirmed(self) -> bool:
        """Whether the server was told by commands of which messages say that they were carried out."""
        return self.server_told and all(one["confirmed"] for one in self.given)

    def waiting(self) -> tuple[str, ...]:
        """Return of which kinds of files the server was not told in an earlier run, nor in this one."""
        if self.server_told:
            return ()
        kinds = self.read.untold.kinds
        if self.server_touched and self.options["refresh"] != "operator":
            # Told of one file it reads all of its configuration, and only those stores that are named to it.
            return tuple(kind for kind in kinds if kind == KEY_STORES and not self.made.new_stores)
        return kinds

    def silent(self) -> list[int]:
        """Return the ports that a server does not open before an operator tells it; nothing else shows that here."""
        if self.is_absent or self.server_touched or self.options["refresh"] != "operator":
            return []
        return outcome.silent_ports(self.planned, self.read, self.options)

    def calling(self) -> list[str]:
        """Return the endpoints that a server calls in clear if their AT-TLS rules go before it is told."""
        untold = self.options["refresh"] == "operator" and self.made.of_server
        return (
            [one["connection"] for one in self.planned["endpoints"] if one["server_tls"] == "attls"] if untold else []
        )

    # What there is to tell.

    @property
    def server_changed(self) -> bool:
        return "server" in self.done and self.made.of_server

    @property
    def recovered(self) -> bool:
        """Whether files of an interrupted run were put back first, or would be."""
        return bool(self.read.recovered.get("changed")) or (self.pretended and unfinished.goes_back(self.read.journals))

    @property
    def server_touched(self) -> bool:
        """Whether the server has to be told of something."""
        return self.server_changed or self.recovered

    def new_policies(self) -> list[PolicyFile]:
        return self.made.new_policies(self.host) if "policies" in self.done else []

    def new_texts(self) -> Sequence[Text]:
        return self.texts if "texts" in self.done else ()

    @property
    def changed(self) -> bool:
        if self.failed:
            return self.recovered or any(answer["changed"] for answer in self.answers)
        return bool(self.server_touched or self.new_policies() or self.new_texts())

    @property
    def verdict(self) -> str:
        """How the run ended."""
        if self.failed:
            return str(self.answers[-1]["outcome"])
        if not self.proof.proven:
            return outcome.NOT_CONVERGED
        if self.pretended and self.changed:
            return outcome.WOULD_CHANGE
        untold = self._is_untold and not self.server_told
        if untold or self.silent() or self.waiting() or (self.is_absent and self._policies_stay()):
            return outcome.PENDING
        return outcome.CHANGED if self.changed else outcome.UNCHANGED

    def _policies_stay(self) -> bool:
        return "policies" not in self.done and bool(self.made.new_policies(self.host))

    @property
    def effective(self) -> bool:
        """Whether the server is as declared now, as far as anybody told it."""
        told = self.is_confirmed or (self.options["refresh"] != "operator" and not self.problem)
        return (
            told
            and self.proof.proven
            and not self.failed
            and not (self.pretended and self.server_changed)
            and not self.waiting()
        )

    def operator_command(self) -> str:
        """Return the operator commands after which the change counts; 3.0 has one of its own for key stores."""
        return ", then ".join(self._commands(self._server_kinds()))

    def _server_kinds(self) -> list[str]:
        waiting = self.waiting()
        own = self.server_touched or not waiting
        here = {CONFIGURATION: own, KEY_STORES: own and self.made.new_stores}
        return [kind for kind in CHANGED if here.get(kind) or kind in waiting]

    def _commands(self, changed: Sequence[str]) -> list[str]:
        return operator_commands.told(changed, self.options["job_name"], self.planned["zosconnect_version"])

    def next(self) -> list[str]:
        """Return what somebody has to do now."""
        if self.failed:
            return []
        if not self.proof.proven and self.proof.installed:
            evidence = f"{self.options['prefix']}evidence"
            return [
                *(self.proof.installed["why"], *self.proof.installed["differences"]),
                *self._handed_over(),
                self._policy_agent(),
                f"Then prove what the stack holds (pasearch -t), and run this again with that output in {evidence}.",
            ]
        if self.is_absent:
            return list(self._withdrawing())
        policies = [f"{self._policy_agent()}."] if self.new_policies() or self._policies_elsewhere() else []
        return [*policies, *self._telling()]

    def _handed_over(self) -> Iterator[str]:
        """Say which policy texts others have to install before they tell the Policy Agent."""
        names = [one["name"] for one in self.planned["policies"] if not one["path"] and one["name"] in self.made.texts]
        if names:
            folder = self.options["handover_dir"]
            where = f"in {folder}" if folder else "in the statistics of the job"
            yield f"Have the policy installed that is handed over ({several(names)} {where})."

    def _policy_agent(self) -> str:
        """Say that the Policy Agent has to be told, or that this run does it."""
        command = operator_commands.UPDATE_POLICY
        if POLICY in self.told:
            return f"The Policy Agent was told: {command}"
        others = self._policies_elsewhere()
        if (
            self.options["operator"]
            and not self.problem
            and (others or (self.pretended and self._policy_counts_after()))
        ):
            of = f" of {', '.join(others)}" if others else ""
            return f"This run {'would tell' if self.pretended else 'tells'} the Policy Agent{of}: {command}"
        return f"Tell the Policy Agent: {command}"

    def _policies_elsewhere(self) -> list[str]:
        """Return the other hosts whose policies change."""
        return list(
            dict.fromkeys(one.host for one in self.made.policies if one.host != self.host and one.change.writes)
        )

    def _telling(self) -> Iterator[str]:
        if self.server_told:
            yield (
                f"The server of {self.own} was told: {', then '.join(self._told_server())}. Run the playbook "
                "zosconnect.security.verify_connections."
            )
            return
        if self._is_untold and self.options["operator"] and self.pretended:
            yield (
                f"The files of {self.own} would change, and this run would tell the server: {self.operator_command()}. "
                "Then run the playbook zosconnect.security.verify_connections."
            )
            return
        if self._is_untold and self._polls:
            yield from self._reading()
            return
        if self._is_untold:
            yield (
                f"The files of {self.own} {'would change' if self.pretended else 'have changed'}; the server uses them "
                f"after the operator command {self.operator_command()}. Then run the playbook "
                "zosconnect.security.verify_connections."
            )
            return
        waits = self.waiting()
        if waits:
            polls = self._polls and KEY_STORES not in waits
            yield self.read.untold.sentence(self.own, self.operator_command(), polls=polls)
        if silent := self.silent():
            more = f" If the server runs, it uses its files after the operator command {self.operator_command()}."
            if self._polls:
                more = " If the server runs, its messages.log says why."
            yield (
                f"Nobody answers on {'port' if len(silent) == 1 else 'ports'} {', '.join(map(str, silent))}."
                f"{'' if waits else more}"
            )

    def _reading(self) -> Iterator[str]:
        """Say what a server does that was not told, and reads changed files by itself."""
        prefix = self.options["prefix"]
        yield (
            f"The files of {self.own} {'would change' if self.pretended else 'have changed'}; the server reads its "
            "configuration by itself (updateTrigger is polled), and this run does not look at its ports. Run the "
            f"playbook zosconnect.security.verify_connections. With {prefix}refresh polled a run looks, and puts "
            "everything back where a port is not as declared."
        )
        if KEY_STORES in self._server_kinds():
            yield f"The server uses changed key stores after {', then '.join(self._commands([KEY_STORES]))}."

    def _withdrawing(self) -> Iterator[str]:
        yield from self._telling()
        if ports := self.open_ports():
            shown = ", ".join(map(str, ports))
            answer = "answered before the server was told" if self.server_told else "still answer"
            yield f"Ports {shown} {answer}, so their AT-TLS rules stay. Run this again when they are closed."
            return
        calling = self.calling()
        if calling and self.server_told:
            yield (
                f"The server called {', '.join(calling)} until it was told, so the AT-TLS rules stay. Run this again; "
                "then they go."
            )
            return
        if calling:
            until = "it has read its files" if self._polls else f"the operator command {self.operator_command()}"
            yield (
                f"The server calls {', '.join(calling)} until {until}, so the AT-TLS rules stay. Run this again after "
                f"{'that' if self._polls else 'it'}."
            )
            return
        theirs = [rule for one in self.planned["policies"] if not one["path"] for rule in one["rules"]]
        if theirs or self.new_policies():
            remove = f"Remove the AT-TLS rules {', '.join(theirs)} from the policies that you were handed. "
            yield (
                f"{remove if theirs else ''}{self._policy_agent()}. The stack has let a rule go when pasearch -t no "
                "longer shows it."
            )

    def _told_server(self) -> list[str]:
        """Return the commands that a console gave to the server."""
        return self._commands([kind for kind in self.told if kind in CHANGED])

    def notes(self) -> list[str]:
        """Return what deserves attention."""
        came_of_it = self.read.recovered.get("message")
        found_: list[str] = [*([came_of_it] if came_of_it else []), *self._clocks(), *self.planned["warnings"]]
        found_ += self.judged.warnings
        found_ += self._servers_unseen()
        found_ += [one["message"] for one in self.read.journals if one["message"]]
        found_ += self.read.untold.warnings
        found_ += [said for said in (*(answer.get("pending") for answer in self.answers), *self.remarks) if said]
        found_ += [warning for each in self.made.files for warning in each.warnings]
        found_ += [warning for each in self.made.new_stores for warning in each.change.warnings(each.look)]
        found_ += [warning for each in self.made.policies for warning in each.change.warnings]
        return list(dict.fromkeys(found_))

    def _servers_unseen(self) -> Iterator[str]:
        """Say which servers may include a changed file as well."""
        if self.read.unseen and any(note["kind"] == SHARED_FILE for note in self.planned.get("notes", ())):
            why = " ".join(self.read.unseen[:3])
            yield f"Not all servers could be asked whether they include the same files: {why}"

    def _clocks(self) -> Iterator[str]:
        if (ahead := self.read.ahead) and self.host == self.own:
            minutes = round(abs(ahead).total_seconds() / 60)
            short = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
            span = short if minutes < 48 * 60 else f"{minutes // 1440} days"
            yield (
                f"The clock of {self.own} is {span} {'ahead of' if ahead > timedelta() else 'behind'} that of the "
                "controller. Certificates must be valid by both, because the server judges by its own. Set the wrong "
                "one right."
            )

    def _shown(self) -> Iterator[Json]:
        """Give each file that changes: path, what changes in it, and the difference."""
        for text in self.new_texts():
            yield {"path": text.path, "kind": "text", "what": [], "changes": [], "diff": text.shown()}
        for store in self.made.new_stores if "stores" in self.done else ():
            aliases = [change["alias"] for change in store.change.changes]
            yield _file(store.change.file.real_path, "store", aliases, store.change)
        for policy in self.new_policies():
            yield _file(policy.change.file.real_path, "policy", policy.wanted["rules"], policy.change)
        for each in self.made.server_files if "server" in self.done else ():
            names = [f"{one['element']} {one['identity'] or ''}".strip() for one in each.changes]
            yield _file(each.file.real_path, "server", names, each)

    def restore(self) -> list[Json]:
        """Return what the playbook restore takes: files that have a backup or were made, in the order of the change."""
        elsewhere = {"host": self.host} if self.host != self.own else {}
        texts = {text.path for text in self.texts}
        return [
            {**saved, **elsewhere}
            for answer in self.answers
            for each in answer["files"]
            if each["state"] == "new" and each["path"] not in texts and (saved := self._saved(each))
        ]

    def _saved(self, each: Json) -> Json:
        """Return how a file is put back, nothing where it is not; what was made goes where the others have backups."""
        kind = {"kind": POLICY} if each["path"] in self._policy_paths() else {}
        if each["made"]:
            made = {"path": each["path"], **kind, "made": True, "checksum_after": each["checksum_after"]}
            return made if self.options["backup"] else {}
        return {**{key: each[key] for key in _RESTORED}, **kind} if each["backup_file"] else {}

    def _policy_paths(self) -> set[str]:
        return {path for each in self.made.policies for path in (each.wanted["path"], each.change.file.real_path)}

    def result(self, restore_file: str | None, *, undo: str = "", diff: bool) -> Json:
        """Return the result of the task."""
        files = list(self._shown())
        told = summary.Told(
            verdict=self.verdict,
            is_absent=self.is_absent,
            foretold=self._foretold(),
            connections=self.planned["connections"],
            endpoints=self.planned["endpoints"],
            differences=self.planned.get("differences", {}),  # the part of another host has none
            files=files,
            effective=self.effective,
            next=self.next(),
            undo=undo,
            warnings=self.notes(),
            findings=[finding.shown() for finding in self.judged.told],
            waived=[finding.shown() for finding in self.judged.waived],
            applied=self.answers[-1] if self.answers else {},
            recovered=self.recovered,
        )
        sentence = self._complaint(told)
        before = self.options["before"] or {}
        report = {**self._report(files), "restore": [*before.get("restore", ()), *self.restore()]}
        report |= summary.outcome(told) if self.failed else {}
        short: Json = {
            **report,
            **({"diff": [each["diff"] for each in files if each["diff"]]} if diff else {}),
            "restore_file": restore_file,
            "report": report,
            "lines": summary.lines(told),
            "summary": summary.summary(told, sentence),
            "complaint": sentence,
        }
        if sentence and (self.failed or self.problem or self.options["unproven"] == "refuse"):
            # Of a task that failed Ansible prints the whole result.
            return {**short, "failed": True, "msg": sentence}
        return {
            **short,
            "changes": [{"path": each["path"], "changes": each["changes"]} for each in files if each["changes"]],
            "waits": self.waits,
            "elsewhere": self._elsewhere(),
            "handover": dict(self.made.texts),
            "findings": told.findings,
            "waived": told.waived,
            "waivers": self.planned["waivers"],
            "endpoints": self.planned["endpoints"],
            "notes": told.warnings,
            **({"predicted": self.predicted.shown()} if self.predicted and self.options["full_results"] else {}),
            **({"warnings": told.warnings} if told.warnings and self.verdict != outcome.UNCHANGED else {}),
        }

    @cached_property
    def predicted(self) -> Predicted | None:
        """What the server will write and open; only in check mode, for afterwards it is there to be read."""
        shown = self.pretended and "server" in self.done
        return foretold.foretell(self.made, self.read.present.server) if shown else None

    def _foretold(self) -> str:
        if self.predicted is None:
            return ""
        declared = {int(one["port"]) for one in self.planned["connections"]}
        before = foretold.ports_before(self.made, self.read.present.server)
        return foretold.line(self.predicted, before, declared)

    def _complaint(self, told: summary.Told) -> str:
        if self.failed:
            return summary.failure(told)
        if self.problem:
            return self.problem
        if self.verdict == outcome.NOT_CONVERGED:
            return f"Not converged, the ports stay as they are. {summary.sentences(self.next())}"
        return ""

    def _report(self, files: Sequence[Json]) -> Json:
        """Return what the statistics of a job keep of a run; without a directory for other teams their texts too."""
        texts = {} if self.options["handover_dir"] else dict(self.made.texts)
        return {
            "changed": self.changed,
            "verdict": self.verdict,
            "connections": self.planned["connections"],
            "files": [each["path"] for each in files if each["kind"] in ("store", "server")],
            "policies": [each["path"] for each in files if each["kind"] == "policy"],
            "effective": self.effective,
            "check": self.pretended,
            "operator_command": self.operator_command(),
            "given": list(self.given),
            "installed": self.proof.installed,
            "next": self.next(),
            **({"handover": texts} if texts else {}),
        }

    def _elsewhere(self) -> list[Json]:
        """Return the policies of other hosts that change, as part ``write`` takes them."""
        if self.failed or (self.is_absent and (self.open_ports() or self.calling())):
            return []
        return [
            {"host": each.host, **{key: each.wanted[key] for key in ("path", "config", "rules")}}
            for each in self.made.policies
            if each.host != self.host and each.change.writes
        ]


def _file(path: str, kind: str, what: Sequence[str], change: Any) -> Json:
    return {"path": path, "kind": kind, "what": list(what), "changes": change.changes, "diff": change.shown()}


def check(options: Mapping[str, Any]) -> None:
    """Raise SecurityError for options that cannot be, before anything is read."""
    outcome.check_reach(options)
    # A name that no job can have is refused before anything is written.
    operator_commands.asked("configuration", options["job_name"], OAS2)


def planned_of(declared: Sequence[object], options: Mapping[str, Any], read: Read) -> Json:
    """Return the plan of the whole declaration, and refuse what would stop it half way."""
    planned = planned_by(
        declared,
        state=options["state"],
        side=options["side"],
        identity_rule=options["identity_rule"] or None,
        present=read.present,
        attls_ports=options["attls_ports"] or (),
        policy_files={
            side: {"host": options[f"{side}_policy_host"], "path": options[f"{side}_policy"]} for side in SIDES
        },
        zosconnect_version=options["zosconnect_version"] or None,
        zos_release=options["zos_release"] or None,
        zos_apars=options["zos_apars"] or (),
    )
    outcome.check_options(planned, read, options)
    return planned


def plan(declared: Sequence[object], planned: Json, options: Mapping[str, Any], read: Read, own: str) -> Run:
    """Return the run of a plan on the server's own host, all of it judged; SecurityError where it cannot be."""
    made = changing.change(planned, read, options, own)
    if planned["state"] == "present":
        outcome.check_ports(made, read, options)
    judged = changing.judge(made, read, options, declared)
    changing.check_places(made, own)
    proof = outcome.proof(made, read, options)
    texts = texts_of(made.texts, read, options) if _hands_over(options, own, own) else ()
    others = any(each.host != own and each.change.writes for each in made.policies)
    waits = others and not options["before"] and planned["state"] == "present"
    return Run(options, own, own, read, made, texts, proof, judged, waits and made.of_server and proof.proven)


def _hands_over(options: Mapping[str, Any], host: str, own: str) -> bool:
    wanted = options["handover_dir"] and options["state"] == "present"
    return bool(wanted) and (options["handover_host"] or own) == host


def elsewhere(declared: Sequence[object], options: Mapping[str, Any], read: Read, host: str, own: str) -> Run:
    """Return the part of a planned declaration that is on another host; ``before`` has the plan's result.

    A policy is planned anew, because another server's part may be in it since; and so it is judged anew.
    """
    before = options["before"] or {}
    wanted = [each for each in before.get("elsewhere", ()) if each["host"] == host]
    policies = tuple(
        PolicyFile(host, each, changing.policy_change(each, found(read.policies[host, each["path"]]), options))
        for each in wanted
        if (host, each["path"]) in read.policies
    )
    accepted = (*waivers.read(declared), *waivers.of_plan(before.get("waivers", ())))
    changing.judge_elsewhere(policies, read, options, accepted)
    made = Change({**_NOTHING, "state": options["state"]}, policies=policies, texts=before.get("handover", {}))
    return Run(
        options, own, host, read, made, texts_of(made.texts, read, options) if _hands_over(options, host, own) else ()
    )


def restore_name(host: str, now: datetime) -> str:
    """Return the name of the file that undoes a run."""
    return f"zosconnect-restore-{posixpath.basename(host)}-{now:%Y%m%dT%H%M%S}.yml"


def restore_text(host: str, now: datetime, items: Sequence[Json]) -> str:
    """Return what the playbook restore reads: JSON, which is YAML, below a comment that says what it is.

    A name on the target that looks like a template must never be evaluated: whoever names an include chooses it.
    """
    head = f"# Undoes what connections changed on {host} at {now:%Y-%m-%dT%H:%M:%SZ}."
    shown = _TEMPLATE.sub(r"\1!unsafe \2", json.dumps({host: list(items)}, indent=2))
    return f"{head}\n---\nzosconnect_restore: {shown}\n"
