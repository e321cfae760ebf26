#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_probe
short_description: Find out what a TLS port really demands
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Makes one connection to a port, with TLS or on purpose without, sends one HTTP/1.1 request, reads the answer and
    reports what happened. Redirects are not followed.
  - It always waits for an answer. In TLS 1.3 a server that demands a client certificate lets the handshake look
    complete and only then ends the connection.
  - A refusal is a result like any other. The module fails when its input is wrong, or when O(expect) or
    O(expect_status) says so.
  - A refusal proves something only together with a success. Probe the same port with the right certificate too.
attributes:
  check_mode:
    support: full
    description: Only looks, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
  idempotent:
    support: full
    description: Never reports a change. The answer is the server's, and may differ from one run to the next.
options:
  host:
    description:
      - Name or address to connect to, seen from the host on which the module runs.
      - Either it or O(probes) is needed.
    type: str
  port:
    description:
      - TCP port. Needed with O(host).
    type: int
  server_name: &server_name
    description:
      - The name sent to the server (SNI) and looked for in its certificate.
      - The value of O(host) when not given.
    type: str
  plain: &plain
    description:
      - Speak clear-text HTTP instead of TLS, to prove that a port answers it or refuses it.
      - The options for TLS have no effect then.
    type: bool
    default: false
  validate_certs: &validate_certs
    description:
      - Whether the server's certificate must be trusted, in date, and made out to O(server_name).
      - V(false) is for looking at a server that is not trusted (yet). No password can be sent to it.
    type: bool
    default: true
  ca_content: &ca_content
    description:
      - PEM text of the certificates to trust. Each of them is an anchor, be it a root or not, as in a Java trust store.
      - Without O(ca_content) and O(ca_path) the trust store of the host on which the module runs is used.
    type: str
  ca_path: &ca_path
    description:
      - Like O(ca_content), in a file on the host on which the module runs.
    type: path
  client_certificate_content: &client_certificate_content
    description:
      - PEM text of the client certificate, followed by its chain. It may hold the private key as well and is not
        logged for that reason.
    type: str
  client_certificate_path: &client_certificate_path
    description:
      - Like O(client_certificate_content), in a file on the host on which the module runs.
    type: path
  client_key_content: &client_key_content
    description:
      - PEM text of the client certificate's private key. It travels in a file that only the user of the task can read.
      - Prefer O(client_key_path) where the key is on that host already.
    type: str
  client_key_path: &client_key_path
    description:
      - Like O(client_key_content), in a file on the host on which the module runs.
    type: path
  client_key_passphrase: &client_key_passphrase
    description:
      - Passphrase of an encrypted private key.
    type: str
  min_protocol: &min_protocol
    description:
      - The oldest protocol to offer.
      - V(TLSv1.2), or O(max_protocol) where that is older, when not given.
      - V(TLSv1) and V(TLSv1.1) set OpenSSL's security level to 0 for this connection, without which OpenSSL would not
        really offer them. Where its OpenSSL cannot speak a protocol at all the module fails and says so.
    type: str
    choices: [TLSv1, TLSv1.1, TLSv1.2, TLSv1.3]
  max_protocol: &max_protocol
    description:
      - The newest protocol to offer. V(TLSv1.3) when not given.
    type: str
    choices: [TLSv1, TLSv1.1, TLSv1.2, TLSv1.3]
  request: &request
    description:
      - The HTTP request to send. C(HEAD /) when not given.
    type: dict
    suboptions:
      method:
        description:
          - HTTP method.
        type: str
        default: GET
      path:
        description:
          - Path with query, percent-encoded.
        type: str
        default: /
      headers:
        description:
          - Headers to send. They replace those that the module sends by itself.
          - Headers with credentials are refused because they would be logged; O(request.secret_headers) takes them.
        type: dict
        default: {}
      username:
        description:
          - User for basic authentication.
        type: str
      password:
        description:
          - Password for basic authentication.
          - Never sent without O(validate_certs), nor with O(plain).
        type: str
      body:
        description:
          - Body to send, in UTF-8. Give its type as header C(Content-Type).
          - One with a secret is refused because it would be logged; O(request.secret_body) takes it.
        type: str
      secret_headers:
        description:
          - Headers whose values are secret, such as C(Authorization), C(Cookie) and C(X-API-Key).
          - Never sent without O(validate_certs), nor with O(plain).
        type: dict
        default: {}
      secret_body:
        description:
          - Like O(request.body), but secret.
          - Never sent without O(validate_certs), nor with O(plain).
        type: str
  scan: &scan
    description:
      - Whether to find out, after the probe, which protocols and which groups of the key exchange the port takes, see
        RV(scan). It needs no certificate and no trust, and does not depend on what Python and OpenSSL can do.
      - Makes up to 17 more connections, each ended as soon as the server has chosen. A server may log each that it
        refuses, as Liberty does with CWWKO0801E, and a network that looks for scans may see one.
    type: bool
    default: false
  timeout: &timeout
    description:
      - Seconds for the whole probe, at most 3600. The lookup of O(host) is not counted; the operating system limits it.
      - Each connection of O(scan) has as many seconds again.
    type: float
    default: 10
  expect: &expect
    description:
      - Outcomes that are welcome. The module fails, with all its results, on any other.
      - They are described at RV(outcome).
    type: list
    elements: str
    choices:
      - ok
      - closed
      - closed_after_handshake
      - expired
      - handshake_failed
      - name_mismatch
      - no_reply
      - not_http
      - not_tls
      - not_yet_valid
      - refused
      - timeout
      - unreachable
      - unresolved
      - untrusted
  expect_status: &expect_status
    description:
      - HTTP statuses that are welcome. The module fails, with all its results, on any other.
      - Without O(expect) there must be an answer. With it, any outcome without an answer is judged by O(expect) alone.
    type: list
    elements: int
  probes:
    description:
      - Many probes, made side by side in one call, at most 16 at a time. Nothing else but O(wait_seconds) goes with it.
      - The task fails when one of them is not as expected, with a sentence for each that is not, and all results.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Its name in sentences and results.
        type: str
        required: true
      host:
        description:
          - As O(host).
        type: str
        required: true
      port:
        description:
          - TCP port.
        type: int
        required: true
      server_name: *server_name
      plain: *plain
      validate_certs: *validate_certs
      ca_content: *ca_content
      ca_path: *ca_path
      client_certificate_content: *client_certificate_content
      client_certificate_path: *client_certificate_path
      client_key_content: *client_key_content
      client_key_path: *client_key_path
      client_key_passphrase: *client_key_passphrase
      min_protocol: *min_protocol
      max_protocol: *max_protocol
      request: *request
      scan: *scan
      timeout: *timeout
      expect: *expect
      expect_status: *expect_status
  wait_seconds:
    description:
      - For how many seconds what is not as expected is repeated on the host, at most 3600.
    type: float
    default: 0
  prefix:
    description:
      - What the name O(probes) begins with for whoever gave them, such as V(zosconnect_), so that sentences name it so.
    type: str
    default: ""
