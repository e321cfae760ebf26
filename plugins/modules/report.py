#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write a report on servers, for people and for programs
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Makes files of what M(zosconnect.security.server_config_info), M(zosconnect.security.keystore_info) and
    M(zosconnect.security.tls_probe) found, for one server or many.
  - The HTML page holds no script and fetches nothing. It begins with the verdict and a picture of who calls the server
    and what it calls, and how each way is protected.
  - All formats tell the same findings at the same places. What is a secret in a configuration is in none of them.
  - Delegate the task to the host on which the files shall be. It runs once for all servers.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - zosconnect.security.server_files.named
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    description: The files are named, and not shown.
  idempotent:
    support: full
    description: A second run over the same state changes nothing, unless it is given another O(time).
  platform:
    platforms: posix
options:
  results:
    description:
      - By host, what M(zosconnect.security.server_config_info) returned.
      - A host without a result, or one that could not be reached, is in the report as such.
    type: dict
    required: true
  keys:
    description: By host, what M(zosconnect.security.keystore_info) returned.
    type: dict
    default: {}
  probes:
    description: By host, the C(probes) that M(zosconnect.security.tls_probe) returned.
    type: dict
    default: {}
  connections:
    description:
      - By host, its declared connections, as M(zosconnect.security.connections) takes them. The picture then
        names who calls, and tells of certificates that stand in no file of the server.
      - It reads nothing else of them, and no secret.
    type: dict
    default: {}
  path:
    description:
      - Where the files go, without what their names end in. A new file gets mode 0640. The directory must be there.
      - On the controller it may be given from where Ansible was started, elsewhere it begins with a slash.
      - Without it no file is written.
    type: path
    default: ""
  formats:
    description:
      - What is written. V(html) ends in C(.html), V(sarif) (SARIF 2.1.0) in C(.sarif), V(junit) in C(.junit.xml),
        V(cbom) (CycloneDX) in C(.cdx.json), V(csv) in C(.csv), V(json) in C(.json), V(markdown) in C(.md).
    type: list
    elements: str
    choices: [html, sarif, junit, cbom, csv, json, markdown]
    default: [html, sarif, junit, cbom, csv, json, markdown]
  baseline:
    description: An earlier report in JSON, on the same host. What is new since then, and what is gone, is told.
    type: path
    default: ""
  standard:
    description: The standard whose rules the report tells, in HTML and JSON; by default all of these.
    type: str
    choices: [stig, zos-stig, nist-sp-800-52r2, pci-dss-4.0.1, rfc9325]
  time:
    description:
      - The time that the report tells, by default now, in UTC.
      - Files that would differ in nothing but this time stay as they are, and keep theirs, unless it is given.
    type: str
    default: ""
seealso:
  - module: zosconnect.security.server_config_info
  - module: zosconnect.security.keystore_info
"""

EXAMPLES = r"""
- name: What does the server really do?
  zosconnect.security.server_config_info:
    server_dir: /var/zosconnect/servers/zceesrv1
  register: server

- name: Show it to people, and to the editor
  zosconnect.security.report:
    results: "{{ {inventory_hostname: server} }}"
    path: /tmp/zceesrv1
    formats: [html, sarif]
  delegate_to: localhost
"""

RETURN = r"""
files:
  description: The files of the report, in the order of O(formats).
  type: list
  elements: str
  returned: success
summary:
  description: A line for each server, the worst first, and one that names the files.
  type: list
  elements: str
  returned: success
  sample:
    - zceesrv1  NOT SAFE  2 of 31 API requesters accept plain http (server.xml:12)
    - "Report: look.html (also .sarif)"
verdicts:
  description: By host, C(safe) (true, false, or null where nobody knows) and C(verdict), a sentence.
  type: dict
  returned: success
markdown:
  description: The report in Markdown, as far as it is short enough for a ticket or the artifacts of a job.
  type: str
  returned: success
"""
