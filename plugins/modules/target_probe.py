#!/usr/bin/python
# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_probe
short_description: "Internal: probes ports"
version_added: 1.0.0
author:
  - The zosconnect.security contributors (@zosconnect)
description:
  - Used by the other modules of this collection; there is no need to call it in a playbook.
  - Makes many connections side by side, repeats those that are not as wanted, and reports what happened. It only looks.
attributes:
  check_mode:
    support: full
    description: Only looks, so it does the same in check mode.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  order:
    description:
      - A file on the target that only its user can read, as JSON, because it may hold keys and passwords.
      - Its C(probes) are options of M(zosconnect.security.tls_probe) each; C(expect), C(expect_status),
        C(expect_client_certificate_requested) and C(expect_text) say what is wanted, C(names) how sentences name the
        options.
      - Its C(wait_seconds) say for how long those that are not as wanted are repeated.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: What other modules do
  zosconnect.security.target_probe:
    order: /tmp/ansible-x/order.json
"""

RETURN = r"""
probes:
  description: Of each probe what M(zosconnect.security.tls_probe) returns, and C(differences) from what was wanted.
  type: list
  elements: dict
  returned: unless a probe is itself at fault
fault:
  description: The number of the first probe that is itself at fault, and the sentence that says why.
  type: dict
  returned: when a probe is itself at fault
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zosconnect.security.plugins.module_utils import lost, probing_many, reading
from ansible_collections.zosconnect.security.plugins.module_utils.probing import Probe
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import ProbeError, Request
from ansible_collections.zosconnect.security.plugins.module_utils.probing_many import Wanted
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import (
    Material,
    TlsMaterial,
    whole_path,
)
from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_header, named_secrets

# In characters: what is shorter stands in many places that have nothing to do with it.
SHORTEST_TOKEN = 8
# Public they are, but people paste whole bundles into them.
SECRET_OPTIONS = ("ca_content", "client_certificate_content", "client_key_content", "client_key_passphrase")

Json = Mapping[str, Any]


def material(given: Json, name: str) -> Material | None:
    for form in ("content", "path"):
        option = f"{name}_{form}"
        value = given.get(option)
        if form == "path" and "-----BEGIN" in (value or ""):
            raise ProbeError(f"{option}: is the text of a file and not its path; give it as {name}_content.")
        if value is not None:
            return Material(option=named(given, option), **{form: value if form == "content" else whole_path(value)})
    return None


def named(given: Json, option: str) -> str:
    """Return the name by which the user knows an option."""
    return str(given.get("names", {}).get(option, option))


def request_of(given: Json) -> Request:
    return Request(**given["request"]) if given.get("request") else Request()


def want(given: Json, *, scratch: str) -> Probe:
    request = request_of(given)
    check(given, request)
    tls = TlsMaterial(
        server_name=given.get("server_name") or given["host"],
        validate=given.get("validate_certs", True),
        ca=material(given, "ca"),
        certificate=material(given, "client_certificate"),
        key=material(given, "client_key"),
        passphrase=given.get("client_key_passphrase"),
        passphrase_option=named(given, "client_key_passphrase"),
        min_protocol=given.get("min_protocol"),
        max_protocol=given.get("max_protocol"),
        scratch=scratch,
    )
    return Probe(
        host=given["host"],
        port=given["port"],
        tls=None if given.get("plain") else tls,
        request=request,
        timeout=given.get("timeout", Probe.timeout),
        scan=given.get("scan", False),
    )


def check(given: Json, request: Request) -> None:
    if not 1 <= given["port"] <= 65535:
        raise ProbeError(f"port: {given['port']} is not a TCP port; give one from 1 to 65535.")
    if not 0 < given.get("timeout", Probe.timeout) <= 3600:
        raise ProbeError("timeout must be more than 0 seconds and at most 3600.")
    if not given["host"]:
        raise ProbeError("host is empty: give a name or an address.")
    if "@" in given["host"] or "/" in given["host"]:
        raise ProbeError("host is an address of the web: give the name or the IP address of a host alone.")
    if given.get("scan") and given.get("plain"):
        raise ProbeError("scan is about TLS and plain about clear text: leave one of them out.")
    secrets = {name: given.get(name) for name in ("client_key_content", "client_key_passphrase")}
    for option, value in {**secrets, "request.password": request.password}.items():
        if value == "" and option != "client_key_content":
            raise ProbeError(f"{named(given, option)}: is empty; give it, or leave the option out.")
        if lost.is_lost(value or ""):
            raise ProbeError(f"{named(given, option)}: {lost.sentence(str(value))}")
    for option in ("password", "secret_headers", "secret_body"):
        if getattr(request, option) and (given.get("plain") or not given.get("validate_certs", True)):
            reason = (
                "plain would send it readable"
                if given.get("plain")
                else "validate_certs is false, so anyone may answer"
            )
            raise ProbeError(f"request.{option} is not sent to this server: {reason}.")


def misplaced(given: Json) -> set[str]:
    """Return the secrets in options that are not for secrets: they are refused, and a sentence must not hold them."""
    request = request_of(given)
    texts = (request.path, request.body or "")
    found = {text[start:end] for text in texts for _name, start, end in named_secrets(text)}
    found |= {str(value) for name, value in request.headers.items() if is_secret_header(name)}
    paths = (given.get(f"{name}_path") or "" for name in ("ca", "client_certificate", "client_key"))
    return found | {path for path in paths if "-----BEGIN" in path}


def bare_tokens(request: Request) -> set[str]:
    """Return what stands behind the scheme in secret headers, as in "Bearer …": servers show it alone."""
    parts = (str(value).split() for value in request.secret_headers.values())
    return {part[1] for part in parts if len(part) == 2 and len(part[1]) >= SHORTEST_TOKEN}


def secrets_of(given: Json) -> set[str]:
    """Return what a server may echo and no result may hold."""
    request = request_of(given)
    found = {given.get(name) for name in SECRET_OPTIONS} | misplaced(given) | bare_tokens(request)
    found |= {str(value) for value in request.secret_headers.values()}
    # The credentials as they travel as well: a server that echoes its request must not bring them back.
    found |= {request.password, request.secret_body, request.basic_token}
    return {secret for secret in found if secret}


def wanted(given: Json) -> Wanted:
    statuses = tuple(given.get("expect_status") or ())
    return Wanted(
        outcomes=tuple(given.get("expect") or (["ok"] if statuses else ())),
        statuses=statuses,
        client_certificate_requested=given.get("expect_client_certificate_requested"),
        text=given.get("expect_text") or "",
    )


def main() -> None:
    module = AnsibleModule(argument_spec={"order": {"type": "path", "required": True}}, supports_check_mode=True)
    order = json.loads(reading.read_private(module.params["order"]))
    questions = []
    for number, given in enumerate(order["probes"]):
        try:
            module.no_log_values.update(secrets_of(given))
            questions.append((want(given, scratch=module.tmpdir), wanted(given)))
        except ProbeError as exc:
            module.exit_json(fault={"number": number, "sentence": str(exc)})
    try:
        reports = probing_many.watch(questions, seconds=order.get("wait_seconds") or 0)
    except ProbeError as exc:
        module.exit_json(fault={"number": exc.number, "sentence": str(exc)})
    probing_many.scan([probe for probe, _wanted in questions], reports)
    seen = [
        {**asdict(report), "differences": probing_many.differences(report, want_)}
        for report, (_probe, want_) in zip(reports, questions)
    ]
    module.exit_json(changed=False, probes=seen)


if __name__ == "__main__":
    main()
