#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connections
short_description: Make all artefacts agree with the declared connections of a z/OS Connect server
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Does the whole declaration for one server. One remote call reads all that counts (the server's files with what they
    include, key stores, ports that answer, AT-TLS policies, what the stack holds). Then everything is planned and
    judged together, before anything is written. Only if something changes, one more call applies it.
  - That call writes key stores, policies and the server's configuration, tells the server, and looks at the ports from
    the target. If they are not as declared within O(verify_seconds), the same call puts everything back, even if the
    connection to the controller is lost meanwhile.
  - An AT-TLS policy comes before the port that it protects. The port opens only when the stack is shown to hold its
    rules, by O(pasearch) or O(evidence). With O(state=absent) it is the other way round.
  - The role P(zosconnect.security.connections#role) is this task with variables, and a report.
  - On the controller it needs the Python libraries C(lxml) and C(cryptography).
attributes:
  check_mode:
    support: full
    description: Plans and judges all of it, and writes nothing.
  diff_mode:
    support: full
    description: Shows each file that changes, without secrets.
extends_documentation_fragment:
  - zosconnect.security.console
  - zosconnect.security.declaration
options:
  state:
    description:
      - V(present) makes the connections.
      - V(absent) removes them, the server's port first and its AT-TLS policy when nothing answers any more. Key stores
        stay.
      - V(gathered) changes nothing and returns the declaration that describes the server in O(server_dir).
    type: str
    choices: [present, absent, gathered]
    default: present
  side:
    description: V(client) makes only what the calling programs need, as where another team has the server.
    type: str
    choices: [both, client]
    default: both
  part:
    description:
      - Policies and texts may be on other hosts than the server. Then the declaration takes several tasks with the same
        options.
      - V(read), with C(delegate_to) such a host, returns RV(there). Register it with C(no_log).
      - V(all), for the server, takes these results in O(others). What has to be written elsewhere is in RV(elsewhere).
      - V(write), with C(delegate_to) such a host, takes the result of V(all) in O(before), and writes that.
      - Where RV(waits) is true, the server waits for its policy. Then V(all) comes once more, with the same O(others),
        and in O(before) the result of the first one.
      - Where a host of V(read) could not be asked, V(all) fails before anything is read, and RV(summary) has a row for
        it.
      - Where one of V(write) was not reached, V(told) takes these results in O(others) and the result of V(all) in
        O(before), and fails with a row for each such host. It calls no host.
    type: str
    choices: [all, read, write, told]
    default: all
  others:
    description: What O(part=read) returned for other hosts, or with O(part=told) what O(part=write) did.
    type: list
    elements: dict
    default: []
  before:
    description: What an earlier part of the same run returned.
    type: dict
  server_dir:
    description: The directory that holds C(server.xml), where the declared connections do not say it.
    type: str
    default: ""
  identity_rule:
    description:
      - How the whole server identifies callers, if that is weaker than the C(identity) of a declared connection.
      - Where connections of one server want different rules, it must be V(certificate_or_basic).
    type: str
    choices: ["", certificate, certificate_or_basic, basic]
    default: ""
  inbound_policy:
    description:
      - The file with the AT-TLS policy in front of the server's http ports, the one that C(TTLSConfig) names. It may be
        a member of a data set, written as C(TTLSConfig) has it.
      - A member must be there already; an empty one will do. It needs the collection C(ibm.ibm_zos_core) 2.0 or later
        on the controller and ZOAU on the target. Members are written before the files of the same step. If those are
        not applied, the task writes the old text again. If the connection is lost, it cannot; the message says what
        each member holds then, and where its backup is.
      - Empty means that the policy is rendered for hand-over.
    type: str
    default: ""
  inbound_policy_host:
    description: The host on which that file is, and on which O(pasearch) runs. Empty means the target itself.
    type: str
    default: ""
  outbound_policy:
    description:
      - The file with the AT-TLS policy below the calling programs, or a member of a data set. Empty means that the
        policy is rendered for hand-over.
    type: str
    default: ""
  outbound_policy_host:
    description: The host on which that file is. Empty means the target itself.
    type: str
    default: ""
  policy_encoding:
    description:
      - The code page of policies. Empty means their file tag, or IBM-1047 on z/OS. A new file needs it.
      - A member of a data set is in IBM-1047 or IBM-037.
    type: str
    default: ""
  zos_release:
    description: The release of z/OS, such as V(3.1). Needed to prove that a stack holds an AT-TLS rule as it is meant.
    type: str
    default: ""
  zos_apars:
    description: The APARs whose fixes are on the system, as in M(zosconnect.security.attls_policy).
    type: list
    elements: str
    default: []
  pasearch:
    description:
      - A command, as a list, that prints what the stack of the inbound policy holds. On z/OS C([pasearch, -t]).
      - It runs in the call that reads, and not where O(evidence) is given.
    type: list
    elements: str
    default: []
  evidence:
    description: The output of C(pasearch -t), where another team runs it.
    type: str
    default: ""
  csd_listing:
    description:
      - What C(DFHCSDUP) printed for C(LIST GROUP(…) OBJECTS), as text. Its client URIMAPs tell V(gathered) who does TLS
        for CICS, who they are, and by which name they call.
    type: str
    default: ""
  ring_listing:
    description:
      - What C(RACDCERT LISTRING) printed, as text. With it V(gathered) says in a comment which certificate a port
        shows.
    type: str
    default: ""
  user_id:
    description:
      - For V(gathered), the user as which the server runs. AT-TLS rules with C(Userid) ask for it, and key rings
        without an owner are its.
    type: str
    default: ""
  tcp_stack:
    description: The TCP/IP stack of the server, where C(pasearch) may tell of several.
    type: str
    default: ""
  unproven:
    description:
      - How a run ends that has done what it may, and whose ports stay closed because no evidence shows their AT-TLS
        rules.
      - V(refuse), the task fails after policies and texts were written. V(accept), it succeeds, and RV(verdict) says
        V(not_converged).
      - Ports never open without evidence.
    type: str
    choices: [refuse, accept]
    default: refuse
  attls_ports:
    description: Other http ports of the server that an AT-TLS policy protects. Text is split at commas.
    type: raw
    default: []
  handover_dir:
    description: A directory for what other teams get, made if it is missing. Without it they are in RV(handover) only.
    type: str
    default: ""
  handover_host:
    description: The host on which that directory is. Empty means the target itself.
    type: str
    default: ""
  policy_owner:
    description: Owner of a policy file that is made. Empty means that of its directory, where root makes it.
    type: str
    default: ""
  policy_group:
    description: Group of a policy file that is made. Empty means that of its directory, where root makes it.
    type: str
    default: ""
  policy_mode:
    description: Mode of a policy file that is made, for example V(0644). Empty means V(0640).
    type: raw
    default: ""
  handover_owner:
    description: Owner of a text for other teams that is made. Empty means that of its directory, where root makes it.
    type: str
    default: ""
  handover_group:
    description: Group of a text for other teams that is made. Empty means that of its directory, where root makes it.
    type: str
    default: ""
  handover_mode:
    description: Mode of a text for other teams that is made, for example V(0644). Empty means V(0640).
    type: raw
    default: ""
  server_xml_mode:
    description: The mode that C(server.xml) gets, for example V(0640). Empty means that it keeps its own.
    type: raw
    default: ""
  allow_expired:
    description: Accept certificates that are expired or not valid yet.
    type: bool
    default: false
  java_home:
    description: The target's Java. Empty means that the task searches for it.
    type: str
    default: ""
  backup:
    description: Keep copies of changed files. Without them nothing can be restored later.
    type: bool
    default: true
  refresh:
    description:
      - How the server learns of the change. V(operator), by the command that RV(next) names; nothing can be proved
        then.
      - V(mbean), it is told through its FileNotification MBean. V(polled), it looks for changes itself.
    type: str
    choices: [operator, mbean, polled]
    default: operator
  operator:
    description:
      - Have M(zosconnect.security.operator_command) give the operator commands that RV(next) only names, by this way to
        a console. These are C(F PAGENT,UPDATE) after a change of a policy, on the host that has the policy, and with
        O(refresh=operator) the commands for the server. Empty means that they are only named. Check mode gives none.
      - A command that is refused fails the task. The files stay changed. Nothing looks at the ports afterwards, and
        nothing is put back. The playbook C(zosconnect.security.verify_connections) looks at them.
    type: str
    choices: ["", tsocmd, zos_operator]
    default: ""
  refresh_url:
    description: Where the server's REST connector answers, seen from the target.
    type: str
    default: ""
  refresh_username:
    description: An administrator of the server.
    type: str
    default: ""
  refresh_password:
    description: The administrator's password.
    type: str
    default: ""
  refresh_ca:
    description: PEM text of the certificates to trust at that URL.
    type: str
    default: ""
  job_name:
    description: The server's job name, for the operator command. Empty means C(BAQSTRT).
    type: str
    default: ""
  zosconnect_version:
    description: The z/OS Connect in use, V(2.0) or V(3.0). Empty takes the version from the server's features.
    type: str
    default: ""
  verify_host:
    description: The address at which the target reaches the ports.
    type: str
    default: 127.0.0.1
  verify_seconds:
    description: How long the ports may take to become as declared.
    type: int
    default: 60
  restore_dir:
    description:
      - A directory on the controller. A run that changes something leaves a file there that the playbook C(restore)
        takes.
      - Empty means that no file is written. The same is in RV(restore).
    type: str
    default: ""
  full_results:
    description: For the role, whether the statistics of the job get all of the result.
    type: bool
    default: false
  prefix:
    description: What the names of these options begin with in sentences, where a role hands its variables over.
    type: str
    default: ""
seealso:
  - module: zosconnect.security.server_xml
  - module: zosconnect.security.keystore
  - module: zosconnect.security.attls_policy
"""

EXAMPLES = r"""
- name: One https port for CICS
  zosconnect.security.connections:
    connections:
      - name: cics
        server_dir: /var/zosconnect/servers/zceesrv1
        port: 5002
        client_certificate: none
        key_store: {location: "safkeyring:///ZceeRing"}
"""

RETURN = r"""
verdict:
  description:
    - How it ended. V(unchanged), V(changed), V(would_change) in check mode, V(pending) (an operator has to tell the
      server what this run or an earlier one changed), V(not_converged) (a port waits for its AT-TLS policy).
    - V(put_back), V(refused) or V(left) where the task failed on the target; V(left) where not everything could be put
      back.
  type: str
  returned: with O(part) V(all) or V(write)
connections:
  description:
    - Name, port, C(caller_tls), C(server_tls) and C(client_certificate) of each connection.
    - With O(state=gathered) the declaration that describes the server, in the form of O(connections).
  type: list
  elements: dict
  returned: with O(part=all)
yaml:
  description: The declaration as a file of variables (C(zosconnect_connections)) with the place of each value.
  type: str
  returned: with O(state=gathered)
origins:
  description: By the name of a connection, the place of each value.
  type: dict
  returned: with O(state=gathered)
not_expressed:
  description:
    - What stands there and no declaration can say, each with C(kind), C(what), C(place) and C(reason). It stays as it
      is.
  type: list
  elements: dict
  returned: with O(state=gathered)
complete:
  description: Whether all files of the server could be read.
  type: bool
  returned: with O(state=gathered)
told:
  description: What is not expressed, in at most three lines.
  type: list
  elements: str
  returned: with O(state=gathered)
endpoints:
  description: The endpoints that the server calls, without secrets.
  type: list
  elements: dict
  returned: with O(part=all)
files:
  description: Key stores and files of the server that changed.
  type: list
  elements: str
  returned: with O(part) V(all) or V(write)
policies:
  description: Policy files that changed on this host.
  type: list
  elements: str
  returned: with O(part) V(all) or V(write)
changes:
  description: What changed in each file, a list of C(path) and C(changes), as the modules of single steps return them.
  type: list
  elements: dict
  returned: with O(part) V(all) or V(write)
effective:
  description: Whether the server is as declared now, as far as this task told it and looked.
  type: bool
  returned: with O(part=all)
check:
  description: Whether this was check mode.
  type: bool
  returned: with O(part=all)
installed:
  description: What the evidence shows of the AT-TLS rules, as P(zosconnect.security.attls_installed#filter) tells it.
  type: dict
  returned: where rules must be installed
next:
  description: What somebody has to do now.
  type: list
  elements: str
  returned: with O(part=all)
given:
  description: What a console answered to each command that O(operator) had given (C(command), C(output), C(confirmed)).
  type: list
  elements: dict
  returned: success
operator_command:
  description: The command after which the server uses what changed.
  type: str
  returned: with O(part=all)
restore:
  description:
    - What the playbook C(restore) takes, C(path), C(backup_file), C(checksum_before) and C(checksum_after) of each
      file.
  type: list
  elements: dict
  returned: with O(part) V(all) or V(write)
restore_file:
  description: The file on the controller that holds the same.
  type: str
  returned: where it was written
handover:
  description: Texts for other teams, by file name.
  type: dict
  returned: with O(part=all)
findings:
  description: Findings of low severity that the change brings, as M(zosconnect.security.server_config_info) shows them.
  type: list
  elements: dict
  returned: with O(part=all)
waived:
  description: Findings that the change brings, and that a waiver of the declaration accepts.
  type: list
  elements: dict
  returned: with O(part=all)
waivers:
  description: Waivers for M(zosconnect.security.server_config_info) that follow from the declaration.
  type: list
  elements: dict
  returned: with O(part=all)
predicted:
  description:
    - What the server will write and open, as M(zosconnect.security.server_config_info) returns it.
    - RV(lines) has it in short.
  type: dict
  returned: in check mode with O(full_results), where the server changes
notes:
  description: What deserves attention. They are warnings of the task too, where something changes.
  type: list
  elements: str
  returned: with O(part) V(all) or V(write)
elsewhere:
  description: Policies of other hosts that change, for O(part=write).
  type: list
  elements: dict
  returned: with O(part=all)
waits:
  description: Whether the server waits until policies are written on other hosts.
  type: bool
  returned: with O(part=all)
there:
  description: What another host has. It may hold secrets of policies.
  type: dict
  returned: with O(part=read)
lines:
  description: At most six lines for a person.
  type: list
  elements: str
  returned: with O(part) V(all) or V(write)
summary:
  description:
    - Verdict, counts, the three worst findings or warnings, and one sentence.
    - Where hosts of policies or texts were not reached, C(hosts) has a row for each, with C(host), C(status), what it
      C(has) of the declaration, the connections that are C(unproven), the C(reason), and what to do C(next).
    - With O(state=gathered) what was adopted, in a few words.
  type: raw
  returned: always, but with O(part=read)
remote_calls:
  description: How many modules ran on the target.
  type: int
  returned: with O(part) V(all) or V(write)
jvm_starts:
  description: How many times Java was started there, which is most of the time that a run takes.
  type: int
  returned: with O(part) V(all) or V(write)
"""
