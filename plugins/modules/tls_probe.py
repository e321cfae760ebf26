#!/usr/bin/python
# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tls_probe
short_description: Find out what a TLS port really demands
version_added: 0.1.0
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
    type: str
    required: true
  port:
    description:
      - TCP port.
    type: int
    required: true
  server_name:
    description:
      - The name sent to the server (SNI) and looked for in its certificate.
      - The value of O(host) when not given.
    type: str
  plain:
    description:
      - Speak clear-text HTTP instead of TLS, to prove that a port answers it or refuses it.
      - The options for TLS have no effect then.
    type: bool
    default: false
  validate_certs:
    description:
      - Whether the server's certificate must be trusted, in date, and made out to O(server_name).
      - V(false) is for looking at a server that is not trusted (yet). No password can be sent to it.
    type: bool
    default: true
  ca_content:
    description:
      - PEM text of the certificates to trust. Each of them is an anchor, be it a root or not, as in a Java trust store.
      - Without O(ca_content) and O(ca_path) the trust store of the host on which the module runs is used.
    type: str
  ca_path:
    description:
      - Like O(ca_content), in a file on the host on which the module runs.
    type: path
  client_certificate_content:
    description:
      - PEM text of the client certificate, followed by its chain. It may hold the private key as well and is not
        logged for that reason.
    type: str
  client_certificate_path:
    description:
      - Like O(client_certificate_content), in a file on the host on which the module runs.
    type: path
  client_key_content:
    description:
      - PEM text of the client certificate's private key. For the time of loading it lies in a file with mode V(0600).
      - Prefer O(client_key_path) where the key is on that host already.
    type: str
  client_key_path:
    description:
      - Like O(client_key_content), in a file on the host on which the module runs.
    type: path
  client_key_passphrase:
    description:
      - Passphrase of an encrypted private key.
    type: str
  min_protocol:
    description:
      - The oldest protocol to offer.
      - V(TLSv1.2), or O(max_protocol) where that is older, when not given.
      - V(TLSv1) and V(TLSv1.1) set OpenSSL's security level to 0 for this connection, without which OpenSSL would not
        really offer them. Where its OpenSSL cannot speak a protocol at all the module fails and says so.
    type: str
    choices: [TLSv1, TLSv1.1, TLSv1.2, TLSv1.3]
  max_protocol:
    description:
      - The newest protocol to offer. V(TLSv1.3) when not given.
    type: str
    choices: [TLSv1, TLSv1.1, TLSv1.2, TLSv1.3]
  request:
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
  timeout:
    description:
      - Seconds for the whole probe, at most 3600. The lookup of O(host) is not counted; the operating system limits it.
    type: float
    default: 10
  expect:
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
  expect_status:
    description:
      - HTTP statuses that are welcome. The module fails, with all its results, on any other.
      - Without O(expect) there must be an answer. With it, any outcome without an answer is judged by O(expect) alone.
    type: list
    elements: int
notes:
  - After a change of its TLS configuration Liberty stops and starts its ports once more, even after it has reported
    that the change is done. Repeat the task with C(until), C(retries) and C(delay), for more than 30 seconds, before
    taking the answer for the new configuration's.
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
  delegate_to: localhost
  register: probe
  until: probe.outcome == 'ok'
  retries: 15
  delay: 3

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
outcome:
  description:
    - V(ok), the server answered with HTTP, with whatever status.
    - V(closed), a peer ended a clear-text connection without an answer.
    - V(closed_after_handshake), the handshake looked complete, then the server ended the connection without an answer.
      In TLS 1.3 this is how a missing or untrusted client certificate is refused.
    - V(expired) or V(not_yet_valid), a certificate of the server's chain is out of date.
    - V(handshake_failed), the server ended the handshake with an alert or without a word, or nothing could be agreed.
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
  returned: always
  sample: closed_after_handshake
msg:
  description: The outcome in a sentence.
  type: str
  returned: always
  sample: The server answered with HTTP status 200.
address:
  description: The address that was connected to. Null without a connection.
  type: str
  returned: always
  sample: 192.0.2.17