notes:
  - After a change of its TLS configuration Liberty stops and starts its ports once more, even after it has reported
    that the change is done. Give O(wait_seconds) more than 30 seconds before taking the answer for the new
    configuration's.
  - Whether a client certificate was asked for, and the chain of a server, are read from OpenSSL's message trace, a
    part of Python that CPython has had since 3.8. Where it is missing, RV(client_certificate_requested) is null and
    RV(chain_complete) is false.
seealso:
  - module: community.crypto.get_certificate
"""

EXAMPLES = r"""
- name: The port serves the right certificate
  zosconnect.security.tls_probe:
    host: zosconnect.example.com
    port: 5002
    ca_path: /etc/pki/example-ca.pem
    expect: [ok]
  delegate_to: localhost

- name: The client certificate is accepted
  zosconnect.security.tls_probe:
    host: zosconnect.example.com
    port: 5002
    ca_path: /etc/pki/example-ca.pem
    client_certificate_path: /etc/pki/cics1.pem
    client_key_path: /etc/pki/cics1.key
    request:
      path: /zosConnect/apiRequesters
    expect_status: [200]
  delegate_to: localhost

- name: The port answers again after a change
  zosconnect.security.tls_probe:
    host: zosconnect.example.com
    port: 5002
    ca_path: /etc/pki/example-ca.pem
    client_certificate_path: /etc/pki/cics1.pem
    client_key_path: /etc/pki/cics1.key
    expect: [ok]
    wait_seconds: 45
  delegate_to: localhost

- name: Without it the port refuses, in TLS 1.3 after the handshake and in TLS 1.2 during it
  zosconnect.security.tls_probe:
    host: zosconnect.example.com
    port: 5002
    ca_path: /etc/pki/example-ca.pem
    expect: [closed_after_handshake, handshake_failed]
  delegate_to: localhost

