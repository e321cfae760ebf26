# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof in a real AWX: `make awx-proof`.

Makes the AWX pack twice (the second run must change nothing), launches each template in check mode with credentials that
hold markers, and looks for these in all that the jobs left. Servers of the project's inventory need not be reachable.
In the environment: CONTROLLER_HOST, CONTROLLER_OAUTH_TOKEN, ORGANIZATION, SCM_URL, EE_IMAGE; SCM_BRANCH and
SCM_CREDENTIAL, where there are such. CONTROLLER_VERIFY_SSL=false for an AWX whose certificate nobody knows.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import awx_data
import awx_rules

Json = dict[str, Any]
NEEDED = ("CONTROLLER_HOST", "CONTROLLER_OAUTH_TOKEN", "ORGANIZATION", "SCM_URL", "EE_IMAGE")
OPTIONAL = ("SCM_BRANCH", "SCM_CREDENTIAL")
MARKER = "Proof-Marker-"
SECONDS, PAUSE = 900, 2.0
BEGUN = "playbook_on_play_start"
ANSWER = "proof"  # to what a survey must have and has no default for


class Awx:
    """The REST API of an AWX."""

    def __init__(self, host: str, token: str, *, verify: bool = True) -> None:
        self._host, self._token = host.rstrip("/"), token
        self._tls = ssl.create_default_context()
        if not verify:
            self._tls.check_hostname, self._tls.verify_mode = False, ssl.CERT_NONE

    def ask(self, method: str, path: str, sent: Json | None = None) -> Any:
        """Return what AWX answers; an answer that is no success is an error with AWX's words."""
        url = f"{self._host}{path if path.startswith('/') else f'/api/v2/{path}'}"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if sent is None else json.dumps(sent).encode()
        request = Request(url, data=data, headers=headers, method=method)  # the user's own AWX
        try:
            with urlopen(request, context=self._tls) as answer:
                body = answer.read()
        except HTTPError as e:
            raise SystemExit(f"{method} {path}: {e.code} {e.read().decode(errors='replace')[:500]}") from e
        return json.loads(body) if body else None

    def all(self, path: str) -> Iterator[Json]:
        """Give the objects of all pages of a list."""
        following: str | None = f"{path}{'&' if '?' in path else '?'}page_size=200"
        while following:
            page = self.ask("GET", following)
            yield from page["results"]
            following = page["next"]

    def named(self, resource: str, name: str) -> Json:
        """Return the object of that name."""
        (found,) = [item for item in self.all(f"{resource}/") if item["name"] == name]
        return found


def main() -> int:
    """Prove it; return the exit status."""
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        print(f"Set {', '.join(missing)}: which AWX, and with what (tests/awx/proof.py).")
        return 2
    for run in ("first", "second"):
        said = made()
        print(f"{run} run of awx_pack: {'changed=0' if 'changed=0' in said else 'changed=1'}")
    if "changed=0" not in said:
        print("FAILED: the second run changed something")
        return 1
    verify = os.environ.get("CONTROLLER_VERIFY_SSL", "true").lower() not in ("false", "no", "0")
    awx = Awx(os.environ["CONTROLLER_HOST"], os.environ["CONTROLLER_OAUTH_TOKEN"], verify=verify)
    held = dict(credential(awx, kind) for kind in awx_data.data()["controller_credential_types"])
    try:
        shown = [line for item in awx_data.data()["controller_templates"] for line in launched(awx, item, held)]
    finally:
        for one in held.values():
            awx.ask("DELETE", f"credentials/{one}/")
    print("\n".join(shown) or "each playbook began, and no job showed a secret")
    return 1 if shown else 0


def made() -> str:
    """Run the playbook awx_pack."""
    given = {name.lower(): os.environ[name] for name in (*NEEDED[2:], *OPTIONAL) if os.environ.get(name)}
    command = [sys.executable, "-m", "ansible", "playbook", "zosconnect.security.awx_pack", "-e", json.dumps(given)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(ended.stdout + ended.stderr)
    return ended.stdout


def credential(awx: Awx, kind: Json) -> tuple[int, int]:
    """Make a credential whose secrets are markers; return the ids of its type and of it."""
    organization = awx.named("organizations", os.environ["ORGANIZATION"])["id"]
    number = awx.named("credential_types", kind["name"])["id"]
    secrets = {item["id"]: item.get("secret", False) for item in kind["inputs"]["fields"]}
    inputs = {name: f"{MARKER}{name}" if secret else "proof" for name, secret in secrets.items()}
    sent = {
        "name": f"Proof of {kind['name']}",
        "organization": organization,
        "credential_type": number,
        "inputs": inputs,
    }
    return number, int(awx.ask("POST", "credentials/", sent)["id"])


def launched(awx: Awx, item: Json, held: dict[int, int]) -> Iterator[str]:
    """Launch a template in check mode, wait for its end, and yield a line for each place that shows a marker."""
    spec = item["survey_spec"]
    answers = awx_rules.defaults(spec)
    answers |= {q["variable"]: ANSWER for q in spec.get("spec", ()) if q["required"] and q["variable"] not in answers}
    template = awx.named("job_templates", item["name"])
    # A launch can replace a credential that is attached, by one of the same type, but not leave it out.
    attached = [
        one for one in awx.all(f"job_templates/{template['id']}/credentials/") if one["credential_type"] not in held
    ]
    credentials = [*held.values(), *(one["id"] for one in attached)]
    sent = {"job_type": "check", "diff_mode": True, "credentials": credentials, "extra_vars": answers}
    job = awx.ask("POST", f"job_templates/{template['id']}/launch/", sent)
    began = time.monotonic()
    while job["status"] not in ("successful", "failed", "error", "canceled"):
        if time.monotonic() - began > SECONDS:
            raise SystemExit(f"{item['name']}: job {job['id']} has not ended in {SECONDS} seconds")
        time.sleep(PAUSE)
        job = awx.ask("GET", f"jobs/{job['id']}/")
    print(f"{item['name']}: job {job['id']} {job['status']}")
    left = [job, *awx.all(f"jobs/{job['id']}/job_events/")]
    if not any(place.get("event") == BEGUN for place in left):
        yield f"FAILED: {item['name']}: job {job['id']} ended before its playbook began; its output says why"
    for place in left:
        if MARKER in json.dumps(place):
            yield f"FAILED: {item['name']}: a secret is in {place.get('url', 'an event')}"


if __name__ == "__main__":
    sys.exit(main())