alert:
  description: Name of the TLS alert that the peer sent, as registered with IANA. Null when it sent none.
  type: str
  returned: always
  sample: certificate_required
protocol:
  description: The TLS protocol agreed upon. Null when the handshake was not complete.
  type: str
  returned: always
  sample: TLSv1.3
cipher:
  description: The cipher suite agreed upon, in OpenSSL's name. Null when the handshake was not complete.
  type: str
  returned: always
  sample: TLS_AES_256_GCM_SHA384
verified:
  description:
    - Whether the server's certificate was accepted. Null when it was not judged, because of O(validate_certs) or
      because the handshake failed otherwise.
  type: bool
  returned: always
verify_error:
  description: OpenSSL's words for why the server's certificate was not accepted.
  type: str
  returned: always
  sample: unable to get local issuer certificate
client_certificate_requested:
  description:
    - Whether the server asked for a client certificate. Null when the handshake ended before that was known, which
      is the case when TLS 1.2 ends over the server's own certificate.
  type: bool
  returned: always
peer_certificates:
  description: The certificates that the server sent, its own first, also when they were not accepted.
  type: list
  elements: dict
  returned: always
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
    fingerprint_sha256:
      description: SHA-256 fingerprint.
      type: str
      returned: always
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
  returned: always
http:
  description: The answer. Null unless RV(outcome) is V(ok).
  type: dict
  returned: always
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
elapsed:
  description: Seconds that the probe took.
  type: float
  returned: always
  sample: 0.041
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.module_utils.probing import OUTCOMES, Report, Wish, probe
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import ProbeError, Request
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import PROTOCOLS, Material, TlsWish
from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_header, named_secrets

# In characters: what is shorter stands in many places that have nothing to do with it.
SHORTEST_TOKEN = 8


def argument_spec() -> dict[str, Any]:
    request = {
        "method": {"type": "str", "default": "GET"},
        "path": {"type": "str", "default": "/"},
        "headers": {"type": "dict", "default": {}},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "body": {"type": "str"},
        "secret_headers": {"type": "dict", "default": {}, "no_log": True},
        "secret_body": {"type": "str", "no_log": True},
    }
    return {
        "host": {"type": "str", "required": True},
        "port": {"type": "int", "required": True},
        "server_name": {"type": "str"},
        "plain": {"type": "bool", "default": False},
        "validate_certs": {"type": "bool", "default": True},
        # With no_log, although it is public: people paste whole bundles.
        "ca_content": {"type": "str", "no_log": True},
        "ca_path": {"type": "path"},
        "client_certificate_content": {"type": "str", "no_log": True},
        "client_certificate_path": {"type": "path"},
        "client_key_content": {"type": "str", "no_log": True},
        "client_key_path": {"type": "path", "no_log": False},
        "client_key_passphrase": {"type": "str", "no_log": True},
        "min_protocol": {"type": "str", "choices": list(PROTOCOLS)},
        "max_protocol": {"type": "str", "choices": list(PROTOCOLS)},
        "request": {"type": "dict", "options": request},
        "timeout": {"type": "float", "default": 10},
        "expect": {"type": "list", "elements": "str", "choices": list(OUTCOMES)},
        "expect_status": {"type": "list", "elements": "int"},
    }


def material(params: dict[str, Any], name: str) -> Material | None:
    for form in ("content", "path"):
        option = f"{name}_{form}"
        if form == "path" and "-----BEGIN" in (params[option] or ""):
            raise ProbeError(f"{option}: is the text of a file and not its path; give it as {name}_content.")
        if params[option] is not None:
            return Material(option=option, **{form: params[option]})
    return None


def wish(params: dict[str, Any], *, scratch: str) -> Wish:
    request = Request(**params["request"]) if params["request"] else Request()
    check(params, request)
    tls = TlsWish(
        server_name=params["server_name"] or params["host"],
        validate=params["validate_certs"],
        ca=material(params, "ca"),
        certificate=material(params, "client_certificate"),
        key=material(params, "client_key"),
        passphrase=params["client_key_passphrase"],
        min_protocol=params["min_protocol"],
        max_protocol=params["max_protocol"],
        scratch=scratch,
    )
    return Wish(
        host=params["host"],
        port=params["port"],
        tls=None if params["plain"] else tls,
        request=request,
        timeout=params["timeout"],
    )


