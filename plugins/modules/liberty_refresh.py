#!/usr/bin/python
# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: liberty_refresh
short_description: Tell a running Liberty that files have changed
version_added: 0.1.0
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
    description: A user with the administrator role.
    type: str
    required: true
  password:
    description: The password of O(username).
    type: str
    required: true
  ca_content:
    description:
      - PEM text of the certificates to trust. Without it the trust store of the host on which the module runs is used.
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

import json
import ssl
import time
import urllib.error
import urllib.request
from base64 import b64encode

from ansible.module_utils.basic import AnsibleModule

# What a forgotten or badly copied secret looks like: nothing, AWX's placeholder, and the mark that hides a secret.
NO_SECRETS = ("", "$encrypted$", "********")
OPERATION = (
    "/IBMJMXConnectorREST/mbeans/WebSphere%3Aservice%3Dcom.ibm.ws.kernel.filemonitor.FileNotificationMBean"
    "/operations/notifyFileChanges"
)


def java_list(items: list) -> dict:
    """Return a list as the REST connector wants it; only one that holds something names the type of its items."""
    types = [*(["java.lang.String"] if items else [])]
    return {"value": items, "type": {"className": "java.util.ArrayList", "items": types * len(items)}}


def request(params: dict) -> urllib.request.Request:
    """Return the call notifyFileChanges(created, modified, deleted)."""
    body = {
        "params": [java_list([]), java_list(params["files"]), java_list([])],
        "signature": ["java.util.Collection"] * 3,
    }
    credentials = b64encode(f"{params['username']}:{params['password']}".encode()).decode("ascii")
    return urllib.request.Request(
        params["url"].rstrip("/") + OPERATION,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Basic {credentials}"},
        method="POST",
    )


def notify(params: dict) -> None:
    """Make the call; what goes wrong is an OSError or a ValueError."""
    context = ssl.create_default_context(cadata=params["ca_content"])
    # A handler of its own: redirects and proxies would carry the password elsewhere.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    with opener.open(request(params), timeout=params["timeout"]) as answer:
        answer.read()


def notify_patiently(params: dict) -> None:
    """Make the call; try again while nobody answers, for timeout seconds. What goes wrong then is an OSError."""
    deadline = time.monotonic() + params["timeout"]
    while True:
        try:
            return notify(params)
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def sentence(url: str, e: Exception) -> str:
    """Say what went wrong and what to do."""
    if isinstance(e, urllib.error.HTTPError):
        hint = {
            401: "the user or the password is wrong",
            403: "the user lacks the administrator role",
            404: "nothing answers there; enable the feature restConnector-2.0",
        }
        return f"{url}: the server was not told: HTTP status {e.code}, {hint.get(e.code, str(e.reason))}."
    return f"{url}: the server was not told: {getattr(e, 'reason', e)}."


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "username": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
            "ca_content": {"type": "str"},
            "files": {"type": "list", "elements": "path", "required": True},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    url = module.params["url"]
    if not url.startswith("https://"):
        module.fail_json(msg=f"url: {url} must begin with https://, because a password is sent there.")
    if module.params["password"] in NO_SECRETS:
        module.fail_json(msg="password: is empty or a mark that stands in place of a secret; give the password.")
    if not module.check_mode:
        try:
            notify_patiently(module.params)
        except (OSError, ValueError) as e:
            module.fail_json(msg=sentence(url, e))
    module.exit_json(changed=True, files=module.params["files"])


if __name__ == "__main__":
    main()
