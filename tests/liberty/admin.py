# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talking to a running Liberty: its REST connector, and the log in which it says what it did."""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from layout import Layout
from testbed import TestBedError

# Liberty restarts all its https ports, the test bed's too, when any ssl or keyStore element changes; 10 s were seen.
SECONDS_FOR_ADMIN = 60.0
SECONDS_BETWEEN_LOOKS = 0.1
NOTIFY = (
    "/IBMJMXConnectorREST/mbeans/WebSphere%3Aservice%3Dcom.ibm.ws.kernel.filemonitor.FileNotificationMBean"
    "/operations/notifyFileChanges"
)
APPLIED = ("CWWKG0017I", "CWWKG0018I")
REFUSED = ("CWWKG0014E", "CWWKG0015E", "CWWKG0105E", "CWWKG0110E", "FFDC1015I")
# A broken drop-in is complained about and the rest applied all the same, so a complaint is not the last word at once.
SECONDS_FOR_SECOND_THOUGHTS = 2.0


class AdminClient:
    """The REST connector on the test bed's own port."""

    def __init__(self, layout: Layout) -> None:
        credentials = json.loads(layout.credentials_file.read_text(encoding="utf-8"))
        self._port = layout.admin_port
        self._tls = ssl.create_default_context(cafile=credentials["ca"])
        self._tls.load_cert_chain(credentials["certificate"], credentials["key"])
        basic = base64.b64encode(f"{credentials['user']}:{credentials['password']}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}

    def config(self, element: str = "", **filters: str) -> list[dict[str, Any]]:
        """The effective instances of an element, as `GET /ibm/api/config/ELEMENT` tells them; all without a name.

        Args:
            element: `zosconnect_apiRequesters`, for instance. Case matters.
            filters: attributes that must have these values.
        """
        query = f"?{urlencode(filters)}" if filters else ""
        answer: list[dict[str, Any]] = self._ask("GET", f"/ibm/api/config/{quote(element)}{query}")
        return answer

    def refresh(
        self, modified: Iterable[Path] = (), *, created: Iterable[Path] = (), deleted: Iterable[Path] = ()
    ) -> None:
        """Tell Liberty which files changed, by its FileNotification MBean; with updateTrigger="mbean" the only way."""
        parameters = []
        for paths in (created, modified, deleted):
            names = [str(path) for path in paths]
            types = ["java.lang.String"] * len(names)
            parameters.append({"value": names, "type": {"className": "java.util.ArrayList", "items": types}})
        self._ask("POST", NOTIFY, {"params": parameters, "signature": ["java.util.Collection"] * 3})

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask until Liberty has an answer: while it starts or changes its ports, it refuses in many ways."""
        deadline = time.monotonic() + SECONDS_FOR_ADMIN
        while True:
            try:
                status, text = self._exchange(method, path, body)
            except (OSError, http.client.HTTPException) as problem:
                status, text = 0, str(problem)
            if status == 200:
                return json.loads(text)
            if status == 404 and "CWWKO1500E" in text:  # no instance of this element
                return []
            if status == 400 or time.monotonic() > deadline:
                raise TestBedError(
                    f"Liberty's REST connector answered {status or 'nothing'} to {method} {path}: {text}"
                )
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _exchange(self, method: str, path: str, body: object) -> tuple[int, str]:
        connection = http.client.HTTPSConnection("localhost", self._port, timeout=30, context=self._tls)
        try:
            connection.request(method, path, json.dumps(body) if body else None, self._headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


@dataclass(frozen=True)
class Update:
    """What Liberty said about a change of its configuration.

    `code` is CWWKG0017I (updated), CWWKG0018I (no functional change), or the first complaint of a refused update.
    """

    code: str
    text: str

    @property
    def applied(self) -> bool:
        """Whether the configuration is now what the files say (drop-ins that Liberty skipped aside)."""
        return self.code in APPLIED


class MessageLog:
    """Liberty's messages.log; a position in it is a number of bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def position(self) -> int:
        """Where it ends now."""
        return self._path.stat().st_size if self._path.exists() else 0

    def since(self, position: int = 0) -> str:
        """What was written from there on."""
        if not self._path.exists():
            return ""
        with self._path.open("rb") as log:
            log.seek(position)
            return log.read().decode("utf-8", "replace")

    def wait_for_update(self, since: int, *, timeout: float) -> Update:
        """Wait until Liberty says what it made of a change; see `Update`.

        Raises:
            TestBedError: it said nothing in time, in seconds.
        """
        deadline = time.monotonic() + timeout
        complained = None
        while time.monotonic() < deadline:
            text = self.since(since)
            done, complaint = _first_code(text, APPLIED), _first_code(text, REFUSED)
            if done:
                return Update(done, text)
            complained = complained or (time.monotonic() if complaint else None)
            if complained and time.monotonic() > complained + SECONDS_FOR_SECOND_THOUGHTS:
                return Update(complaint, text)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        raise TestBedError(f"Liberty did not say in {timeout:.0f} s that it saw a change; see {self._path}.")


def _first_code(text: str, codes: tuple[str, ...]) -> str:
    found = re.search("|".join(codes), text)
    return found.group() if found else ""
