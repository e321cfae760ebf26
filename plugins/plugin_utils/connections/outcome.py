# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change needs before it may be carried out, the order to the target, and what came of it, as typed data.

AT-TLS fails open: where no rule is installed, the server would answer in clear on its port. A file is not an installed
policy, so a port that needs one opens only when the stack is shown to hold it.
"""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import members, telling, unfinished
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import change as attls_change
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import installed, stack, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.change import Change, Store
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import Read, connector
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.texts import Text
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import given_file_options, look_of_new
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import change as store_change
from ansible_collections.zosconnect.security.plugins.plugin_utils.operator_commands import CONFIGURATION, KEY_STORES
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import file_change, untold
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.file_change import FileChange

Json = dict[str, Any]

# How a run ended for a host.
UNCHANGED, CHANGED, WOULD_CHANGE = "unchanged", "changed", "would_change"
PENDING, NOT_CONVERGED = "pending", "not_converged"
PUT_BACK, REFUSED, LEFT = "put_back", "refused", "left"
# Before there was a run at all.
FAILED, UNREACHABLE = "failed", "unreachable"


@dataclass(frozen=True)
class Proof:
    """Whether the stack is shown to hold the rules in front of the server's ports; without rules nothing is open."""

    proven: bool = True
    installed: Json | None = None


def proof(made: Change, read: Read, options: Mapping[str, Any]) -> Proof:
    """Return what the evidence shows; SecurityError where it cannot even be looked at."""
    rules = made.planned["inbound"]["rules"]
    if made.planned["state"] == "absent" or not rules:
        return Proof()
    release = statements.release(options["zos_release"], f"{options['prefix']}zos_release")
    texts = stack.read({"stack": made.meant, "common": ""})
    evidence, wanted = _evidence(read, options), options["tcp_stack"] or None
    found = [installed.held(evidence, texts, rule, stack=wanted, release=release) for rule in rules]
    if not evidence.strip() and not read.pasearch:
        why = f"Rule {rules[0]} is not proven: nobody has shown yet what the stack holds."
        found = [installed.Evidence(proven=False, why=why)]
    held = next((one for one in found if not one.proven), found[-1])
    return Proof(held.proven, held.shown())


def check_options(planned: Mapping[str, Any], read: Read, options: Mapping[str, Any]) -> None:
    """Raise SecurityError for what would stop a run half way: said before anything is touched."""
    prefix = options["prefix"]
    rules = planned["inbound"]["rules"] if planned["state"] == "present" else []
    if rules and not str(options["zos_release"] or ""):
        raise SecurityError(
            f"{prefix}zos_release is empty; it is needed to prove that a stack holds an AT-TLS rule as it is meant."
        )
    asked = read.pasearch
    if rules and not options["evidence"] and asked and asked["state"] != "done":
        raise SecurityError(f"{prefix}pasearch: {asked['message']}")
    if planned["server_xml"] and options["refresh"] == "mbean" and read.connector.get("state") == "failed":
        raise SecurityError(f"{prefix}refresh_url: {read.connector['message']}")


def check_reach(options: Mapping[str, Any]) -> None:
    """Raise SecurityError where the server cannot be told, because something about its MBean is not given."""
    for key in ("refresh_url", "refresh_username", "refresh_password") if options["refresh"] == "mbean" else ():
        if not str(options[key] or ""):
            prefix = options["prefix"]
            raise SecurityError(f"{prefix}{key} is empty; with {prefix}refresh mbean it is needed to tell the server.")


def _evidence(read: Read, options: Mapping[str, Any]) -> str:
    if options["evidence"]:
        return str(options["evidence"])
    asked = read.pasearch or {}
    return f"{asked.get('stdout') or ''}{asked.get('stderr') or ''}"


def check_ports(made: Change, read: Read, options: Mapping[str, Any]) -> None:
    """Refuse a new port that somebody has: Liberty does not recover from it, and in the end closes all of its ports."""
    new = _new_endpoints(made)
    for gate in made.planned["gates"]:
        host = gate["listens"] or options["verify_host"]
        address = read.listener(host, gate["port"])
        if gate["connection"] in new and address is not None:
            raise SecurityError(
                f"Port {gate['port']} is taken already: something listens at {address}. Free it, or choose another one."
            )


