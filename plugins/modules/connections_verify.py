#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connections_verify
short_description: Prove on the wire that connections are as declared
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Calls the ports of a server as callers do, and the endpoints that the server calls, all in one remote call, and says
    of each connection whether it is as declared.
  - A port must serve a certificate that the caller trusts, ask for client certificates as declared, accept the caller
    with the right answer, refuse callers without a certificate where one is required, and answer no plain http.
  - An endpoint must show a certificate that the server trusts, and ask for the server's own where that is declared. It
    is called without a certificate and without AT-TLS. That the server itself gets through is proved by a request to a
    requester that uses the endpoint.
  - What is not as declared is asked again until O(verify_seconds) are over. Liberty opens its ports a moment after it
    has said that a change is done.
  - Stores, their passwords and keys, programs, policies and logins of a declaration are not looked at.
attributes:
  check_mode:
    support: full
    description: Only looks, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
  idempotent:
    support: full
    description: Never reports a change.
options:
  connections:
    description:
      - The declared connections, a list or its YAML or JSON text, as the role P(zosconnect.security.connections#role)
        takes them.
      - Either it or O(variable) is needed.
    type: raw
  variable:
    description:
      - The name of the variable that holds them. What is not looked at is not evaluated then, so passwords that only
        another vault or another user knows are not needed.
    type: str
  state:
    description:
      - Whether the connections must be there. With V(absent) nothing must listen on their ports.
    type: str
    choices: [present, absent]
    default: present
  place:
    description:
      - What is asked from the host of this task.
      - V(callers), the ports of the server; V(server), the endpoints that the server calls; V(all), both.
    type: str
    choices: [all, callers, server]
    default: all
  verify_host:
    description: The address at which callers reach the ports.
    type: str
    default: 127.0.0.1
  verify_seconds:
    description: For how long what is not as declared is asked again.
    type: int
    default: 60
  server_name:
    description: The name that the server's certificate must have. That of O(verify_host) when not given.
    type: str
  ca:
    description:
      - PEM text of the certificates by which callers trust the server.
      - Without it the trust store of the host that asks is used.
    type: str
  caller_certificate:
    description: PEM text of a client certificate that must be accepted, followed by its chain.
    type: raw
  caller_key:
    description: PEM text of its private key. It travels in a file that only the user of the task can read.
    type: raw
  caller_key_passphrase:
    description: Passphrase of an encrypted private key.
    type: raw
  request_path:
    description: What the accepted caller asks for. V(/) when not given.
    type: str
  request_username:
    description: User for basic authentication.
    type: str
  request_password:
    description: Password for basic authentication.
    type: raw
  expected_status:
    description: HTTP statuses that are welcome, one, a list, or a text with commas. Any when not given.
    type: raw
  expected_text:
    description: What must stand in the first 65536 bytes of the answer.
    type: str
  callers:
    description:
      - What is different for single connections, by their name. Keys are the options from O(server_name) to
        O(expected_text). What is given counts, also where it is empty.
    type: dict
    default: {}
  netstat:
    description:
      - The output of C(NETSTAT TTLS COnn connid DETAIL) after a call, by the name of the AT-TLS rule that the
        connection must have got. Not looked at with O(place=server).
    type: dict
    default: {}
  tcp_stack:
    description: The stack of which O(netstat) must be.
    type: str
seealso:
  - module: zosconnect.security.tls_probe
  - ref: zosconnect.security.connections role <ansible_collections.zosconnect.security.connections_role>
    description: The role that makes connections what they are declared to be.
"""

EXAMPLES = r"""
- name: All connections of the server are as declared
  zosconnect.security.connections_verify:
    variable: zosconnect_connections
    verify_host: zosconnect.example.com
    ca: "{{ lookup('ansible.builtin.file', 'example-ca.pem') }}"
    caller_certificate: "{{ lookup('ansible.builtin.file', 'cics1.pem') }}"
    caller_key: "{{ vault_cics1_key }}"
    request_path: /zosConnect/apiRequesters
    expected_status: 200
    callers:
      batch:
        request_username: BATCHUSR
        request_password: "{{ vault_batch_password }}"
"""

RETURN = r"""
verified:
  description: Whether all is as declared.
  type: bool
  returned: when something was asked
connections:
  description: Each connection that was asked for, in the order of the declaration.
  type: list
  elements: dict
  returned: when something was asked
  contains:
    connection:
      description: Its name.
      type: str
    verified:
      description: Whether it is as declared.
      type: bool
    sentence:
      description: That it is, or what was seen and what was expected instead.
      type: str
      sample: "cics on 5002: answered 200, expected 299."
probes:
  description: Each single call. None holds the body of an answer.
  type: list
  elements: dict
  returned: when something was asked
  contains:
    connection:
      description: The name of the connection.
      type: str
    title:
      description: What was to be shown.
      type: str
      sample: "cics: a caller without a certificate is refused"
    port:
      description: The port.
      type: int
    verified:
      description: Whether it was shown.
      type: bool
    outcome:
      description: As RV(zosconnect.security.tls_probe#module:outcome).
      type: str
    status:
      description: The HTTP status of the answer, null without one.
      type: int
    msg:
      description: The outcome in a sentence.
      type: str
    address:
      description: The address that was connected to, null without a connection.
      type: str
    protocol:
      description: The TLS protocol, null without a handshake.
      type: str
    cipher:
      description: The cipher suite, null without a handshake.
      type: str
    client_certificate_requested:
      description: Whether a client certificate was asked for, or null if the handshake did not get that far.
      type: bool
proved:
  description: By its title, what came of each call that was as declared.
  type: dict
  returned: always
rules:
  description: Each rule of O(netstat), whether a connection was protected by it, and a sentence.
  type: list
  elements: dict
  returned: when something was asked
unproved:
  description: The sentences about what is not as declared.
  type: list
  elements: str
  returned: always
"""
