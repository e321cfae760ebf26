#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: server_config_info
short_description: Tell what Liberty makes of a server's configuration files, and why
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Reads C(server.xml) with its drop-ins, includes, variables, C(bootstrap.properties) and C(server.env), and computes
    the effective configuration as Liberty would. Each value comes with its origin, that is file and line, the variables
    on the way, or V(default), and with the values that it overrules.
  - Tells for each port whether TLS is served there as it was meant, and for each API requester whether plain http is
    accepted, and which line decided that.
  - Lists findings, each with severity, place, reason and, where there is one, a remedy that
    M(zosconnect.security.server_xml) takes as O(zosconnect.security.server_xml#module:elements).
  - The running server is asked only with O(running). Then each difference between what its files say and what it does
    is a finding C(refresh-pending).
  - What the environment of its started task or its command line adds can be said in O(env) and O(variables), and is
    unknown otherwise.
  - A file that holds a DOCTYPE is not followed, and URLs are not fetched. RV(complete) is then V(false).
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - zosconnect.security.server_files
  - zosconnect.security.server_files.places
  - zosconnect.security.server_files.attls
  - zosconnect.security.server_files.named
options:
  server_dir:
    description:
      - The directory of the server, that is C(${server.config.dir}). Paths begin with a slash.
      - One call to the target reads it. Each level of includes that lead elsewhere costs one more.
    type: path
  path:
    description:
      - The file to begin with, by default C(server.xml) in O(server_dir).
      - Without O(server_dir) the directory of this file is taken for the server's.
    type: path
  element_names:
    description: The elements to return in RV(config), by default all.
    type: list
    elements: str
  attls:
    description:
      - What AT-TLS does for this server, below it and unseen by it.
      - A port counts as covered where it is declared here, or where O(attls.policies) give every inbound connection to
        it a rule that does TLS. What they do not tell for sure is the finding V(attls-unclear).
  running:
    description:
      - How to ask the running server what it does, by C(/ibm/api/config) of its REST connector (feature
        C(restConnector-2.0)). The target asks, so V(localhost) is the server's own host.
      - Give O(running.username) and O(running.password), or O(running.client_certificate_content) and its key.
      - Compared is what the files set, and defaults that this collection knows. Where a difference may have another
        reason, for example a variable of the environment, RV(running.not_compared) says so. Passwords are not compared.
      - The task fails when the server does not answer. Leave this out to see what the files say alone.
    type: dict
    suboptions:
      url:
        description: Where the REST connector answers, for example V(https://localhost:9443).
        type: str
        required: true
      username:
        description: A user with the administrator or reader role.
        type: str
      password:
        description: The password of O(running.username).
        type: str
      ca_content:
        description: PEM text of the certificates to trust. Without it the trust store of the target is used.
        type: str
      client_certificate_content:
        description: PEM text of a client certificate that the server knows, with its chain.
        type: str
      client_key_content:
        description: PEM text of its private key.
        type: str
      client_key_passphrase:
        description: The passphrase of O(running.client_key_content), where it has one.
        type: str
      timeout:
        description: Seconds to wait for the server's answer.
        type: int
        default: 30
  predict:
    description:
      - Whether to say what the server will write into C(messages.log) when it starts with these files, or is refreshed
        and all in them is new to it, and which ports open with which certificate, in RV(predicted).
      - The key stores that the configuration names are read for it, with the passwords that stand there.
      - The scope, and how often it was right, are in C(docs/PREDICT.md).
    type: bool
    default: false
  java_home:
    description: The Java whose C(keytool) reads the key stores for O(predict), by default the one that the server uses.
    type: path
seealso:
  - module: zosconnect.security.server_xml
  - module: zosconnect.security.liberty_refresh
  - module: zosconnect.security.tls_probe
  - plugin: zosconnect.security.effective_require_secure
    plugin_type: filter
  - plugin: zosconnect.security.effective_config
    plugin_type: filter
  - plugin: zosconnect.security.posture_standard
    plugin_type: filter
"""

EXAMPLES = r"""
- name: What does the server really do?
  zosconnect.security.server_config_info:
    server_dir: /var/zosconnect/servers/zceesrv1
  register: server

- name: Which line lets plain http in?
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.verdict }} ({{ item.requireSecure.origin }})"
  loop: "{{ server.requesters }}"
  loop_control:
    label: "{{ item.name }}"