- name: Clear text is refused
  zosconnect.security.tls_probe:
    host: zosconnect.example.com
    port: 5002
    plain: true
    expect: [closed, not_http, refused]
  delegate_to: localhost

- name: Two ports in one call
  zosconnect.security.tls_probe:
    probes:
      - name: The port for CICS
        host: zosconnect.example.com
        port: 5002
        ca_path: /etc/pki/example-ca.pem
        expect: [closed_after_handshake, handshake_failed]
      - name: No plain http
        host: zosconnect.example.com
        port: 9080
        plain: true
        expect: [refused]
  delegate_to: localhost

- name: What the port takes
  zosconnect.security.tls_probe:
    host: zosconnect.example.com
    port: 5002
    validate_certs: false
    scan: true
  delegate_to: localhost
  register: seen

- name: Nothing before TLS 1.2
  ansible.builtin.assert:
    that: item.name in ['TLSv1.2', 'TLSv1.3'] or item.accepted is false
  loop: "{{ seen.scan.protocols }}"
  loop_control:
    label: "{{ item.name }}"

- name: TLS 1.1 is refused
  zosconnect.security.tls_probe:
    host: zosconnect.example.com
    port: 5002
    min_protocol: TLSv1.1
    max_protocol: TLSv1.1
    validate_certs: false
    expect: [handshake_failed]
  delegate_to: localhost
"""

RETURN = r"""
probes:
  description: Of each probe its C(name), all of the following, and whether it C(failed).
  type: list
  elements: dict
  returned: with O(probes), instead of all of the following but RV(msg)
outcome:
  description:
    - V(ok), the server answered with HTTP, with whatever status.
    - V(closed), a peer ended a clear-text connection without an answer.
    - V(closed_after_handshake), the handshake looked complete, then the server ended the connection without an answer.
      In TLS 1.3 this is how a missing or untrusted client certificate is refused.
    - V(expired) or V(not_yet_valid), a certificate of the server's chain is out of date.
    - V(handshake_failed), the server ended the handshake with or without an alert, or both sides have nothing in
      common.
    - V(name_mismatch), the server's certificate is made out to other names than O(server_name).
    - V(no_reply), connected, but no whole answer came in time. In TLS 1.3 this does not prove that the server accepted
      the client.
    - V(not_http), the peer answered in something else than HTTP. A TLS port may answer clear text with a TLS alert.
    - V(not_tls), the peer answered the TLS greeting with something else than TLS.
    - V(refused), the connection was refused, as it is where nothing listens.
    - V(timeout), no connection, or no complete handshake, in time.
    - V(unreachable), there is no way to the host.
    - V(unresolved), the name of the host has no address.
    - V(untrusted), the server's certificate is not trusted for another reason, named in RV(verify_error).
  type: str
  returned: without O(probes)
  sample: closed_after_handshake
msg:
  description: The outcome in a sentence; with O(probes) what is not as expected.
  type: str
  returned: without O(probes), and with it on failure
  sample: The server answered with HTTP status 200.
address:
  description: The address that was connected to. Null without a connection.
  type: str
  returned: without O(probes)
  sample: 192.0.2.17
alert:
  description: Name of the TLS alert that the peer sent, as registered with IANA. Null when it sent none.
  type: str
  returned: without O(probes)
  sample: certificate_required
protocol:
  description: The TLS protocol agreed upon. Null when the handshake was not complete.
  type: str
  returned: without O(probes)
  sample: TLSv1.3
cipher:
  description: The cipher suite agreed upon, in OpenSSL's name. Null when the handshake was not complete.
  type: str
  returned: without O(probes)
  sample: TLS_AES_256_GCM_SHA384
verified:
  description:
    - Whether the server's certificate was accepted. Null when it was not judged, because of O(validate_certs) or
      because the handshake failed otherwise.
  type: bool
  returned: without O(probes)
verify_error:
  description: OpenSSL's words for why the server's certificate was not accepted.
  type: str
  returned: without O(probes)
  sample: unable to get local issuer certificate
client_certificate_requested:
  description:
    - Whether the server asked for a client certificate. Null when the handshake ended before that was known, which
      is the case when TLS 1.2 ends over the server's own certificate.
  type: bool
  returned: without O(probes)
