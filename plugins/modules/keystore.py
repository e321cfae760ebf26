#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keystore
short_description: Change entries of a key store or trust store
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Brings private keys with their certificates, and trusted certificates, into a key store that Java reads. Entries
    that nobody named stay as they are, unless O(state=overridden).
  - It compares what the store holds, not its bytes. An entry is the same when its kind, its certificate and its chain
    are; so a renewed certificate is a change, and a second run is none.
  - Private keys that are in the store already, or are made there by O(entries[].generate), never leave their host.
    There the host's own Java reads and writes the store, by its program C(keytool). What is new is checked and packed
    on the controller.
  - Keys that do not belong to their certificate, broken chains, and certificates that are expired or not valid yet are
    refused before anything is sent. A chain may come in any order; it is put in order.
  - The store is replaced whole or not at all. Before that Java has listed the new one, and must have seen exactly
    what is intended.
options:
  path:
    description:
      - The store on the target. A PKCS12, JKS or JCEKS file stays what it is, unless O(store_type) or O(encryption)
        says something else.
    type: path
    required: true
  password:
    description:
      - The password of the store and of the keys in it. Java wants printable ASCII characters, six at least for a new
        store.
      - It travels in a file that only the user of the task can read, and never in an argument of a command.
    type: str
    required: true
  key_password:
    description:
      - The password of the keys in a JKS or JCEKS store, where it is another one than the store's.
      - In a PKCS12 store there is one password for all.
    type: str
  entries:
    description: The entries, none with the alias of another.
    type: list
    elements: dict
    required: true
    suboptions:
      alias:
        description:
          - The name of the entry. Java keeps it in lower case.
          - With O(state=absent) nothing else of an entry is looked at.
        type: str
        required: true
      privatekey_content:
        description: The private key in PEM form.
        type: str
      privatekey_path:
        description:
          - A file on the controller with the private key in PEM form. It is searched for like the
            O(ansible.builtin.copy#module:src) of M(ansible.builtin.copy), and may be encrypted with Ansible Vault.
        type: str
      privatekey_passphrase:
        description: The passphrase of an encrypted private key.
        type: str
      certificate_content:
        description:
          - The certificate in PEM form. For a private key more certificates may follow it, which are its chain.
          - Without a private key it is the new certificate for the key that the store holds under O(entries[].alias).
            The key stays.
        type: str
      certificate_path:
        description: A file on the controller with what O(entries[].certificate_content) describes.
        type: str
      chain_content:
        description:
          - The certificates of the issuers in PEM form, one text or a list of texts, in any order. The root may be left
            out; an issuer that is missing below it is named.
          - Without a certificate and a private key it mends the chain of the key that the store holds under
            O(entries[].alias).
        type: raw
      chain_path:
        description: One or more files on the controller with what O(entries[].chain_content) describes.
        type: raw
      trusted:
        description:
          - The certificate shall be trusted. It comes without a private key and without a chain.
          - An alias under which the store holds a private key is refused, because that key would be lost.
        type: bool
        default: false
      allow_older:
        description:
          - Let a certificate take the place of a newer one of the same subject and issuer, which is valid from a later
            time. Without this it is refused, because somebody has renewed the certificate that is there.
        type: bool
        default: false
      generate:
        description:
          - Make a private key on the target, with a certificate that it signs itself, unless the store holds such a key
            under O(entries[].alias) already. The request for a real certificate is in RV(requests).
          - When the certificate has been issued, give it in an entry of the same alias, without O(entries[].generate).
        type: dict
        suboptions:
          type:
            description: The kind of key.
            type: str
            choices: [RSA, EC]
            default: RSA
          size:
            description:
              - Its size in bits. Of RSA V(2048), V(3072) or V(4096), of EC V(256), V(384) or V(521).
              - When it is not given, it is 3072 for RSA and 256 for EC.
            type: int
          subject:
            description: The subject of the certificate, as RFC 4514 text.
            type: str
            required: true
          subject_alt_names:
            description: Names and addresses for which it is, such as V(DNS:zosconnect.example.com) or V(IP:192.0.2.1).
            type: list
            elements: str
            default: []
          days:
            description: For how many days the certificate that it signs itself is valid.
            type: int
            default: 90
  state:
    description:
      - V(merged) adds and replaces what is named and keeps the rest. Where an entry is given without its issuers, those
        that the store has for it stay.
      - V(replaced) makes each named entry exactly what is given, its chain too, and keeps the rest.
      - V(overridden) removes the rest.
      - V(absent) removes what is named.
    type: str
    choices: [merged, replaced, overridden, absent]
    default: merged
  store_type:
    description:
      - The format of the store. A store in another format is converted, with all that is in it.
      - A new store is PKCS12 when it is not given.
    type: str
    choices: [PKCS12, JKS, JCEKS]
  encryption:
    description:
      - How a PKCS12 store is encrypted. A store that is encrypted in another way is written anew, with all that is in
        it. When it is not given, a store keeps its way, and a new one is V(modern).
      - V(modern) is AES-256 with HMAC-SHA256, as C(keytool) of Java 17 writes it. Java 8u301, 11.0.12 and 17 and later
        read it, and OpenSSL 1.1 and 3.
      - V(java8) is triple DES with SHA-1, which every Java 8 reads. OpenSSL 3 reads it, but a system in FIPS mode does
        not.
    type: str
    choices: [modern, java8]
  create:
    description: Make a store that does not exist. Its permission bits are C(0600) unless O(mode) is given.
    type: bool
    default: true
  allow_expired:
    description: Accept certificates that are expired or not valid yet. A Liberty server uses them without a warning.
    type: bool
    default: false
  java_home:
    description:
      - The directory of the host's Java.
      - When it is not given, E(JAVA_HOME), the E(PATH), and the Liberty installation around O(path) are searched, in
        this order.
      - A new PKCS12 store is made without Java where there is none, but then nobody has tried it, and a later run needs
        one.
    type: path
extends_documentation_fragment:
  - ansible.builtin.files
  - ansible.builtin.action_common_attributes
  - zosconnect.security.written_file
attributes:
  check_mode:
    support: full
    details:
      - A store differs in every writing even where it holds the same, so RV(checksum_after) is not known in check
        mode, and neither is the certificate of a key that O(entries[].generate) makes.
  diff_mode:
    support: full
    details:
      - Shows the entries that come and go, with subject, dates and fingerprints of their certificates.
requirements:
  - cryptography >= 45.0 (on the controller)
  - Java 8 or later (on the target)
notes:
  - "Java builds the chain of a key from all certificates in the store, by the issuer's name. A chain that was given
    without its root is therefore shown with it when the store also trusts that root. This counts as the same."
  - This module does not know to which server a store belongs. So it cannot note that the server was not told, as the
    roles C(connections) and C(renew) and, with O(zosconnect.security.server_xml#module:server_dir),
    M(zosconnect.security.server_xml) do. Tell the server by M(zosconnect.security.liberty_refresh) or the operator.
  - Give the passwords and private keys from Ansible Vault or another secret store. The texts that AWX and redaction
    leave in place of a secret are refused.
seealso:
  - module: zosconnect.security.server_xml
"""

EXAMPLES = r"""
- name: The server's own key, with its certificate and the certificates of its issuers
  zosconnect.security.keystore:
    path: /var/zosconnect/servers/zceesrv1/resources/security/key.p12
    password: "{{ keystore_password }}"
    entries:
      - alias: server
        privatekey_content: "{{ server_key }}"
        certificate_path: pki/server.pem
        chain_path:
          - pki/issuing-ca.pem

- name: Trust exactly these issuers of client certificates
  zosconnect.security.keystore:
    path: /var/zosconnect/servers/zceesrv1/resources/security/trust.p12
    password: "{{ truststore_password }}"
    state: overridden
    entries:
      - alias: cics-ca
        trusted: true
        certificate_path: pki/cics-ca.pem

- name: A key that never leaves its host, and the request for its certificate
  zosconnect.security.keystore:
    path: /var/zosconnect/servers/zceesrv1/resources/security/key.p12
    password: "{{ keystore_password }}"
    entries:
      - alias: server-2027
        generate:
          subject: CN=zceesrv1,O=Bank
          subject_alt_names: [DNS:zceesrv1.example.com]
  register: made

- name: The certificate that was issued for the request
  zosconnect.security.keystore:
    path: /var/zosconnect/servers/zceesrv1/resources/security/key.p12
    password: "{{ keystore_password }}"
    entries:
      - alias: server-2027
        certificate_content: "{{ issued }}"
        chain_path: pki/issuing-ca.pem

- name: An old JKS store becomes PKCS12
  zosconnect.security.keystore:
    path: /var/zosconnect/servers/zceesrv1/resources/security/key.jks
    password: "{{ keystore_password }}"
    key_password: "{{ key_password }}"
    store_type: PKCS12
    entries: []

- name: No longer trust an issuer
  zosconnect.security.keystore:
    path: /var/zosconnect/servers/zceesrv1/resources/security/trust.p12
    password: "{{ truststore_password }}"
    state: absent
    entries:
      - alias: old-ca
"""

RETURN = r"""
path:
  description: The store, symbolic links followed.
  type: str
  returned: success
changes:
  description: The entries that were or would be added, replaced or removed.
  type: list
  elements: dict
  returned: success
  contains:
    action:
      description: V(add), V(replace) or V(remove).
      type: str
    alias:
      description: The entry's name.
      type: str
    before:
      description: The entry as it was, described as in RV(entries).
      type: dict
    after:
      description: The entry as it is now, described as in RV(entries).
      type: dict
entries:
  description: What the store holds after the task, as Java shows it.
  type: list
  elements: dict
  returned: success
  contains:
    alias:
      description: The entry's name, in lower case.
      type: str
    kind:
      description: V(PrivateKeyEntry), V(trustedCertEntry), or another word of Java's for kinds of entries.
      type: str
    subject:
      description: The subject of the certificate, as RFC 4514 text.
      type: str
    issuer:
      description: Who signed it.
      type: str
    not_before:
      description: When it begins to be valid, in UTC.
      type: str
      sample: "2026-11-22T09:00:00Z"
    not_after:
      description: When it ends to be valid, in UTC.
      type: str
      sample: "2027-11-22T09:00:00Z"
    sha256:
      description: The certificate's SHA-256 fingerprint.
      type: str
    chain_sha256:
      description: The fingerprints of the certificate and its issuers, in order.
      type: list
      elements: str
requests:
  description:
    - The certificate signing requests (PEM) of the keys that O(entries[].generate) names, by alias.
    - In check mode those of keys that are there already.
  type: dict
  returned: success
type:
  description: The format of the store, V(PKCS12), V(JKS) or V(JCEKS).
  type: str
  returned: success
encryption:
  description: How a PKCS12 store is encrypted, V(modern) or V(java8).
  type: str
  returned: success
keytool:
  description: The keytool that was found on the host, or nothing.
  type: str
  returned: success
checksum_before:
  description: The SHA-256 of the store as it was; nothing for a new one.
  type: str
  returned: success
checksum_after:
  description: The SHA-256 of the store as it is now.
  type: str
  returned: changed, not in check mode
backup_file:
  description: The copy of the old store.
  type: str
  returned: when O(backup) was asked for and an old store was replaced
"""