- name: Nothing serious may be open
  ansible.builtin.assert:
    that: server.findings | selectattr('severity', 'equalto', 'high') | rejectattr('waived') | length == 0

- name: One port is behind AT-TLS, and one finding is accepted for a while
  zosconnect.security.server_config_info:
    server_dir: /var/zosconnect/servers/zceesrv1
    element_names: [httpEndpoint, ssl]
    attls:
      ports: [5004]
    waivers:
      - id: requester-cleartext
        place: /var/zosconnect/servers/zceesrv1/server.xml:12
        reason: Batch moves to AT-TLS in May.
        owner: Ada Lovelace
        ticket: SEC-12
        expires: 2027-05-31

- name: Does the server do what its files say?
  zosconnect.security.server_config_info:
    server_dir: /var/zosconnect/servers/zceesrv1
    running:
      url: https://localhost:9443
      username: auditor
      password: "{{ auditor_password }}"
      ca_content: "{{ lookup('ansible.builtin.file', 'ca.pem') }}"
  register: server
  failed_when: server.running.differences | length > 0
"""

RETURN = r"""
server_dir:
  description: The directory of the server.
  type: str
  returned: success
complete:
  description:
    - Whether everything that the configuration names could be read, and Liberty's answer does not depend on the order
      in which it evaluates.
  type: bool
  returned: success
waits:
  description: The operator command that the server waits for since its files were changed, as a sentence.
  type: list
  elements: str
  returned: success
unseen:
  description: Sentences on files and directories that exist and could not be read.
  type: list
  elements: str
  returned: success
refused:
  description: Why Liberty refuses the whole configuration, or null. Then the other values are empty or built-in.
  type: str
  returned: success
config:
  description: The effective elements by name, built-in ones too.
  type: dict
  returned: success
  contains:
    ELEMENT:
      description:
        - A list of instances, each with C(id), C(attributes), C(origins) (attribute to place), C(overruled) (attribute
          to the values that do not count, with their places) and C(children) (name to instances).
        - Secrets are V(********).
      type: list
      elements: dict
elements:
  description: The names of all elements that the files configure.
  type: list
  elements: str
  returned: success
variables:
  description: The variables of the XML files, each with C(value) and C(origin).
  type: dict
  returned: success
files:
  description: The files that were read, XML documents first, in Liberty's order.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The file's path.
      type: str
    sha256:
      description: Its checksum.
      type: str
    encoding:
      description: The encoding by which it was read.
      type: str
    mode:
      description: Permission bits, four octal digits.
      type: str
    owner:
      description: The name of its owner.
      type: str
    group:
      description: The name of its group.
      type: str
    tag:
      description: Its z/OS file tag.
      type: str
ports:
  description: The ports of all enabled endpoints, by number.
  type: list
  elements: dict
  returned: success
  contains:
    endpoint:
      description: The id of the C(httpEndpoint).
      type: str
    host:
      description: Where it listens.
      type: str
    port:
      description: Its number. 0 is one that Liberty chooses.
      type: int
    protocol:
      description: V(http) or V(https).
      type: str
    attls:
      description: Whether AT-TLS covers it, by O(attls.ports) or O(attls.policies).
      type: bool
    wanted_ssl:
      description: The SSL configuration that the endpoint names.
      type: str
    ssl:
      description: The SSL configuration that will really serve the port.
      type: str
    fallback:
      description: Why it is not the wanted one, or null.
      type: str
    unusable:
      description: Why nobody gets through TLS on this port, or null.
      type: str
    client_authentication:
      description: V(none), V(supported) or V(required), as the port really does it.
      type: str
    protocols:
      description: The C(sslProtocol) of the SSL configuration that serves the port.
      type: str
    origin:
      description: Where the port's number stands.
      type: str
    verdict:
      description: The port in one sentence.
      type: str
  sample:
    - endpoint: defaultHttpEndpoint
      host: localhost
      port: 9080
      protocol: http
      attls: false
      origin: default
      verdict: plain http, without TLS