peer_certificates:
  description: The certificates that the server sent, its own first, also when they were not accepted.
  type: list
  elements: dict
  returned: without O(probes)
  contains:
    subject:
      description: Name of the holder, as in RFC 4514.
      type: str
      returned: when the certificate can be read
      sample: CN=zosconnect.example.com,O=Example
    issuer:
      description: Name of the issuer, as in RFC 4514.
      type: str
      returned: when the certificate can be read
      sample: CN=Example CA,O=Example
    serial_number:
      description: Serial number in hexadecimal.
      type: str
      returned: when the certificate can be read
      sample: 4f2a1c
    not_before:
      description: Start of validity, ISO 8601 in UTC.
      type: str
      returned: when the certificate can be read
      sample: '2026-01-01T00:00:00Z'
    not_after:
      description: End of validity, ISO 8601 in UTC.
      type: str
      returned: when the certificate can be read
      sample: '2027-01-01T00:00:00Z'
    subject_alt_name:
      description: Alternative names, each with its kind.
      type: list
      elements: str
      returned: when the certificate can be read
      sample: ['DNS:zosconnect.example.com', 'IP:192.0.2.17']
    signature_algorithm:
      description: With what it was signed, in Java's words, or as a dotted number.
      type: str
      returned: when the certificate can be read
      sample: SHA256withRSA
    key_type:
      description: Type of its key, as V(RSA) or V(EC), or a dotted number.
      type: str
      returned: when the certificate can be read
      sample: RSA
    key_size:
      description: Size of its key in bits. Null where the type has but one, and for a curve that is not known here.
      type: int
      returned: when the certificate can be read
      sample: 2048
    fingerprint_sha256:
      description: SHA-256 fingerprint.
      type: str
      returned: without O(probes)
      sample: '5a:1f:...'
    unreadable:
      description: Why the certificate could not be read.
      type: str
      returned: when the certificate cannot be read
chain_complete:
  description:
    - Whether RV(peer_certificates) holds all that the server sent. V(false) when only its own could be had.
      Null when there is none.
  type: bool
  returned: without O(probes)
http:
  description: The answer. Null unless RV(outcome) is V(ok).
  type: dict
  returned: without O(probes)
  contains:
    status:
      description: HTTP status.
      type: int
      sample: 200
    reason:
      description: The status in words.
      type: str
      sample: OK
    headers:
      description: Headers by name in lower case. Values of cookies and tokens are C(********).
      type: dict
    body:
      description:
        - The first 65536 bytes of the body, as text. What its name tells to be a secret, as C(access_token) does, is
          C(********).
      type: str
    body_truncated:
      description: Whether the body was longer, or did not come whole in time.
      type: bool
scan:
  description: What the port takes. Null without O(scan), and where no connection came about.
  type: dict
  returned: without O(probes)
  contains:
    protocols:
      description: TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3, each offered alone.
      type: list
      elements: dict
      contains: &taken
        name:
          description: Name, of a group as IANA and Java have it.
          type: str
          sample: X25519MLKEM768
        accepted:
          description: Whether the server took it. Null where its answer, or none in time, does not tell.
          type: bool
        reason:
          description:
            - Why not. The name of an alert; V(closed), the connection ended without one, which is a refusal too;
              what the server chose instead.
            - Where RV(scan.protocols[].accepted) is null, V(timeout), V(unreachable), V(not_tls), V(damaged) or
              V(too_long), or an answer that does not tell.
          type: str
          sample: handshake_failure
    groups:
      description:
        - The named groups, each offered alone, in TLS 1.3. Where the port does not take it, the elliptic curves in
          TLS 1.2. Empty where it takes neither.
        - X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024, x25519, x448, secp256r1, secp384r1, secp521r1,
          ffdhe2048, ffdhe3072, ffdhe4096, ffdhe6144, ffdhe8192.
        - A server of TLS 1.2 that has a certificate with an elliptic curve is offered that curve too. Where it likes
          it better, nobody knows whether it takes the other.
      type: list
      elements: dict
      contains: *taken
    post_quantum:
      description: Whether one of the groups protects against a quantum computer (ML-KEM). Null when not known.
      type: bool
    msg:
      description: All that in a sentence.
      type: str
      sample: The port takes TLSv1.2, TLSv1.3 with the groups x25519, secp256r1; none of them is post-quantum.
findings:
  description:
    - What is wrong with what the port takes, as M(zosconnect.security.server_config_info) returns findings. Empty
      without RV(scan).
    - C(port-old-protocol) is high; C(key-exchange-classical), no group with ML-KEM, is information.
  type: list
  elements: dict
  returned: without O(probes)
elapsed:
  description: Seconds that the probe took.
  type: float
  returned: without O(probes)
  sample: 0.041
"""