def _new_endpoints(made: Change) -> set[str]:
    """Return the connections whose endpoint gets another port than it has; one that is closed (-1) is none."""
    return {
        change["identity"]
        for each in made.files
        for change in each.changes
        if change["element"] == "httpEndpoint"
        and change["action"] != "removed"
        and change["attribute"] in (None, "httpPort", "httpsPort")
        and change["after"] != "-1"
    } - {"defaultHttpEndpoint"}


def silent_ports(planned: Mapping[str, Any], read: Read, options: Mapping[str, Any]) -> list[int]:
    """Return the ports of declared connections on which nobody answers."""
    gates = [(gate["listens"] or options["verify_host"], gate["port"]) for gate in planned["gates"]]
    return [port for host, port in gates if read.listener(host, port) is None]


def open_ports(planned: Mapping[str, Any], read: Read, options: Mapping[str, Any]) -> list[int]:
    """Return the ports of connections that are taken away on which something answers still."""
    gates = [(gate["listens"] or options["verify_host"], gate["port"]) for gate in planned["gates"]]
    return [port for host, port in gates if read.listener(host, port) is not None]


def order(
    made: Change, read: Read, options: Mapping[str, Any], host: str, *, parts: Sequence[str], texts: Sequence[Text] = ()
) -> Json:
    """Return the order for one host: of ``parts`` ``texts``, ``stores``, ``policies`` and ``server``, in this order.

    Members of data sets are not in it: the target cannot write them. It holds secrets and new bytes, so it travels as a
    file that only its user can read.
    """
    files = [text.order() for text in texts] if "texts" in parts else []
    secrets: dict[str, str] = {}
    if "stores" in parts:
        for store in made.new_stores:
            secrets[store.wanted["path"]] = store.wanted["password"]
            files.append(_store(store, options))
    if "policies" in parts:
        written = [each for each in made.new_policies(host) if not members.is_data_set(each.wanted["path"])]
        files += [_policy(each.change, options) for each in written]
    server = read.present.server if "server" in parts else None
    if server:
        files += [_file(each, made, options) for each in made.server_files]
    told = refresh(options) if server or "stores" in parts else {"kind": "operator"}
    return {
        "version": 1,
        "journal_dir": _journal(read, files),
        "known_files": sorted(read.present.server.facts) if read.present.server else [],
        "secrets": secrets,
        "files": files,
        "judged": _judged(made, read) if server else [],
        "pending": untold.order(server, told["kind"], _kinds(made)) if server else None,
        "refresh": told,
        "gates": [] if told["kind"] == "operator" else list(_gates(made, options)),
        "verify_seconds": int(options["verify_seconds"]),
        "settle_seconds": None,
    }


def _kinds(made: Change) -> Json:
    """Return what the server has to read again, by path; a new store is read with the configuration that names it."""
    files = [each.file.path for each in made.server_files]
    stores = {store.wanted["path"]: not (files and store.change.file.sha256 is None) for store in made.new_stores}
    found_ = {path: KEY_STORES if is_there else CONFIGURATION for path, is_there in stores.items()}
    return found_ | dict.fromkeys(files, CONFIGURATION)


def settling(read: Read, told: str = telling.OPERATOR) -> Json | None:
    """Return the order that takes away what is noted for the server; ``told`` is how it learned of that."""
    server = read.present.server
    return telling.settling(untold.order(server, told)) if server else None


def _journal(read: Read, files: Sequence[Json]) -> str:
    """Return the directory of the journal: the server's, or that of the first file."""
    if read.present.server:
        return read.present.server.places.server
    return posixpath.dirname(files[0]["real_path"]) if files else ""


