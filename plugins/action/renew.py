# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action renew: one call to read, the engine, and where something changes one call to apply."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.zosconnect.security.plugins.action.keystore import ActionModule as KeyStore
from ansible_collections.zosconnect.security.plugins.plugin_utils import action_console, operator_commands, telling
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import COLLECTION, SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import ahead, require
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import gather
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal import change, desired, summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.change import Changes, Done
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.reading import Reading

Json = dict[str, Any]
ahead("lxml.etree", "cryptography.x509")

_TEXT = {"type": "str", "default": ""}
_ITEMS = {"type": "raw", "default": []}
# What is desired of a renewal, by the names of the role's variables.
_GIVEN = (
    *("days", "server_dir", "stores", "files", "rings", "policies", "refresh", "tell_again", "job_name"),
    "zosconnect_version",
)


class ActionModule(SecurityAction):
    """Renew keys and certificates before they run out."""

    # Paths are of type str here: the target module expands ~ there, not the controller its own.
    ARGUMENTS = {
        "days": {"type": "raw", "default": 30},
        "server_dir": _TEXT,
        "install_dir": _TEXT,
        "user_dir": _TEXT,
        "variables": {"type": "dict", "default": {}},
        "password_key": {"type": "str", "no_log": True, "default": ""},
        "stores": {**_ITEMS, "no_log": False},
        "files": _ITEMS,
        "rings": _ITEMS,
        "policies": _ITEMS,
        "elsewhere": {"type": "list", "elements": "dict", "default": []},
        "zos_release": _TEXT,
        "allow_expired": {"type": "bool", "default": False},
        "java_home": _TEXT,
        "backup": {"type": "bool", "default": True},
        **telling.OPTIONS,
        **action_console.OPTIONS,
        "tell_again": {"type": "raw", "default": False},
        "job_name": _TEXT,
        "zosconnect_version": _TEXT,
        "prefix": _TEXT,
    }

    def work(self, options: Json) -> Json:
        require("cryptography.x509", "cryptography")
        given = {name: options[name] for name in _GIVEN}
        connector = telling.connector(options, options["prefix"])
        action_console.check_options(self, options)
        now = datetime.now(UTC)
        prefix = options["prefix"]
        asks = plan(given, {}, now.date(), prefix)["asks"]
        rings = [self._ring(ring, options, check_mode=True) for ring in asks["rings"]]
        reading = self._read(desired.check(given, prefix), options, connector)
        listings = [*asks["listings"], *(ring["listing"] for ring in rings if "listing" in ring)]
        found: Json = {
            "stores": {"places": reading.places(listings, now)},
            "server": reading.configuration(),
            "rings": rings,
            "policies": reading.policies(options["elsewhere"]),
        }
        planned = plan(given, found, now.date(), prefix)
        made = change.changes(planned, reading, options, _entries)
        self._ask_for_requests(made, reading)
        warnings, tried = made.warnings(), made.results()
        done = made.foretold() if self._task.check_mode else Done()
        with self._telling_what_is_done(done):
            self._change_rings(asks["rings"], rings, options, done)
            if not self._task.check_mode:
                self._change(made, planned, reading, options, done)
        last = plan(given, {**found, "tried": tried, "changed": done.results()}, now.date(), prefix)
        self._tell(last["tell"], connector, done)
        warnings += self._give(last, options, done)
        waits = reading.waits(str(self._vars["inventory_hostname"]), options["job_name"])
        report = {**last["report"], "told": done.told, "given": done.given, "waits": waits}
        result = {
            "changed": done.changed,
            "report": report,
            "lines": summary.lines(report, reading.desired.days, check_mode=self._task.check_mode),
            "policies": [] if done.problem else [item for item in planned["policies"] if item["host"]],
            "jvm_starts": reading.jvm_starts,
            **({"warnings": warnings} if warnings else {}),
            **({"diff": made.shown()} if self._task.diff else {}),
        }
        return {**result, "failed": True, "msg": done.problem} if done.problem else result

    @contextlib.contextmanager
    def _telling_what_is_done(self, done: Done) -> Iterator[None]:
        """Where something fails after other things were changed, the result says both, and not only the failure."""
        try:
            yield
        except SecurityError as e:
            if self._task.check_mode or not done.changed:
                raise
            done.problem = str(e)

    def _read(self, want: desired.Desired, options: Json, connector: Json | None) -> Reading:
        """Read all there is to know; what an interrupted run left is finished or undone before."""
        reading, answers = Reading.of(want, options), []

        def ask(question: Json) -> Json:
            answers.append(self._ask(question, reading))
            return answers[-1]

        gather(reading, ask)
        return self._read(want, options, connector) if self.recover(answers[0], connector) else reading

    def _ask(self, question: Json, reading: Reading) -> Json:
        return self.ask(question, reading.secrets if question.get("stores") else {})

    def _ask_for_requests(self, made: Changes, reading: Reading) -> None:
        """Have the requests made of keys that need a certificate; where none does, nobody is asked."""
        wanted = {step.wanted["path"]: step.requests for step in made.steps if step.requests}
        if wanted:
            answer = self._ask(reading.again(list(wanted), wanted), reading)
            reading.jvm_starts += answer["jvm_starts"]
            for item in answer["stores"]:
                reading.stores[item["path"]].update(requests=item.get("requests") or {})

    def _change_rings(self, asked: Sequence[Json], looked: Sequence[Json], options: Json, done: Done) -> None:
        for ring, there in zip(asked, looked, strict=True):
            if ring["listing"] is None and there.get("commands"):
                if not self._task.check_mode:
                    self._ring(ring, options, check_mode=False)
                done.others = True

    def _change(self, made: Changes, planned: Json, reading: Reading, options: Json, done: Done) -> None:
        """Apply all of it in one call; what goes from a store where something else came, in a second one."""
        parts, later = made.parts(), made.later()
        if not parts or not self._apply(parts, reading, options, done) or not later:
            return
        reading.take(self._ask(reading.again([step.wanted["path"] for step in later], {}), reading))
        again = change.changes({**planned, "files": [], "policies": []}, reading, options, _entries)
        self._apply([again.steps[step.number] for step in later], reading, options, done)

    def _apply(self, parts: Sequence[change.Part], reading: Reading, options: Json, done: Done) -> bool:
        answer = self.apply(change.order(parts, reading, options))
        reading.jvm_starts += answer["jvm_starts"]
        return done.take(parts, answer)

    def _tell(self, files: list[str], connector: Json | None, done: Done) -> None:
        """Tell the server; where that fails the files stay, and a later run tells it again."""
        if not files or connector is None or done.problem:
            return
        try:
            self.run_on_target("liberty_refresh", {**connector, "files": files})
            done.told = files
        except SecurityError as e:
            done.problem = str(e)

    def _give(self, last: Json, options: Json, done: Done) -> list[str]:
        """Have a console told, where that was asked for; return warnings. Where it is refused the files stay changed.

        A policy on another host is changed after this, so the Policy Agent is left to the operator.
        """
        elsewhere = any(item["host"] for item in last["policies"])
        changed = [what for what in last["give"] if what != operator_commands.POLICY or not elsewhere]
        if not options["operator"] or not changed or done.problem or self._task.check_mode:
            return []
        try:
            told = action_console.give(self, changed, options, last["version"])
        except SecurityError as e:
            done.problem = (
                f"{str(e).rstrip('.')}. The files are changed; run again with {options['prefix']}tell_again true "
                "when it can be given."
            )
            return []
        done.given = told.commands
        return list(told.warnings)

    def _ring(self, ring: Mapping[str, Any], options: Json, *, check_mode: bool) -> Json:
        """Let saf_keyring look at a ring, or change it."""
        arguments = {name: value for name, value in ring.items() if value is not None}
        arguments |= {"list_certificates": check_mode, "tsocmd": options["tsocmd"]}
        return self._run_action("saf_keyring", arguments, check_mode=check_mode)

    def _run_action(self, name: str, arguments: Json, *, check_mode: bool) -> Json:
        """Let another action of the collection do its task; raise SecurityError where it fails.

        Of a lost connection it says ``unreachable`` alone, as each action does.
        """
        result = self.run_task(f"{COLLECTION}.{name}", arguments, check_mode=check_mode)
        if result.get("failed") or result.get("unreachable"):
            raise SecurityError(result["msg"])
        return result


def _entries(given: Sequence[Json]) -> list[Json]:
    """Return the entries of a store as the module keystore takes them."""
    checked = ArgumentSpecValidator({"entries": KeyStore.ARGUMENTS["entries"]}).validate({"entries": list(given)})
    if checked.error_messages:
        raise SecurityError(f"{COLLECTION}.keystore: {'; '.join(checked.error_messages)}")
    entries: list[Json] = checked.validated_parameters["entries"]
    return entries
