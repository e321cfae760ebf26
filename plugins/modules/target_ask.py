#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_ask
short_description: "Internal: asks the running server"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Brings what the REST connector of a running Liberty answers to one question. It only reads.
  - The answer may hold secrets. Callers keep that result out of every log.
attributes:
  check_mode:
    support: full
    description: Reads only, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  connector_file:
    description:
      - A file on the target that says how to reach the server and how to log in, as JSON.
      - Its keys are the options of M(zosconnect.security.liberty_refresh), without C(files).
    type: path
    required: true
  where:
    description: What stands before the names of options in sentences.
    type: str
    default: ''
  path:
    description: The path to ask for.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What other modules do
  zosconnect.security.target_ask:
    connector_file: /tmp/ansible-x/connector.json
    path: /ibm/api/config
"""

RETURN = r"""
answer:
  description: What the server answered.
  type: str
  returned: success
"""

import json

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils.connector import Connector, ConnectorError, reason


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "connector_file": {"type": "path", "required": True},
            "where": {"type": "str", "default": ""},
            "path": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    with open(module.params["connector_file"], encoding="utf-8") as file:
        options = json.load(file)
    try:
        answer = Connector(options, module.params["where"], module.tmpdir).call(module.params["path"])
    except ConnectorError as e:
        module.fail_json(msg=str(e))
    except OSError as e:
        why = reason(e, role="administrator or reader", seconds=options["timeout"])
        module.fail_json(msg=f"{options['url']}: the running server could not be asked: {why}.")
    module.exit_json(changed=False, answer=answer.decode("utf-8", errors="replace"))


if __name__ == "__main__":
    main()