endpoints:
  description:
    - What the server calls, C(zosconnect_endpointConnection), C(zosconnect_authorizationServer),
      C(zosconnect_zosConnectServiceRestClientConnection) and C(zosconnect_db2Connection), and with which SSL
      configuration it really does.
  type: list
  elements: dict
  returned: success
  contains:
    element:
      description: The element's name.
      type: str
    id:
      description: Its id.
      type: str
    url:
      description: What is called.
      type: str
    protocol:
      description: V(http) or V(https), or none where the scheme is in a variable that nothing seen here defines.
      type: str
    attls:
      description: Whether it is declared in O(attls.targets).
      type: bool
    wanted_ssl:
      description: The SSL configuration that is meant.
      type: str
    ssl:
      description: The SSL configuration that is really used. Null for plain http, and where none is left.
      type: str
    ssl_origin:
      description: Where it stands.
      type: str
    why:
      description: Why that one is used.
      type: str
    fallback:
      description: Why it is not the one that is meant, or null.
      type: str
    unusable:
      description: Why the call cannot be made, or null.
      type: str
    trust_store:
      description: The id of its trust store.
      type: str
    client_key_alias:
      description: The alias of the certificate that is shown to who asks, where the configuration names one.
      type: str
    verify_host_name:
      description: Whether names of hosts are checked.
      type: bool
    unverified_hosts:
      description: The hosts whose names are not checked, separated by commas.
      type: str
    protocols:
      description: The C(sslProtocol) of the SSL configuration.
      type: str
    origin:
      description: Where it is said what is called.
      type: str
    verdict:
      description: The call in one sentence.
      type: str
  sample:
    - element: zosconnect_endpointConnection
      id: orders
      url: https://api.example.com:443
      protocol: https
      ssl: orders.out
      origin: /var/zosconnect/servers/zceesrv1/server.xml:20
      verdict: "TLS by <ssl id='orders.out'>: sslCertsRef names it (/var/zosconnect/servers/zceesrv1/server.xml:20)"
zosconnect:
  description:
    - Which z/OS Connect the server is, and its web applications (z/OS Connect 3.0), each with the connection that it
      calls.
    - M(zosconnect.security.connections) takes it.
  type: dict
  returned: success
  contains:
    version:
      description: V(2.0) (OpenAPI 2) or V(3.0) (OpenAPI 3), as the features say; null where none does.
      type: str
    origin:
      description: Where the features stand.
      type: str
    application_security:
      description: The feature by which Liberty enforces roles of web applications, in lower case, or null.
      type: str
    web_applications:
      description: Each web application with C(element), C(name), C(id), C(origin), C(connection) (the value of its
        property C(connectionRef)), C(connection_origin) and C(verdict) (what the ports and the features make of it).
      type: list
      elements: dict
  sample:
    version: "3.0"
    origin: /var/zosconnect/servers/zceesrv1/server.xml:3
    application_security: appsecurity-2.0
    web_applications:
      - element: webApplication
        name: orders
        id: orders
        origin: /var/zosconnect/servers/zceesrv1/server.xml:12
        connection: ordersApi
        connection_origin: /var/zosconnect/servers/zceesrv1/server.xml:14
        verdict: https on 5002; callers need their role
requesters:
  description:
    - The API requesters that are configured, and those of which only an archive (C(.ara)) is there. In z/OS Connect 3.0
      they are web applications, see RV(zosconnect).
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The requester's name.
      type: str
    origin:
      description: Where it is configured, null for one of which only an archive is there.
      type: str
    requireSecure:
      description: The effective C(value), the C(scope) that decided it (an element, or V(default)) and its C(origin).
      type: dict
    requireAuth:
      description: The same for C(requireAuth).
      type: dict
    verdict:
      description: What the ports make of it, in one sentence.
      type: str
  sample:
    - name: inventory_1.0.0
      origin: /var/zosconnect/servers/zceesrv1/server.xml:12
      requireSecure: {value: false, scope: apiRequester, origin: "/var/zosconnect/servers/zceesrv1/server.xml:12"}
      requireAuth: {value: true, scope: default, origin: default}
      verdict: plain http is accepted on 9080
