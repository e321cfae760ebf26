#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: attls_policy
short_description: Change AT-TLS statements of a Policy Agent file and nothing else
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Adds, changes and removes AT-TLS statements (C(TTLSRule), C(TTLSGroupAction), C(TTLSEnvironmentAction) and so on) in
    a policy file that the z/OS Policy Agent reads.
  - One task makes any number of changes. Only the lines that have to change are replaced. Comments, columns, the case
    of keywords, line ends, the code page and statements that are not of AT-TLS stay as they are, and new lines look
    like their neighbours.
  - Statements, parameters, values and references are checked before anything is written, because the Policy Agent
    installs nothing of a file with an error, and AT-TLS without a matching rule sends in clear.
  - A change is refused if connections that have TLS get a rule that lets them go in clear.
  - The policy is judged before and after the change by the rules of P(zosconnect.security.attls_findings#filter). What
    cannot be installed, never works or is broken, such as a cipher with RC4, is refused. What is weak is a warning.
    Only what comes with the change counts. What is wrong in the file already does not hinder.
  - The new file is read in a second way and must mean exactly what was intended, otherwise nothing is written.
  - A policy file is not an installed policy. The Policy Agent reads it after C(F PAGENT,UPDATE), and what the stack
    holds then is told by C(pasearch -t).
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.files
  - zosconnect.security.written_file.text
  - zosconnect.security.written_file
attributes:
  idempotent:
    support: full
    description: A second run changes nothing. Values are compared by meaning, not by case or spelling.
options:
  path:
    description:
      - The policy file on the target, the one that a C(TTLSConfig) or C(CommonTTLSConfig) statement names.
      - A symbolic link is followed and stays a link.
      - A member of a data set is written as the Policy Agent writes it, V(//'HLQ.POLICY(MEMBER\)'). It needs the
        collection C(ibm.ibm_zos_core) 2.0 or later on the controller, and ZOAU on the target. The member must exist. It
        is read again after it was written. Options that only a file has, such as O(mode) and O(validate), are refused.
      - Needed unless O(state) is V(rendered) or V(parsed).
    type: path
  config:
    description:
      - The desired statements, a mapping of their z/OS keywords to lists. Each item of a list is a mapping with the
        C(name) of the statement and its parameters by their z/OS keywords. Keywords have no case, names do.
      - A parameter that may stand several times, such as C(V3CipherSuites), takes a list, which then is all of them, in
        that order.
      - A statement in place, such as C(TTLSKeyringParms) in a C(TTLSEnvironmentAction), is a mapping.
      - A C(TTLSRule) may hold its actions as mappings with a C(name). They become statements of their own with the
        reference to them.
      - V(null) removes a parameter. Of the ways to say one thing, such as C(RemoteAddr) and C(RemoteAddrGroupRef),
        the desired one takes the place of the other.
      - V(true) and V(false) count as C(On) and C(Off), because YAML makes them so. Codes of ciphers must be in quotes.
      - A new C(TTLSEnvironmentAction) must write every protocol from C(SSLv2) to C(TLSv1.3), because the defaults of
        releases before 3.2 leave TLS 1.0 on and TLS 1.2 off.
      - Needed unless O(state=parsed).
    type: raw
  text:
    description: The policy as text, for O(state=parsed) only.
    type: str
  state:
    description:
      - V(merged) adds and changes what is named.
      - V(replaced) makes each named statement exactly so. Parameters that are not named are removed, except for
        secrets, which are removed only when named with V(null).
      - V(overridden) makes the AT-TLS statements of the file exactly those of O(config). Others are removed. What is
        not AT-TLS, such as C(TcpImage) or rules for IP filters, stays.
      - V(absent) removes the named statements, unless something that stays refers to them.
      - V(rendered) returns the text of a policy with the statements of O(config), and touches no host.
      - V(parsed) returns O(text) in the form of O(config), and touches no host.
    type: str
    choices: [merged, replaced, overridden, absent, rendered, parsed]
    default: merged
  zos_release:
    description:
      - The release of z/OS, V(2.1) to V(2.5), V(3.1) or V(3.2). Parameters and values that came later are refused,
        and the defaults are those of the release.
      - Without it nothing is too new.
    type: str
  zos_apars:
    description:
      - The APARs whose fixes are on the system, as far as a policy needs them. On z/OS 2.5 C(HostReferenceIdDNS) and
        its like need V(PH49284) and V(OA63164), and session tickets for the sysplex V(PH49284) and V(OA63252). Without
        the fixes the Policy Agent installs nothing of a policy that has them.
    type: list
    elements: str
    default: []
  encoding:
    description:
      - The code page of the file, V(IBM-1047), V(IBM-037), V(UTF-8) or V(ISO-8859-1).
      - By default the file tag says it, or it is IBM-1047 for an untagged file on z/OS and for a member, and UTF-8
        elsewhere. A new file needs it.
      - Text that is obviously of another code page is refused.
    type: str
  create:
    description: Make the file if it does not exist. With O(state=absent) it is never made.
    type: bool
    default: false
  shared_actions:
    description:
      - What to do when a desired change is of a statement that rules use which O(config) does not name.
      - V(refuse) changes nothing and names the rules. If they shall change too, name them in O(config); their C(name)
        is enough.
      - V(copy) makes the change on a copy, C(NAME_2) and so on, and leads the rules that O(config) names to it.
    type: str
    choices: [refuse, copy]
    default: refuse
  on_overlap:
    description:
      - What to do when a new or changed rule can match the same connection as another one of equal priority with other
        actions, so that the name alone decides. V(error) changes nothing. V(warn) makes the change and warns.
    type: str
    choices: [error, warn]
    default: error
  edit_exported:
    description: Edit a file that the z/OSMF Configuration Assistant made, whose next export undoes the change.
    type: bool
    default: false
  allow_unknown:
    description:
      - Accept parameters and cipher suites that no list knows, parameters that are newer than O(zos_release), and
        references to statements that this file does not have.
    type: bool
    default: false
  accept_findings:
    description:
      - Findings that the change may bring, though they would be refused. They become warnings.
      - V(attls-old-protocol), V(attls-cipher-broken), V(attls-cleartext-trace), V(attls-pass-through),
        V(attls-client-auth-unused), V(attls-application-controlled) or V(attls-exception).
      - V(attls-exception) counts only where a rule that lets connections go in clear takes them from rules by which
        they have TLS.
    type: list
    elements: str
    default: []
seealso:
  - plugin: zosconnect.security.attls_findings
    plugin_type: filter
  - module: zosconnect.security.server_xml
  - module: zosconnect.security.tls_probe
"""

EXAMPLES = r"""
- name: IMS regions call z/OS Connect over TLS that AT-TLS does
  zosconnect.security.attls_policy:
    path: /etc/pagent/TCPIP.ttls.policy
    zos_release: "3.1"
    backup: true
    config:
      TTLSRule:
        - name: zcReqOut
          Direction: Outbound
          RemoteAddr: 192.0.2.10
          RemotePortRange: 5003
          Jobname: IMSMPP*
          Priority: 255
          TTLSGroupAction:
            name: zcGroup
            TTLSEnabled: true
          TTLSEnvironmentActionRef: zcClient
      TTLSEnvironmentAction:
        - name: zcClient
          HandshakeRole: Client
          TTLSKeyringParms:
            Keyring: ZceeCaRing
          TTLSCipherParms:
            V3CipherSuites:
              - TLS_AES_256_GCM_SHA384
              - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
          TTLSEnvironmentAdvancedParms:
            SSLv2: false
            SSLv3: false
            TLSv1: false
            TLSv1.1: false
            TLSv1.2: true
            TLSv1.3: true
            HostReferenceIdDNS: zcee.example.com

- name: The same for a member of a data set
  zosconnect.security.attls_policy:
    path: //'SYS1.TCPPARMS(TTLSPOL)'
    backup: true
    config: "{{ policy }}"

- name: The rule no longer depends on the job name
  zosconnect.security.attls_policy:
    path: /etc/pagent/TCPIP.ttls.policy
    config:
      TTLSRule:
        - name: zcReqOut
          Jobname: null

- name: Text for a data set that somebody else maintains
  zosconnect.security.attls_policy:
    state: rendered
    config:
      TTLSRule:
        - name: zcPlain
          Direction: Outbound
          RemotePortRange: 9080
          Priority: 300
          TTLSGroupAction:
            name: zcOff
            TTLSEnabled: false
  register: policy

- name: What a policy says, as data
  zosconnect.security.attls_policy:
    state: parsed
    text: "{{ lookup('ansible.builtin.file', 'policy.txt') }}"
"""

RETURN = r"""
path:
  description: The file, symbolic links followed.
  type: str
  returned: when a file was read
changes:
  description: What was changed, or would be in check mode. Secrets are V(********).
  type: list
  elements: dict
  returned: when a file was read
  contains:
    action:
      description: V(added), V(changed) or V(removed).
      type: str
    statement:
      description: The keyword of the statement.
      type: str
    name:
      description: Its name.
      type: str
    parameter:
      description: The parameter, C(TTLSKeyringParms.Keyring) for one in place, V(null) when the statement is meant.
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
      statement: TTLSRule
      name: zcReqOut
      parameter: RemotePortRange
      line: 12
      before: "5002"
      after: "5003"
rendered:
  description: The text of the policy. Secrets are V(********), to be filled in by who installs it.
  type: str
  returned: with O(state=rendered)
parsed:
  description: The AT-TLS statements of O(text), in the form of O(config). Secrets are V(********).
  type: dict
  returned: with O(state=parsed)
backup_file:
  description: The copy of the old file. That of a member is another member of the same library.
  type: str
  returned: with O(backup) and a change, not in check mode
checksum_before:
  description: SHA-256 of the file as it was, V(null) for a new one.
  type: str
  returned: when a file was read
checksum_after:
  description: SHA-256 of the file as it is, or would be in check mode.
  type: str
  returned: when a file was read
"""