def check(params: dict[str, Any], request: Request) -> None:
    if not 1 <= params["port"] <= 65535:
        raise ProbeError(f"port: {params['port']} is not a TCP port; give one from 1 to 65535.")
    if not 0 < params["timeout"] <= 3600:
        raise ProbeError("timeout must be more than 0 seconds and at most 3600.")
    if not params["host"]:
        raise ProbeError("host is empty: give a name or an address.")
    if "@" in params["host"] or "/" in params["host"]:
        raise ProbeError("host is an address of the web: give the name or the IP address of a host alone.")
    secrets = {name: params[name] for name in ("client_key_content", "client_key_passphrase")}
    for option, value in {**secrets, "request.password": request.password}.items():
        if value == "" and option != "client_key_content":
            raise ProbeError(f"{option}: is empty; give it, or leave the option out.")
        if lost.is_lost(value or ""):
            raise ProbeError(f"{option}: {lost.sentence(value)}")
    for option in ("password", "secret_headers", "secret_body"):
        if getattr(request, option) and (params["plain"] or not params["validate_certs"]):
            reason = (
                "plain would send it readable" if params["plain"] else "validate_certs is false, so anyone may answer"
            )
            raise ProbeError(f"request.{option} is not sent to this server: {reason}.")


def misplaced(params: dict[str, Any]) -> set[str]:
    """Return the secrets in options that are not for secrets: they are refused, but the result holds the options."""
    request = params["request"] or {"headers": {}, "path": "", "body": None}
    texts = (request["path"], request["body"] or "")
    found = {text[start:end] for text in texts for _name, start, end in named_secrets(text)}
    found |= {str(value) for name, value in request["headers"].items() if is_secret_header(name)}
    paths = (params[f"{name}_path"] or "" for name in ("ca", "client_certificate", "client_key"))
    found |= {path for path in paths if "-----BEGIN" in path}
    return found - {""}


def bare_tokens(request: Request) -> set[str]:
    """Return what stands behind the scheme in secret headers, as in "Bearer …": servers show it alone."""
    parts = (str(value).split() for value in request.secret_headers.values())
    return {part[1] for part in parts if len(part) == 2 and len(part[1]) >= SHORTEST_TOKEN}


def complaint(params: dict[str, Any], report: Report) -> str | None:
    """Say what was expected instead, or nothing when the report is welcome."""
    statuses = params["expect_status"]
    outcomes = params["expect"] or (["ok"] if statuses else OUTCOMES)
    if report.outcome not in outcomes:
        return f"{report.msg} The outcome is {report.outcome}, expected was {' or '.join(outcomes)}."
    if statuses and report.http and report.http["status"] not in statuses:
        return f"{report.msg} Expected was {' or '.join(str(status) for status in statuses)}."
    return None


def main() -> None:
    pairs = ("ca", "client_certificate", "client_key")
    module = AnsibleModule(
        argument_spec=argument_spec(),
        mutually_exclusive=[(f"{name}_content", f"{name}_path") for name in pairs],
        supports_check_mode=True,
    )
    try:
        module.no_log_values.update(misplaced(module.params))
        wanted = wish(module.params, scratch=module.tmpdir)
        if wanted.request.basic_token:
            # A server that echoes its request must not bring the password back in this form.
            module.no_log_values.add(wanted.request.basic_token)
        module.no_log_values.update(bare_tokens(wanted.request))
        report = probe(wanted)
    except ProbeError as exc:
        module.fail_json(msg=str(exc))
    failure = complaint(module.params, report)
    result = {**asdict(report), "changed": False}
    if failure:
        module.fail_json(**{**result, "msg": failure})
    module.exit_json(**result)


if __name__ == "__main__":
    main()
