#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_apply
short_description: "Internal: changes several files on the target, or none"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Replaces files whole, tells the server, and looks at its ports. If they do not show what is declared in time, all
    files are put back.
  - A process of its own does that. It goes on when the connection to the target is lost.
  - What a run that was killed has left is put back, or finished, by the next one that is asked to.
  - Where nobody tells the server, a note in its directory says so until the server's log shows that it has read its
    files.
attributes:
  check_mode:
    support: none
    description: Its callers do not call it in check mode.
  diff_mode:
    support: none
    description: Its callers show the difference.
options:
  order:
    description:
      - A file in the task's own temporary directory that says what to do, as JSON. It may hold secrets.
      - It is removed when it was read.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: What other modules do
  zosconnect.security.target_apply:
    order: /tmp/ansible-x/order.json
"""

RETURN = r"""
outcome:
  description:
    - V(applied), all files are the new ones, and the ports show what is declared.
    - V(put_back), all files are what they were.
    - V(refused), nothing was changed.
    - V(left), not all files could be put back.
  type: str
  returned: success
files:
  description:
    - For each file its path, real_path, state (new, old, left), whether it was made, and a message.
    - Also backup_file, checksum_before, checksum_after, and the requests of keys that were made in a store.
  type: list
  elements: dict
  returned: success
stores:
  description: What Java sees in each new key store.
  type: list
  elements: dict
  returned: success
refresh:
  description: Whether the server was told (kind, state, files, message).
  type: dict
  returned: success
refresh_back:
  description: Whether it was told of what was put back.
  type: dict
  returned: success
gates:
  description: What each port showed at the last look.
  type: list
  elements: dict
  returned: success
pending:
  description: Why it could not be noted that the server was not told, or nothing.
  type: str
  returned: success
problem:
  description: Why it is not applied, as data (kind, path, facts).
  type: dict
  returned: success
message:
  description: The same as a sentence.
  type: str
  returned: success
jvm_starts:
  description: How often a Java was started.
  type: int
  returned: success
seconds:
  description: How long it took.
  type: float
  returned: success
"""

from contextlib import AbstractContextManager
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import (
    applying,
    detached,
    outcomes,
    recovering,
    returned,
    sent_secrets,
    stores,
)

Json = dict[str, Any]


def carried_out(order: Json, module: AnsibleModule) -> Json:
    """Let a process of its own carry out the order; if somebody kills it, another one cleans up after it."""

    def work() -> AbstractContextManager[detached.Done]:
        if "recover" in order:
            return recovering.recover(order, module)
        return applying.apply(order, module)

    def clean_up() -> AbstractContextManager[detached.Done]:
        return recovering.recover({"recover": directories(order), "refresh": order.get("refresh")}, module)

    # What it needs is loaded before, because the file that Ansible loads it from may be gone before it ends.
    applying.server_of(order, None)
    answer = detached.run(work)
    if answer is None:
        return killed(detached.run(clean_up))
    is_in_the_way = answer["outcome"] == outcomes.REFUSED and (answer["problem"] or {}).get("kind") == "journal"
    return cleared(answer, detached.run(clean_up)) if is_in_the_way and "recover" not in order else answer


def directories(order: Json) -> list[str]:
    """Return where the journals of an order may lie."""
    if "recover" in order:
        return list(order["recover"])
    files = [item.get("real_path") or item["path"] for item in order["files"]]
    return [order["journal_dir"], *(path.rpartition("/")[0] or "/" for path in files)]


def killed(answer: Json | None) -> Json:
    """Say what is after somebody killed the process: all was put back, or it is for the next run."""
    said = outcomes.Outcome(problem={"kind": "interrupted", "path": None, "facts": {}})
    if answer is None:
        said.outcome = outcomes.LEFT
        said.message = (
            "The process that changes the files was killed twice; the next run puts back what it has changed."
        )
        return said.answer([])
    if not answer["files"] and answer["outcome"] == outcomes.APPLIED:
        said.message = "The process that changes the files was killed before it had changed any; run again."
        return said.answer([])
    return answer


def cleared(answer: Json, undone: Json | None) -> Json:
    """Say what became of what an interrupted run had left in the way: the change was planned with it, so it waits."""
    if undone is None or undone["outcome"] == outcomes.REFUSED:
        return answer
    message = f"{undone['message']} Nothing else was changed. Run again to plan from what is there now."
    return {**answer, "changed": undone["changed"], "message": message}


def main() -> None:
    module = AnsibleModule(argument_spec={"order": {"type": "path", "required": True}})
    try:
        order = sent_secrets.taken(module.params["order"])
    except stores.StoreError as e:
        module.fail_json(msg=returned.utf8(str(e)))
    module.exit_json(**returned.utf8(carried_out(order, module)))


if __name__ == "__main__":
    main()
