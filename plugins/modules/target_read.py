#!/usr/bin/python
# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_read
short_description: The hand that reads files on the target
version_added: 0.1.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Brings many files in one call, with checksum, mode, owner and z/OS tag.
  - The content of files is part of its result. Callers keep that result out of every log.
attributes:
  check_mode:
    support: full
    description: Reads only, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  files:
    description: The files to read.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file's path.
        type: path
        required: true
      attributes:
        description: File options (mode, owner, group and so on) that the file is to be compared with.
        type: dict
        default: {}
"""

EXAMPLES = r"""
- name: Read one file
  zosconnect.security.target_read:
    files:
      - path: /var/zosconnect/servers/zceesrv1/server.xml
  no_log: true
"""

RETURN = r"""
files:
  description: One entry for each file asked for, in the same order.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The path asked for.
      type: str
    real_path:
      description: The path with symbolic links followed.
      type: str
    state:
      description: V(file), V(absent), or what hinders reading.
      type: str
    message:
      description: A sentence where O(files) could not be read.
      type: str
    content:
      description: The bytes, in Base64.
      type: str
    sha256:
      description: Their checksum.
      type: str
    mode:
      description: Permission bits, four octal digits.
      type: str
    tag:
      description: The z/OS file tag.
      type: str
    attributes_differ:
      description: Whether the file options asked for differ from what the file has.
      type: bool
"""

import base64

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import reading


def read(module: AnsibleModule, item: dict) -> dict:
    answer = reading.describe(item["path"])
    data = answer.pop("data", None)
    if isinstance(data, bytes):
        answer["content"] = base64.b64encode(data).decode("ascii")
        wanted = module.load_file_common_arguments(item["attributes"], path=answer["real_path"])
        answer["attributes_differ"] = module.set_fs_attributes_if_different(wanted, False)
    return answer


def main() -> None:
    file_spec = {"path": {"type": "path", "required": True}, "attributes": {"type": "dict", "default": {}}}
    module = AnsibleModule(
        argument_spec={"files": {"type": "list", "elements": "dict", "default": [], "options": file_spec}},
        supports_check_mode=True,
    )
    # Comparing file options is asked of Ansible's own code in its check mode: this hand never changes anything.
    module.check_mode = True
    module.exit_json(changed=False, files=[read(module, item) for item in module.params["files"]])


if __name__ == "__main__":
    main()