def _judged(made: Change, read: Read) -> list[Json]:
    """Return the files by which the change was judged, but for those that it changes."""
    server = read.present.server
    changed = {each.file.path for each in made.server_files}
    judged = server.judged(made.planned["server_xml"]) if server and changed else []
    own = server.places.server if server else None
    return [{**each, "server_dir": own} for each in judged if each["path"] not in changed]


def _common(found: Any, look: Mapping[str, Any], new_mode: str, options: Mapping[str, Any]) -> Json:
    place = found.place()
    return {
        "server_dir": None,
        **place,
        "expected": found.sha256 or "",
        "attributes": given_file_options(look),
        "new_mode": new_mode,
        "backup": options["backup"],
        "validate": None,
    }


def _store(store: Store, options: Mapping[str, Any]) -> Json:
    packed = store.change.pack(store.wanted["password"])
    made = {
        "password": store.wanted["path"],
        "key_password": None,
        "java_home": options["java_home"] or None,
        "pack": base64.b64encode(packed).decode("ascii") if packed else None,
        **store.change.order(),
    }
    return {**_common(store.change.file, store.look, store_change.NEW_MODE, options), "store": made}


def _content(data: bytes) -> Json:
    return {"content": base64.b64encode(data).decode("ascii")}


def _policy(change: attls_change.PolicyChange, options: Mapping[str, Any]) -> Json:
    look = look_of_new(options, "policy") if change.file.data is None else {}
    return {**_common(change.file, look, attls_change.NEW_MODE, options), **_content(change.data)}


def _file(each: FileChange, made: Change, options: Mapping[str, Any]) -> Json:
    look = made.look if each.file.named_in is None else {}
    common = _common(each.file, look, file_change.NEW_MODE, options)
    return {**common, **(_content(each.data) if each.writes else {})}


def _gates(made: Change, options: Mapping[str, Any]) -> Iterator[Json]:
    """Give what each port must show: a reference that Liberty cannot resolve does not close it, it serves another
    certificate and asks for none.
    """
    stores = {store.wanted["path"]: store for store in made.stores}
    new = _new_endpoints(made)
    for gate in made.planned["gates"]:
        asked = None if gate["store"] is None else made.planned["stores"][gate["store"]]["path"]
        store = stores.get(asked)
        yield {
            "title": gate["title"],
            "host": gate["listens"] if gate["plain"] and gate["listens"] else options["verify_host"],
            **{key: gate[key] for key in ("port", "plain", "min_protocol", "max_protocol", "expect")},
            "client_certificate_requested": None if gate["plain"] else gate["client_certificate_requested"],
            "fingerprints": _intended(store, gate["aliases"]) if store else [],
            "store": None,
            "aliases": gate["aliases"],
            # What the server's log calls it.
            "channel": f"{gate['connection']}-ssl" if gate["connection"] in new and not gate["plain"] else None,
        }


def _intended(store: Store, aliases: Sequence[str]) -> list[str]:
    keys = [entry for entry in store.change.entries if entry["kind"] == "PrivateKeyEntry"]
    return [entry["sha256"] for entry in keys if not aliases or entry["alias"] in aliases]


def left_behind(read: Read) -> list[str]:
    """Return the directories where an interrupted run left something to finish; SecurityError where one still runs."""
    return unfinished.directories(read.journals)


def check_stays(read: Read) -> None:
    """Raise SecurityError where what is there goes back with the next run, so that it is nothing to adopt."""
    if unfinished.goes_back(read.journals):
        raise SecurityError(
            f"{' '.join(one['message'] for one in read.journals)} So the server is not described as it is now. Run "
            "again what was interrupted, then adopt the server."
        )


def recovery(directories: Sequence[str], options: Mapping[str, Any]) -> Json:
    """Return the order that finishes or undoes what an interrupted run left."""
    return {"version": 1, "recover": list(directories), "refresh": refresh(options)}


def refresh(options: Mapping[str, Any]) -> Json:
    """Return how the server is told."""
    kind: Json = {"kind": options["refresh"]}
    return kind | (
        {**connector(options), "timeout": int(options["verify_seconds"])} if options["refresh"] == "mbean" else {}
    )
