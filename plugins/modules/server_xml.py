#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: server_xml
short_description: Change elements of a Liberty server.xml and nothing else
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Adds, changes and removes elements of one Liberty configuration file, as z/OS Connect servers have it.
  - One task makes any number of changes. Only the text that has to change is replaced. Comments, layout, quotes, line
    ends, byte order mark and encoding stay as they are, and new text looks like its neighbours.
  - An element is found as Liberty finds it. There is one of a singleton, others are known by their C(id), and where
    Liberty has no identity by what people mean, for example the C(name) of an C(apiRequester) or the text of a
    C(feature). If an element with an C(id) stands in the file more than once, Liberty merges all of them. Then the
    occurrence that wins is changed, and V(absent) removes all.
  - Names and values are checked against a catalogue of Liberty's and z/OS Connect's elements before anything is
    written, because Liberty ignores a misspelt name without a warning and drops a whole element over one bad value.
  - The new file is parsed again by a second parser and must mean exactly what was intended, otherwise nothing is
    written.
requirements:
  - lxml (Python library, on the Ansible controller only)
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.files
  - zosconnect.security.written_file.text
  - zosconnect.security.written_file
attributes:
  idempotent:
    support: full
    description: A second run changes nothing. Values are compared by meaning, passwords decoded.
options:
  path:
    description:
      - The configuration file on the target, for example C(server.xml) or a file in C(configDropins).
      - A symbolic link is followed and stays a link.
    type: path
    required: true
  elements:
    description:
      - The elements to change. Each is a mapping with these keys.
      - C(element), the element's name, is required. Top-level names are case-sensitive, nested names and attribute
        names are not.
      - C(id), for elements that Liberty knows by their id. C(keyStore) without an id is C(defaultKeyStore).
      - C(attributes), a mapping of names to values. V(null) removes an attribute. An empty string is a value.
      - C(text), the text of elements such as C(feature).
      - C(children), a list of nested elements of the same form.
      - C(state), like O(state), for this element and its children.
      - A C(keyStore) whose location is a SAF key ring (C(safkeyring://…)) gets C(type), C(fileBased=false),
        C(readOnly=true) and the dummy password that Liberty wants, unless they are there already. If the store was a
        file before, what described the file is replaced.
      - An element that Liberty knows by its C(id) can be changed without one if the file has only one without C(id), or
        only one of these with the C(name) in C(attributes). Otherwise that is an error, and so it is if its C(name) is
        another one.
      - An element that the catalogue does not know is found by its C(id). Without one it must be the only one of its
        kind. C(server) is the root of the file, and is refused.
      - An attribute that is also given as a child element is an error, because Liberty refuses such a configuration.
    type: list
    elements: raw
    required: true
  state:
    description:
      - The state of elements that have none of their own.
      - V(merged) adds and changes what is named.
      - V(replaced) makes the named element exactly so. Attributes and children that are not named are removed, except
        for secrets, which are removed only when named with V(null).
      - V(absent) removes the named elements.
    type: str
    choices: [merged, replaced, absent]
    default: merged
  create:
    description: Make the file if it does not exist.
    type: bool
    default: false
  encoding:
    description:
      - The encoding of a new file, default V(UTF-8).
      - For an existing file the encoding comes from its byte order mark or declaration, as for Liberty. If this
        option says something else, the task fails.
    type: str
  password_encoding:
    description:
      - How new passwords are written. V(xor) is Liberty's C({xor}), which hides a password from a glance and from
        nothing else. V(aes) is C({aes}) with AES-256, V(aes-128) its older form for a Liberty before 25.0.0.2; they
        protect a password as well as their key is kept.
      - Prefer a reference such as V(${keystore_password}) to a variable that is defined where few may read.
      - A password that is in the file and decodes to the desired one stays as it is, unless everyone can read it and
        V(aes) or V(aes-128) is asked for. An C({aes}) password is not replaced by a weaker form.
    type: str
    choices: [xor, aes, aes-128, plain]
    default: xor
  password_key:
    description:
      - The key of C({aes}), which is the value of the server's variable C(wlp.password.encryption.key).
      - If it is not given, the variable is looked for in O(elements), in the file, and with O(server_dir) in the
        server's whole configuration. Where the whole configuration has none, Liberty's built-in key is used, which
        everybody knows, with a warning.
    type: str
  password_base64_key:
    description:
      - An AES-256 key in Base64, which is the value of the server's variable C(wlp.aes.encryption.key) of newer
        Liberty. It is looked for as O(password_key) is, and V(aes) prefers it.
    type: str
  allow_unknown:
    description: Accept elements, attributes and references that the catalogue or the file does not know.
    type: bool
    default: false
  server_dir:
    description:
      - The directory of the server whose configuration O(path) is a part of.
      - If it is given, the whole configuration is computed as it will be after the change, with drop-ins, includes
        and variables. A desired value that something else overrules is then found out, and references may lead to
        other files.
      - A change is also noted beside the server's files, so that the playbooks C(connections), C(renew) and C(explain)
        name the operator command until the server's log shows a refresh or a start.
    type: path
  named_by_server:
    description:
      - Say that O(path) was not chosen by whoever wrote the playbook, but found in the configuration in O(server_dir),
        as the file of an C(include) is. Then root changes it only if the owner of that directory could replace it.
    type: bool
    default: false
  on_shadowed:
    description:
      - With O(server_dir), what to do about a desired value that would have no effect. V(error) changes nothing and
        names the file and line that overrules it. V(warn) makes the change and warns.
    type: str
    choices: [error, warn]
    default: error
notes:
  - A password is never put into a file that everyone can read (mode with o+r), unless who reads it learns nothing, as
    in C({aes}) by a key of the server's own, C({hash}) and C(${variable}). The task fails; a tighter O(mode) mends both
    at once. Passwords that are in the file already, and the one of a key ring, which is none, never hinder another
    change.
seealso:
  - module: zosconnect.security.server_config_info
  - module: zosconnect.security.keystore
  - module: zosconnect.security.tls_probe
"""

EXAMPLES = r"""
- name: An HTTPS port of its own with mutual TLS
  zosconnect.security.server_xml:
    path: /var/zosconnect/servers/zceesrv1/server.xml
    backup: true
    elements:
      - element: httpEndpoint
        id: apiRequesters
        attributes:
          host: "*"
          httpPort: -1
          httpsPort: 5002
          sslOptionsRef: apiRequesters
      - element: sslOptions
        id: apiRequesters
        attributes:
          sslRef: apiRequesters
      - element: ssl
        id: apiRequesters
        attributes:
          keyStoreRef: ring
          trustStoreRef: ring
          clientAuthentication: true
          sslProtocol: TLSv1.2,TLSv1.3
      - element: keyStore
        id: ring
        attributes:
          location: safkeyring:///ZceeRing

- name: One API requester accepts plain HTTP, a second one is removed from the list
  zosconnect.security.server_xml:
    path: /var/zosconnect/servers/zceesrv1/server.xml
    elements:
      - element: zosconnect_apiRequesters
        children:
          - element: apiRequester
            attributes:
              name: inventory_1.0.0
              requireSecure: false
          - element: apiRequester
            state: absent
            attributes:
              name: retired_1.0.0
"""

RETURN = r"""
path:
  description: The file, symbolic links followed.
  type: str
  returned: success
changes:
  description: What was changed, or would be in check mode. Secrets are V(********).
  type: list
  elements: dict
  returned: success
  contains:
    action:
      description: V(added), V(changed) or V(removed).
      type: str
    element:
      description: The element's name.
      type: str
    identity:
      description: Its id, name or text. V(null) for a singleton.
      type: str
    attribute:
      description: The attribute, V(null) when the whole element is meant.
      type: str
    line:
      description: The line in the file as it was before.
      type: int
    before:
      description: The old value.
      type: str
    after:
      description: The new value.
      type: str
  sample:
    - action: changed
      element: httpEndpoint
      identity: defaultHttpEndpoint
      attribute: httpPort
      line: 12
      before: "9080"
      after: "-1"
checksum_before:
  description: The file's sha256 before. V(null) when there was none.
  type: str
  returned: success
checksum_after:
  description: The file's sha256 afterwards.
  type: str
  returned: success
backup_file:
  description: The copy of the old file.
  type: str
  returned: changed and O(backup) is true
"""
