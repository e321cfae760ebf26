#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keystore_info
short_description: Tell what key stores, PEM files and key rings hold, and what is wrong with it
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Describes each key and certificate of PKCS12, JKS and JCEKS stores, of PEM files, and of SAF key rings by the text
    of a listing.
  - Lists findings, each with severity, place, reason and remedy. Certificates that expire soon, weak keys and
    signatures, host names that a certificate does not cover, keys without their chain, private keys among trusted
    certificates or in files that everyone can read, and stores that a server's configuration names but cannot use.
  - With O(server_dir) the stores are those that the effective configuration of the server names, with their passwords.
  - Private keys never leave the target. What comes from there are certificates, and whether there is a key.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - zosconnect.security.server_files
  - zosconnect.security.server_files.places
  - zosconnect.security.server_files.named
options:
  stores:
    description: Key stores on the target.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The store.
        type: path
        required: true
      password:
        description: Its password. It travels in a file that only the user of the task can read.
        type: str
        required: true
      role:
        description: What the store is for, its own keys or the certificates that are trusted.
        type: str
        choices: [key, trust]
      hosts:
        description: The names by which clients call the server that shows the keys of this store, instead of O(hosts).
        type: list
        elements: str
        default: []
  files:
    description: PEM files on the target.
    type: list
    elements: path
    default: []
  listings:
    description: Texts that C(RACDCERT LISTRING) and C(RACDCERT LIST) printed.
    type: list
    elements: str
    default: []
  server_dir:
    description:
      - The directory of a server, whose effective configuration names key stores.
      - A store for which the configuration has no password that can be decoded here takes it from O(stores).
    type: path
  password_key:
    description: The server's key for C({aes}), if its variables do not have it. They come first.
    type: str
  password_base64_key:
    description: The server's AES-256 key in Base64, if its variables do not have it.
    type: str
  hosts:
    description: The names by which clients call the server. Each key must have a certificate for all of them.
    type: list
    elements: str
    default: []
  days:
    description: Within how many days the end of a certificate is a finding.
    type: int
    default: 30
  java_home:
    description: The directory of the host's Java, as O(zosconnect.security.keystore#module:java_home).
    type: path
requirements:
  - cryptography >= 45.0 (on the controller)
  - Java 8 or later (on the target, for key stores)
notes:
  - In a key ring's listing the dates are local time of the system that made it. They are taken for UTC.
seealso:
  - module: zosconnect.security.keystore
  - module: zosconnect.security.server_config_info
"""

EXAMPLES = r"""
- name: What expires within two months in the stores of a server?
  zosconnect.security.keystore_info:
    server_dir: /var/zosconnect/servers/zceesrv1
    hosts: [zosconnect.example.com]
    days: 60
  register: keys

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.severity }} {{ item.origin }}: {{ item.message }}"
  loop: "{{ keys.findings | rejectattr('waived') }}"
  loop_control:
    label: "{{ item.id }}"

- name: A store that no server names, and the certificate of an authority
  zosconnect.security.keystore_info:
    stores:
      - path: /etc/batch/trust.p12
        password: "{{ truststore_password }}"
        role: trust
    files: [/etc/pki/issuing-ca.pem]
"""

RETURN = r"""
places:
  description: The stores, files and rings.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The path, or the ring as owner and name.
      type: str
    kind:
      description: V(store), V(pem) or V(ring).
      type: str
    type:
      description: The format of a store, V(PKCS12), V(JKS) or V(JCEKS), by its content.
      type: str
    encryption:
      description: How a PKCS12 store is encrypted, V(modern) or V(java8).
      type: str
    role:
      description: V(key) or V(trust), or nothing where it is both or unknown.
      type: str
    mode:
      description: The permission bits, four octal digits.
      type: str
    owner:
      description: The name of the file's owner.
      type: str
    elements:
      description: The C(keyStore) elements that name it, each with C(id) and C(origin).
      type: list
      elements: dict
    missing:
      description: Whether there is no such file.
      type: bool
    problem:
      description: Why it could not be read, or nothing.
      type: str
    entries:
      description: The keys and certificates. What a place does not tell is null.
      type: list
      elements: dict
      contains:
        alias:
          description: The name, the number in a PEM file, or the label on a ring.
          type: str
        kind:
          description:
            - Java's word for the kind; in a PEM file C(certificate) or C(private key), on a ring owner and usage.
          type: str
        has_key:
          description: Whether its private key is there.
          type: bool
        trusted:
          description: Whether Java, or RACF, trusts it as an issuer of others.
          type: bool
        subject:
          description: The subject of the certificate.
          type: str
        issuer:
          description: Who signed it.
          type: str
        serial:
          description: Its serial number in hexadecimal.
          type: str
        subject_alt_names:
          description: Its names and addresses, such as V(DNS:zosconnect.example.com).
          type: list
          elements: str
        not_before:
          description: When it begins to be valid, in UTC.
          type: str
        not_after:
          description: When it ends to be valid, in UTC.
          type: str
        days_left:
          description: The whole days until then; below zero when it has expired.
          type: int
        sha256:
          description: Its SHA-256 fingerprint.
          type: str
        sha1:
          description: Its SHA-1 fingerprint, by which some tools name it.
          type: str
        key_type:
          description: V(RSA), V(EC), V(ED25519) and so on.
          type: str
        key_size:
          description: The size of the key in bits.
          type: int
        signature:
          description: The digest of its signature, or C(signed by itself).
          type: str
        chain:
          description: The SHA-256 fingerprints of the certificate and its issuers in the store, in order.
          type: list
          elements: str
        chain_complete:
          description: Of a key, whether the chain reaches a root.
          type: bool
findings:
  description:
    - What is wrong, the severe ones first, in the form of RV(zosconnect.security.server_config_info#module:findings),
      but without C(excerpt) and C(column).
  type: list
  elements: dict
  returned: success
asked_by_standards:
  description: What only a standard asks for, as RV(zosconnect.security.server_config_info#module:asked_by_standards).
  type: list
  elements: dict
  returned: success
"""
