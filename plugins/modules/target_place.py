#!/usr/bin/python
# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_place
short_description: The hand that places a file on the target
version_added: 0.1.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Replaces a file whole or not at all, and only while it still is what was read.
extends_documentation_fragment:
  - ansible.builtin.files
attributes:
  check_mode:
    support: none
    description: Its callers do not call it in check mode.
  diff_mode:
    support: none
    description: Its callers show the difference.
options:
  path:
    description: The file to replace, symbolic links already followed.
    type: path
    required: true
  src:
    description:
      - A file on the target that holds the new content.
      - Without it only the file options are applied.
    type: path
  expected:
    description: The sha256 of what was read. Empty when no file may be there.
    type: str
    default: ""
  new_mode:
    description: The permission bits of a file that did not exist.
    type: str
    default: "0600"
  backup:
    description: Keep a copy of the old file.
    type: bool
    default: false
  validate:
    description: A command that must accept the new file, named by C(%s).
    type: str
"""

EXAMPLES = r"""
- name: Place a file that is on the target already
  zosconnect.security.target_place:
    path: /var/zosconnect/servers/zceesrv1/server.xml
    src: /tmp/new.xml
    expected: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""

RETURN = r"""
sha256:
  description: The checksum of the file as it is now.
  type: str
  returned: when O(src) was given
backup_file:
  description: The copy of the old file.
  type: str
  returned: when O(backup) was asked for and there was an old file
unsafe:
  description: Whether the file was written in place because it could not be renamed over.
  type: bool
  returned: when O(src) was given
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import placing, reading


def place(module: AnsibleModule) -> dict:
    params = module.params

    def prepare(path: str) -> None:
        module.set_fs_attributes_if_different(module.load_file_common_arguments(params, path=path), False)

    if not params["src"]:
        prepare(params["path"])
        return {}
    order = placing.Order(
        path=params["path"],
        data=reading.read_bytes(params["src"])[0],
        expected=params["expected"] or None,
        prepare=prepare,
        backup=module.backup_local if params["backup"] else None,
        validate=params["validate"],
        unsafe_writes=params["unsafe_writes"],
        new_mode=int(params["new_mode"], 8),
    )
    return placing.place(order)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "src": {"type": "path"},
            "expected": {"type": "str", "default": ""},
            "new_mode": {"type": "str", "default": "0600"},
            "backup": {"type": "bool", "default": False},
            "validate": {"type": "str"},
        },
        add_file_common_args=True,
    )
    try:
        module.exit_json(changed=True, **place(module))
    except (placing.PlaceError, reading.ReadError) as e:
        module.fail_json(msg=str(e))


if __name__ == "__main__":
    main()