require_secure:
  description: The report of P(zosconnect.security.effective_require_secure#filter), with APIs and services too.
  type: dict
  returned: success
findings:
  description: What is wrong, or not as it seems, the severe ones first.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The rule. C(docs/findings) of this collection has a page about each.
      type: str
    title:
      description: The finding in a few words.
      type: str
    severity:
      description: V(high), V(medium), V(low) or V(information).
      type: str
    origin:
      description: Where it stands.
      type: str
    message:
      description: What is wrong there.
      type: str
    why:
      description: Why it matters.
      type: str
    remedy:
      description: Input for M(zosconnect.security.server_xml) that mends it. Empty where people must decide.
      type: list
      elements: dict
    action:
      description: What to do, in words.
      type: str
    source:
      description: Whose rule it is.
      type: str
    about:
      description: Names of what it is in, such as element, id and attribute, that stay when lines move.
      type: list
      elements: str
    excerpt:
      description:
        - The line at RV(findings[].origin), secrets as V(********), without blanks around it, the first 200 characters.
        - Null if that is no line of an XML document.
      type: str
    column:
      description: The column, from 1, at which RV(findings[].excerpt) begins on its line, or null.
      type: int
    waiver:
      description: The waiver for this finding, also an expired one, or null.
      type: dict
    waived:
      description: Whether a waiver counts today.
      type: bool
asked_by_standards:
  description:
    - What only a standard asks for and nearly every server has, so that it is told only under the rules of that
      standard, by P(zosconnect.security.posture_standard#filter) and in the report.
    - Each with the keys of RV(findings) but C(excerpt) and C(column).
  type: list
  elements: dict
  returned: success
predicted:
  description: What the server will say and open, null unless O(predict) was given.
  type: dict
  returned: success
  contains:
    messages:
      description: The messages that it will write, each with what it is about.
      type: list
      elements: dict
      contains:
        id:
          description: The identifier of the message.
          type: str
        kind:
          description: Why it comes, in one word.
          type: str
        message:
          description: Why it comes, in one sentence.
          type: str
        means:
          description: What the message means, null where M(zosconnect.security.diagnose) does not know it.
          type: str
        origin:
          description: The file and line that it is about.
          type: str
        element:
          description: The element, or null.
          type: str
        element_id:
          description: Its id, or null.
          type: str
        attribute:
          description: The attribute, or null.
          type: str
        port:
          description: The port, or null.
          type: int
        certainty:
          description: V(certain), or V(likely) where it depends on something that is not seen from here.
          type: str
        when:
          description: V(update) for a start or a refresh, V(handshake) where it does not come before the first caller.
          type: str
    ports:
      description: The ports of all enabled endpoints.
      type: list
      elements: dict
      contains:
        endpoint:
          description: The id of the C(httpEndpoint).
          type: str
        port:
          description: Its number.
          type: int
        protocol:
          description: V(http) or V(https).
          type: str
        opens:
          description: Whether it opens.
          type: bool
        ssl:
          description: The SSL configuration that serves it.
          type: str
        alias:
          description: The key that it shows, or null if unknown.
          type: str
        subject:
          description: The subject of its certificate.
          type: str
        not_after:
          description: Until when the certificate is valid.
          type: str
        why:
          description: Why it does not open, or nobody gets through, or another SSL configuration serves it.
          type: str
        origin:
          description: Where the port's number stands.
          type: str
running:
  description: What the running server does, null unless O(running) was given.
  type: dict
  returned: success
  contains:
    url:
      description: The server that was asked.
      type: str
    config:
      description: What it reported, element by element, limited as RV(config) is. Secrets are V(********).
      type: dict
    differences:
      description: Where it does not do what the files say. Each is a finding too.
      type: list
      elements: dict
      contains:
        path:
          description: The element.
          type: str
        attribute:
          description: The attribute, or null where one side does not have the element at all.
          type: str
        files:
          description: What the files say, null for nothing.
          type: raw
        server:
          description: What the server has, null for nothing.
          type: raw
        origin:
          description: Where the files say so, V(default) for a built-in default, V(running server) for nothing.
          type: str
    not_compared:
      description: Sentences on what could not be compared.
      type: list
      elements: str
  sample:
    url: https://localhost:9443
    config: {}
    differences:
      - path: zosconnect_zosConnectManager
        attribute: requireSecure
        files: true
        server: false
        origin: /var/zosconnect/servers/zceesrv1/server.xml:7
    not_compared: []
"""
