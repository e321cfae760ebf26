#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: diagnose
short_description: Say what a message means on this server, who mends it, and how
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Takes what people have, that is lines of C(messages.log), of syslogd, of CICS or of a job, a BAQ status code, or
    nothing but
    a port, and says the cause on this server.
  - A cause is said only where facts of the server show it and no other one, such as the effective C(requireSecure),
    what each
    port really does, AT-TLS policies, and the entries of key stores. Everything else is undecided, with what to look
    at next.
  - Identifiers count, not words, so the language of the server does not matter.
  - The table of messages that are known, and how each is decided, is in docs/DIAGNOSE.md.
  - What is shown of a log is short, and secrets in it are hidden.
attributes:
  idempotent:
    support: full
    description: Never reports a change. The log is the server's, and may differ from one run to the next.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - zosconnect.security.server_files.places
  - zosconnect.security.server_files.attls
  - zosconnect.security.server_files.named
options:
  messages:
    description:
      - Lines of logs, as a list or as one text. A line that goes on in the next one may stay in two.
      - Where the status code of a call is given, the name of the API requester and the port may stand behind it, for
        example
        V(BAQ-STATUS-CODE 302 orders_1.0.0 5004).
    type: raw
  log:
    description:
      - A log on the target. Its end is read, so its size does not matter. Where it is absent or empty the newest of its
        predecessors is read.
      - Without it, O(messages) and O(port), the C(messages.log) of O(server_dir) is read, where the configuration
        puts it.
      - It may be in EBCDIC. The newest FFDC incidents in the directory C(ffdc) beside it are read, too.
    type: path
  log_bytes:
    description: How many bytes of the log are read, from its end.
    type: int
    default: 4194304
  host:
    description: The host of O(port), seen from the target.
    type: str
    default: localhost
  port:
    description: A port to ask where there is no message.
    type: int
  plain:
    description: Whether O(port) is asked by http. By default TLS is spoken.
    type: bool
    default: false
  server_dir:
    description:
      - The directory of the server, that is C(${server.config.dir}). Paths begin with a slash.
      - Without it only what messages say by themselves is decided.
    type: path
  attls:
    description:
      - What AT-TLS does for this server, as for M(zosconnect.security.server_config_info).
      - On z/OS nobody knows without it whether AT-TLS is in front of a port, so say C(ports) as an empty list where
        none is.
  listings:
    description:
      - What RACDCERT LISTRING and LIST printed of key rings, where messages are about some.
    type: list
    elements: str
    default: []
  password_key:
    description: The server's key for C({aes}), if its variables do not have it. They come first.
    type: str
  password_base64_key:
    description: The server's AES-256 key in Base64, if its variables do not have it.
    type: str
  java_home:
    description: The directory of the target's Java. Key stores are read by its keytool, where a message is about TLS.
    type: path
seealso:
  - module: zosconnect.security.server_config_info
  - module: zosconnect.security.tls_probe
  - plugin: zosconnect.security.attls_match
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Why does the program get 302?
  zosconnect.security.diagnose:
    messages: [BAQ-STATUS-CODE 302 nightly_1.0.0]
    server_dir: /var/zosconnect/servers/zceesrv1
    attls:
      ports: [5004]
  register: told

- name: For people
  ansible.builtin.debug:
    msg: "{{ told.lines }}"

- name: What does the log of the server say?
  zosconnect.security.diagnose:
    server_dir: /var/zosconnect/servers/zceesrv1
"""

RETURN = r"""
diagnosed:
  description: One entry for each message, in their order. The same message is told once, with how often it came.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The identifier.
      type: str
    code:
      description: The return or status code where the identifier stands for many faults, else empty.
      type: str
    count:
      description: How often it came.
      type: int
    source:
      description: The log, V(messages), or the host that was asked.
      type: str
    line:
      description: The line in it, or the port that was asked. Null where only the end of a log was read.
      type: int
    time:
      description: The time as the log writes it, or empty.
      type: str
    text:
      description: The message, shortened and without secrets.
      type: str
    known:
      description: Whether it is in the table.
      type: bool
    means:
      description: What it means anywhere, or null.
      type: str
    decided:
      description: Whether facts show one cause and no other.
      type: bool
    cause:
      description: The name of the cause, or null.
      type: str
    says:
      description: The cause on this server in one sentence, or null.
      type: str
    because:
      description: Facts, each with C(fact) and C(place), mostly file and line.
      type: list
      elements: dict
    team:
      description: Who mends it, or null.
      type: str
    remedy:
      description:
        - What mends it. An entry with C(element) is input of M(zosconnect.security.server_xml), with C(command) a
          command, with
          C(do) something that people do.
      type: list
      elements: dict
    next:
      description: What to look at, or to give, where nothing is decided.
      type: list
      elements: str
    possible:
      description: The causes that are not excluded, each with C(cause), C(title) and C(team), where nothing is decided.
      type: list
      elements: dict
    documentation:
      description: Where the meaning comes from, or null.
      type: str
lines:
  description: The same as lines for people, what is decided first.
  type: list
  elements: str
  returned: success
logs:
  description: The logs that were read, each with C(path), C(state), C(message), C(size) and C(is_cut).
  type: list
  elements: dict
  returned: success
left_out:
  description: How many older messages were not diagnosed, because there are so many.
  type: int
  returned: success
unseen:
  description: Sentences on what could not be read, such as a missing log.
  type: list
  elements: str
  returned: success
"""
