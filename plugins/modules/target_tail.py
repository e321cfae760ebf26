#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_tail
short_description: "Internal: reads the end of logs on the target"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Brings the last bytes of logs, however large they are, and of directories the files with the newest names.
  - Logs may hold secrets. Callers keep that result out of every log.
attributes:
  check_mode:
    support: full
    description: Reads only, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  logs:
    description: The logs to read, each with what is there of it.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The log's path. Where it is absent or empty, the newest of its predecessors beside it is read.
        type: path
        required: true
      server_dir:
        description:
          - The directory of the server whose configuration names it.
          - Root reads of it what the owner of that directory may read, and no more.
        type: path
  folders:
    description: Directories of which the files with the newest names are read.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The directory's path.
        type: path
        required: true
      server_dir:
        description: As for O(logs[].server_dir).
        type: path
      newest:
        description: How many files.
        type: int
        default: 5
  known_files:
    description:
      - Files of the configuration that were read already.
      - Where the directory of a server is root's, but one of them is another user's, he may have named a log.
    type: list
    elements: path
    default: []
  bytes:
    description: How many bytes of each file are read, from its end.
    type: int
    default: 4194304
"""

EXAMPLES = r"""
- name: What other modules do
  zosconnect.security.target_tail:
    logs:
      - path: /var/zosconnect/servers/zceesrv1/logs/messages.log
  no_log: true
"""

RETURN = r"""
logs:
  description: One entry for each file that was read or could not be.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: Its path.
      type: str
    state:
      description: V(file), V(absent), or what hinders reading.
      type: str
    message:
      description: A sentence where it could not be read.
      type: str
    content:
      description: The bytes, in Base64.
      type: str
    size:
      description: How many bytes the file has.
      type: int
    is_cut:
      description: Whether the file has more than was read.
      type: bool
    tag:
      description: The z/OS file tag.
      type: str
system:
  description: What the target's system calls itself. z/OS says V(OS/390).
  type: str
  returned: success
"""

import base64
import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import reading, returned

Json = dict[str, Any]
MOST = 64 * 1024 * 1024


def end(path: str, most: int, named_by: frozenset[int]) -> Json:
    """Return the end of one file as it travels."""
    answer = reading.describe_end(path, most, named_by)
    return {**answer, "content": base64.b64encode(answer.pop("data")).decode()}


def log(item: Json, most: int, known_files: tuple[str, ...] = ()) -> list[Json]:
    """Return the end of a log; where there is nothing in it, that of the newest log before it as well."""
    named_by = reading.namers(item["server_dir"], known_files)
    answer = end(item["path"], most, named_by)
    if answer["state"] != "absent" and (answer["state"] != "file" or answer["size"]):
        return [answer]
    folder, name = os.path.split(item["path"])
    stem, suffix = os.path.splitext(name)
    names = listed(folder, named_by)
    older = [each for each in names if each.startswith(f"{stem}_") and each.endswith(suffix)]
    return [answer, *(end(os.path.join(folder, each), most, named_by) for each in older[-1:])]


def folder(item: Json, most: int, known_files: tuple[str, ...] = ()) -> list[Json]:
    """Return the ends of the files with the newest names: such names begin with a time."""
    named_by = reading.namers(item["server_dir"], known_files)
    names = listed(item["path"], named_by)
    newest = names[-item["newest"] :] if item["newest"] > 0 else []
    return [end(os.path.join(item["path"], each), most, named_by) for each in newest]


def listed(path: str, named_by: frozenset[int]) -> list[str]:
    answer = reading.describe_folder(path, suffixes=(), depth=0, named_by=named_by)
    names: list[str] = answer["names"]
    return names


def main() -> None:
    named = {"path": {"type": "path", "required": True}, "server_dir": {"type": "path"}}
    spec = {
        "logs": {"type": "list", "elements": "dict", "default": [], "options": named},
        "folders": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {**named, "newest": {"type": "int", "default": 5}},
        },
        "known_files": {"type": "list", "elements": "path", "default": []},
        "bytes": {"type": "int", "default": 4194304},
    }
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    most = min(max(module.params["bytes"], 1), MOST)
    known = tuple(module.params["known_files"])
    found = [each for item in module.params["logs"] for each in log(item, most, known)]
    found += [each for item in module.params["folders"] for each in folder(item, most, known)]
    module.exit_json(changed=False, logs=returned.utf8(found), system=os.uname().sysname)


if __name__ == "__main__":
    main()
