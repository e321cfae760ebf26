#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: liberty_refresh
short_description: Tell a running Liberty that files have changed
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Names changed files to the FileNotification MBean of a running Liberty server, through its REST connector.
  - A z/OS Connect server is usually configured with C(updateTrigger="mbean"). Then it looks at a changed
    C(server.xml) only when it is told to, by this call or by an operator command such as C(F BAQSTRT,ZCON,REFRESH).
  - Liberty carries out the update after it has answered. Look at the result with M(zosconnect.security.tls_probe).
attributes:
  check_mode:
    support: full
    description: Says that it would notify the server, without a connection to it.
  diff_mode:
    support: none
    description: Changes no file.
  idempotent:
    support: none
    description: Each call is a new notification. Liberty ignores one for files that have not changed.
options:
  url:
    description:
      - Where the server's REST connector answers, for example V(https://zosconnect.example.com:9443).
    type: str
    required: true
  username:
    description: A user with the administrator role. Needed unless O(client_certificate_content) says who asks.
    type: str
  password:
    description: The password of O(username).
    type: str
  ca_content:
    description:
      - PEM text of the certificates to trust. Without it the trust store of the host on which the module runs is used.
    type: str
  client_certificate_content:
    description: PEM text of a client certificate that the server knows as an administrator's, with its chain.
    type: str
  client_key_content:
    description: PEM text of its private key.
    type: str
  client_key_passphrase:
    description: The passphrase of O(client_key_content), where it has one.
    type: str
  files:
    description: The changed files, as the server names them.
    type: list
    elements: path
    required: true
  timeout:
    description:
      - Seconds to wait for the server's answer.
      - A connection that fails is tried again so long, because Liberty closes and opens all its HTTPS ports when an
        C(ssl) or C(keyStore) element changes.
    type: int
    default: 30
seealso:
  - module: zosconnect.security.server_xml
"""

EXAMPLES = r"""
- name: Let the server read its configuration again
  zosconnect.security.liberty_refresh:
    url: https://localhost:9443
    username: admin
    password: "{{ admin_password }}"
    ca_content: "{{ admin_ca }}"
    files:
      - /var/zosconnect/servers/zceesrv1/server.xml
"""

RETURN = r"""
files:
  description: The files that the server was told of.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import notifying
from ansible_collections.zosconnect.security.plugins.module_utils.connector import (
    ARGUMENTS,
    Connector,
    ConnectorError,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={**ARGUMENTS, "files": {"type": "list", "elements": "path", "required": True}},
        supports_check_mode=True,
    )
    url, files, seconds = (module.params[name] for name in ("url", "files", "timeout"))
    connector = Connector(module.params, scratch=module.tmpdir)
    try:
        connector.check()
        if not module.check_mode:
            notifying.notify(connector, {"modified": files}, seconds)
    except ConnectorError as e:
        module.fail_json(msg=str(e))
    except OSError as e:
        module.fail_json(msg=notifying.not_told(url, e, seconds))
    module.exit_json(changed=True, files=files)


if __name__ == "__main__":
    main()
