# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that somebody else set up: it is adopted, one word is changed, and only that changes; then it is undone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from calls import REFUSED, USER, Call, Proof
from launcher import Liberty
from pki import write_private

HOST = "zceesrv1"
ASKS_NOBODY, ASKS_EVERYBODY = "client_certificate: none", "client_certificate: required"
_CALL = partial(Call, port="adopted", host="127.0.0.1")
# What callers meet before the word is changed and after it is undone, and in between.
BEFORE = (_CALL("adopted: a caller with a password gets in", {"status": 200, "user": USER}, password=True),)
AFTER = (
    _CALL("adopted: now nobody without a certificate does", {"outcome": REFUSED}, password=True),
    _CALL("adopted: a caller with one does", {"status": 200, "auth_type": "CLIENT_CERT"}, certificate="mapped"),
)


@dataclass(frozen=True)
class Adopted:
    """The server, and the files with which its users work: an inventory, the adopted declaration.

    Attributes:
        folder: for these files.
    """

    server: Liberty
    folder: Path

    @property
    def inventory(self) -> Path:
        """One host, how its server is told, and nothing about connections."""
        return self.folder / "inventory.json"

    @property
    def declaration(self) -> Path:
        """Where the adopted declaration goes, so that Ansible reads it with the inventory."""
        return self.folder / "host_vars" / HOST / "connections.yml"

    @property
    def state(self) -> dict[str, bytes]:
        """Every file of the server that the collection might touch."""
        home = self.server.server_dir
        files = [*home.glob("*.xml"), *home.glob("*.properties"), *(home / "resources").rglob("*.p12")]
        files += (home / "configDropins").rglob("*.xml")
        return {str(path): path.read_bytes() for path in sorted(files)}

    def write_inventory(self) -> None:
        """Write the inventory."""
        login = json.loads(self.server.layout.credentials_file.read_text(encoding="utf-8"))
        told = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "zosconnect_server_dir": str(self.server.server_dir),
            "connections_refresh": "mbean",
            "connections_refresh_url": self.server.layout.admin_url,
            "connections_refresh_username": login["user"],
            "connections_refresh_password": login["password"],
            "connections_refresh_ca": Path(login["ca"]).read_text(encoding="utf-8"),
        }
        self.declaration.parent.mkdir(parents=True, exist_ok=True)
        write_private(self.inventory, json.dumps({"zosconnect_servers": {"hosts": {HOST: told}}}))

    def change_one_word(self) -> bool:
        """Demand client certificates; say whether that was one word of the file."""
        text = self.declaration.read_text(encoding="utf-8")
        self.declaration.write_text(text.replace(ASKS_NOBODY, ASKS_EVERYBODY), encoding="utf-8")
        return text.count(ASKS_NOBODY) == 1


def restore_file(output: str) -> str | None:
    """Return the file that a run named as what undoes it."""
    found: list[str] = re.findall(r"-e @(\S+\.yml)", output)
    return found[-1] if found else None


def told(output: str) -> list[str]:
    """Return the lines in which a playbook said what became of the server."""
    said = re.findall(r'"msg": \[\n(.*?)\n\s*\]', output, re.DOTALL)
    return [str(json.loads(line.rstrip(","))) for line in (said[-1].splitlines() if said else [])]


def same(claim: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Proof:
    """The claim that no file is another."""
    other = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    return Proof(f"adopted: {claim}", ", ".join(other) or f"{len(after)} files have the same bytes", not other)


def one_line(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Proof:
    """The claim that one line of one file is another one."""
    lines = [
        line.strip()
        for path, data in after.items()
        for line in data.decode("utf-8", "replace").splitlines()
        if line not in before[path].decode("utf-8", "replace").splitlines()
    ]
    is_it = len(lines) == 1 and 'clientAuthentication="true"' in lines[0]
    return Proof("adopted: one line is changed, for one word", " | ".join(lines), is_it)
