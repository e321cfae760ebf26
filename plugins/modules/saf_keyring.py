#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: saf_keyring
short_description: Key rings of RACF, and what servers and their callers need in RACF
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Compares the desired key ring, and the desired access of a z/OS Connect server and its callers, with what RACF
    lists, and finds the fewest commands, in an order in which nothing is missing meanwhile. Either these are run with
    C(tsocmd) on z/OS UNIX, or they are rendered for the team that owns RACF.
  - Certificates, user IDs, groups and their OMVS segments are not made or changed. They have to be in RACF already, and
    RV(findings) says what is missing. Keys never leave RACF.
  - Names are compared as RACF does. Labels and ring names are case sensitive, blanks within labels count, user IDs are
    in capital letters.
  - RACF has no transaction. At the first command that fails the task stops, and says what was done, what was not, and
    which commands undo what was done.
  - Only RACF is supported. The output of ACF2 and Top Secret is recognised and refused.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    description: Runs commands that list, and none that change something.
  diff_mode:
    support: full
    details:
      - Shows the ring before and after, and the commands for what is not on the ring.
  platform:
    platforms: zos
    details:
      - States V(rendered) and V(parsed) need no host.
  idempotent:
    support: full
    description: A second run runs no command that changes something.
options:
  state:
    description:
      - V(merged) adds and changes what is named. Other certificates stay on the ring.
      - V(overridden) also removes all other certificates from the ring.
      - V(absent) removes the named certificates from the ring, or the ring if none is named. The certificates stay in
        RACF.
      - V(rendered) runs nothing, and returns the commands for O(rendered_state), compared with O(listing).
      - V(parsed) returns O(listing) as data.
    type: str
    choices: [merged, overridden, absent, rendered, parsed]
    default: merged
  rendered_state:
    description: The state that the commands of O(state=rendered) lead to.
    type: str
    choices: [merged, overridden, absent]
    default: merged
  owner:
    description:
      - The user ID that owns the ring.
      - O(owner) and O(ring) may be left out where only O(clients) or O(zosconnect_access) is given. State V(parsed)
        needs neither.
    type: str
  ring:
    description:
      - The ring's name. RACF keeps its case, so V(ZceeRing) and V(ZCEERING) are two rings.
    type: str
  certificates:
    description:
      - Certificates on the ring.
      - With O(state=overridden) and O(state=absent) an empty list is refused, because the variable behind it may not
        have been set. Leave the option out to take all certificates off the ring, or the ring away.
    type: list
    elements: dict
    suboptions:
      label:
        description: The certificate's label, at most 32 characters, case sensitive.
        type: str
        required: true
      owner:
        description:
          - Whose certificate it is, V(CERTAUTH), V(SITE), or a user ID, also as C(ID(user)).
          - The default is the owner of the ring.
        type: str
      usage:
        description:
          - How it is used on this ring. The default for a new one is that of its owner, V(PERSONAL) for a user.
        type: str
        choices: [PERSONAL, CERTAUTH, SITE]
      default:
        description:
          - Whether it is the ring's default certificate. Another one that is so far stops being it.
          - The default for a new one is V(false). One that is connected keeps what it has, but with state V(overridden)
            only if it has O(certificates[].replaces).
        type: bool
      replaces:
        description:
          - Label of a certificate of the same owner that leaves the ring. Usage and default go over to the new one.
        type: str
  used_by_cics:
    description:
      - Whether a CICS region uses the ring. CICS does not support two certificates of one subject name on a ring. Then
        this is refused, and an old certificate leaves right before its successor comes.
    type: bool
    default: false
  list_certificates:
    description:
      - Have RACF list every certificate on the ring, so that RV(listing) has the dates of all of them.
    type: bool
    default: false
  authority:
    description:
      - How O(users) get access to the ring. V(facility) is the check that holds for all rings of all users. It gives
        private keys of C(CERTAUTH) and C(SITE) certificates with CONTROL to C(IRR.DIGTCERT.GENCERT), and never those of
        another user's certificate.
      - V(rdatalib) is a profile for this ring only, in class RDATALIB, which must be RACLISTed.
    type: str
    choices: [facility, rdatalib]
  users:
    description: User IDs that read the ring at run time, for example those of Liberty servers and CICS regions.
    type: list
    elements: dict
    default: []
    suboptions:
      user:
        description: The user ID.
        type: str
        required: true
      private_keys:
        description: Whether it uses private keys on the ring, as servers do.
        type: bool
        default: false
  present_users:
    description:
      - User IDs that use the ring already. A new RDATALIB profile takes the place of the FACILITY check for everyone,
        so with O(authority=rdatalib) it is refused without this list. An empty list says that nobody uses the ring.
    type: list
    elements: dict
    suboptions:
      user:
        description: The user ID.
        type: str
        required: true
      private_keys:
        description: Whether it uses private keys on the ring.
        type: bool
        default: false
  clients:
    description:
      - Client certificates, and the users that they stand for.
      - Filters need class DIGTNMAP to be active and RACLISTed, which is done if it is not.
    type: list
    elements: dict
    default: []
    suboptions:
      user:
        description: The user ID.
        type: str
        required: true
      label:
        description: Label of the filter, or of the added certificate.
        type: str
        required: true
      subject:
        description:
          - The subject's distinguished name as C(RACDCERT LIST) shows it, or its end. Then RACF maps all certificates
            with that name (C(RACDCERT MAP)).
        type: str
      issuer:
        description: The issuer's distinguished name, or its end, for C(RACDCERT MAP).
        type: str
      data_set:
        description:
          - A data set with the certificate, which is added (C(RACDCERT ADD)) unless the user has one of that label.
        type: str
  zosconnect_access:
    description:
      - What a z/OS Connect server and its callers need in RACF. Classes EJBROLE (the role), APPL (the server's security
        domain), SERVER (what the server's own user ID may use), SURROGAT and FACILITY (identity assertion).
      - User IDs and their default groups need OMVS segments. Those are looked for, and never made.
    type: dict
    suboptions:
      version:
        description:
          - V(2.0) for C(zosConnect-2.0), which has one role, C(zosConnectAccess), for all API requesters, or V(3.0) for
            C(zosConnect-3.0), which has a role C(invoke) for each web application.
          - The default is V(3.0) if O(zosconnect_access.web_applications) is given, and V(2.0) otherwise.
        type: str
      profile_prefix:
        description: C(profilePrefix) of Liberty's C(safCredentials). It is also the name of the APPL profile.
        type: str
        default: BBGZDFLT
      profile_pattern:
        description:
          - C(profilePattern) of Liberty's C(safRoleMapper), which makes the name of an EJBROLE profile.
          - As Liberty does, blanks and the signs C(% & *) in the result become C(#).
        type: str
        default: "%profilePrefix%.%resource%.%role%"
      to_upper_case:
        description: C(toUpperCase) of Liberty's C(safRoleMapper).
        type: bool
        default: false
      web_applications:
        description:
          - Names of the C(webApplication) elements of a 3.0 server whose API requesters are called.
        type: list
        elements: str
      users:
        description: User IDs or groups that call the server. They get READ to the role and to the APPL profile.
        type: list
        elements: str
        default: []
      unauthenticated_user:
        description: C(unauthenticatedUser) of Liberty's C(safCredentials). It gets READ to the APPL profile.
        type: str
        default: WSGUEST
      server_user:
        description:
          - The user ID that the server runs under. It gets READ to the SERVER profiles C(BBG.ANGEL),
            C(BBG.AUTHMOD.BBGZSAFM), C(BBG.AUTHMOD.BBGZSAFM.SAFCRED), and C(BBG.SECPFX.) with the prefix.
          - Without it nothing is done in class SERVER.
        type: str
      angel_name:
        description:
          - The name of the server's angel, for C(BBG.ANGEL.) with the name.
          - The default is the angel without a name.
        type: str
      identity_assertion:
        description:
          - For C(idAssertion="ASSERT_SURROGATE") of C(zosconnect_apiRequesters) on a 2.0 server.
          - The server's user ID gets READ to C(BPX.SERVER). A profile of that name is never defined here.
        type: dict
        suboptions:
          link_users:
            description:
              - User IDs that authenticate to the server, for example those of CICS regions.
              - They get READ to the SURROGAT profiles, and to the APPL profile. Whom the server then asks for the role
                is not confirmed by a page that could be read. Who needs it has to be in O(zosconnect_access.users).
            type: list
            elements: str
            required: true
          asserted_users:
            description: User IDs that programs run under, which are asserted. They get READ to the APPL profile.
            type: list
            elements: str
            required: true
          surrogate_profile:
            description:
              - The profile of class SURROGAT for an asserted user. C(%user%) stands for its user ID.
              - No page that could be read confirms the default. If the console names another profile (C(ICH408I)), give
                that one.
            type: str
            default: "%user%.BAQASSRT"
      job_name:
        description: The server's job or started task, for RV(operator_commands).
        type: str
  listing:
    description:
      - What RACF printed, for the states V(rendered) and V(parsed). RV(listing_script) has the commands for it.
      - Outputs of several commands may follow one another, with or without the commands.
    type: str
  messages:
    description:
      - Messages of the server and of the console, for the states V(rendered) and V(parsed). RV(denials) says what RACF
        denied, and what mends it.
      - Known are CWWKS2907E, CWWKS2909E, CWWKS2911E, CWWKS2930W, CWWKB0104I (SAFCRED), CWWKB0115I, CWWKB0118W and
        ICH408I.
    type: str
  tsocmd:
    description: The program that runs a TSO command on the target.
    type: str
    default: /bin/tsocmd
  timeout:
    description: Seconds that one command may take.
    type: int
    default: 60
notes:
  - A target with C(tsocmd) is z/OS UNIX. The user that runs the task needs the authority for the RACF commands.
seealso:
  - module: zosconnect.security.keystore
  - module: zosconnect.security.server_xml
"""

EXAMPLES = r"""
- name: The ring of a z/OS Connect server, for the RACF team
  zosconnect.security.saf_keyring:
    state: rendered
    owner: LIBSERV
    ring: ZceeRing
    certificates:
      - label: Payments CA
        owner: CERTAUTH
      - label: zceesrv1
        default: true
    authority: facility
    users:
      - user: LIBSERV
        private_keys: true
    listing: "{{ lookup('ansible.builtin.file', 'zceering.listing.txt') }}"
  register: ring
  delegate_to: localhost

- name: What they shall run
  ansible.builtin.debug:
    msg: "{{ ring.script }}"

- name: The same with the authority to do it
  zosconnect.security.saf_keyring:
    owner: LIBSERV
    ring: ZceeRing
    certificates:
      - label: Payments CA
        owner: CERTAUTH
      - label: zceesrv1 2027
        replaces: zceesrv1

- name: CICS calls with its certificate, and may call
  zosconnect.security.saf_keyring:
    clients:
      - user: CICSPRD1
        label: CICSPRD1 at z/OS Connect
        subject: CN=cicsprd1.OU=Payments.O=Bank
        issuer: CN=Payments CA.O=Bank
    zosconnect_access:
      users: [CICSPRD1]
      server_user: LIBSERV
      job_name: ZCEESRV1

- name: CICS calls two API requesters of a 3.0 server
  zosconnect.security.saf_keyring:
    zosconnect_access:
      version: "3.0"
      web_applications: [roster, payments]
      users: [CICSPRD1]

- name: What RACF denied
  zosconnect.security.saf_keyring:
    state: parsed
    messages: "{{ lookup('ansible.builtin.file', 'messages.log') }}"
  delegate_to: localhost
  register: denied
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be.
  type: list
  elements: str
  returned: states other than parsed
  sample:
    - RACDCERT ID(LIBSERV) CONNECT(CERTAUTH LABEL('Payments CA') RING(ZceeRing) USAGE(CERTAUTH))
    - SETROPTS RACLIST(DIGTCERT DIGTRING) REFRESH
undo:
  description:
    - The commands that take all of that back, or what was done of it if a command failed. What may have been there
      before, because no listing shows it, is not taken away.
  type: list
  elements: str
  returned: states other than parsed
before:
  description: The ring before, with keys C(owner), C(name), C(connections). V(null) if there was none.
  type: dict
  returned: states other than parsed
after:
  description: The ring afterwards.
  type: dict
  returned: states other than parsed
findings:
  description:
    - What is wrong in RACF and is not mended here, for example a certificate that stands for two users, or a caller
      without OMVS segment.
  type: list
  elements: str
  returned: states other than parsed
notes:
  description: What those who run the commands should know, and what no listing shows.
  type: list
  elements: str
  returned: states other than parsed
operator_commands:
  description:
    - What an operator enters afterwards, so that the server asks RACF again.
    - C(<jobname>) stands where no job was named.
    - The C(ZCON) command needs the feature C(zosConnectCommands-1.0).
  type: list
  elements: str
  returned: states other than parsed
  sample: ["F ZCEESRV1,ZCON,CLEARSAFCACHE", "F ZCEESRV1,CACHE,CLEAR,AUTH"]
listing:
  description:
    - What RACF printed before anything was changed, as O(listing) takes it, and
      O(zosconnect.security.keystore_info#module:listings) as well.
  type: str
  returned: states that ask RACF
script:
  description: The commands as input of a batch job (SYSTSIN), long ones continued.
  type: str
  returned: state is rendered
undo_script:
  description:
    - The same for RV(undo), with a comment for each command that nothing undoes, because no listing shows whether
      something was there before.
  type: str
  returned: state is rendered
listing_script:
  description: The commands whose output O(listing) should be.
  type: str
  returned: state is rendered
done:
  description: Commands that were run before one failed.
  type: list
  elements: str
  returned: a command failed
failed_command:
  description: The command that failed.
  type: str
  returned: a command failed
not_done:
  description: Commands after the one that failed.
  type: list
  elements: str
  returned: a command failed
rings:
  description: Rings with keys C(owner), C(name), C(connections).
  type: list
  elements: dict
  returned: state is parsed
certificates:
  description: Certificates with their names, dates, key and rings.
  type: list
  elements: dict
  returned: state is parsed
filters:
  description: Certificate name filters.
  type: list
  elements: dict
  returned: state is parsed
profiles:
  description: Profiles with their access lists. A profile of V(null) says that none covers the resource.
  type: list
  elements: dict
  returned: state is parsed
users:
  description: User IDs with keys C(name), C(attributes), C(default_group), C(uid) (V(null) without OMVS segment).
  type: list
  elements: dict
  returned: state is parsed
groups:
  description: Groups with keys C(name) and C(gid) (V(null) without OMVS segment).
  type: list
  elements: dict
  returned: state is parsed
active_classes:
  description: The active classes. V(null) if they were not listed.
  type: list
  elements: str
  returned: state is parsed
raclisted:
  description: The RACLISTed classes. V(null) if they were not listed.
  type: list
  elements: str
  returned: state is parsed
denials:
  description: What RACF denied according to O(messages).
  type: list
  elements: dict
  returned: messages are given
  contains:
    message:
      description: The identifier of the message.
      type: str
    class:
      description: The RACF class.
      type: str
    resource:
      description: The resource, which a profile of that name or a generic one covers.
      type: str
    access:
      description: The access that is missing, for example V(READ).
      type: str
    user:
      description: The user ID that lacks it. V(null) if the message does not say it.
      type: str
    missing:
      description: The same in a sentence.
      type: str
    commands:
      description: The commands that mend it. None if no user ID is known.
      type: list
      elements: str
    listing_command:
      description: The command that shows the profile.
      type: str
"""
