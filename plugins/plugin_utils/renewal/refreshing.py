# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who must do what, so that new keys and certificates count.

Sources: Open Liberty (keyStore, updateTrigger; observed on 25.0.0.6 and 26.0.0.3), z/OS Communications Server IP
Configuration Guide ("Action refresh": connections keep the old action until they close), CICS TS (PERFORM SSL REBUILD).
Those of the commands stand in ``operator_commands``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import ring_type
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import MBEAN, POLLED, Desired, Ring
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.rings import Raise, is_meant

Json = Mapping[str, Any]
_HARDWARE = ("JCECCARACFKS", "JCEHYBRIDRACFKS")
_TOLD = {
    "store": operator_commands.KEY_STORES,
    "ring": operator_commands.KEY_STORES,
    "configuration": operator_commands.CONFIGURATION,
    "policy": operator_commands.POLICY,
}
OUTAGE = "Liberty closes and opens all its https ports when an ssl element changes; calls are refused for some seconds."


@dataclass(frozen=True)
class Refresh:
    """One thing to do. ``by``: polled (nothing), mbean, operator (``command``), restart, or policy and cics teams.

    ``after`` is what has to be done before by somebody else.
    """

    kind: str
    name: str
    by: str
    text: str
    command: str | None = None
    after: str | None = None
    outage: bool = False

    def shown(self) -> dict[str, Any]:
        return asdict(self)


def store(path: str, key_stores: Sequence[Json], desired: Desired) -> Refresh:
    """Say how a server learns of the new content of a file; ``key_stores`` are the elements that name it."""
    triggers = {str(one["attributes"].get("updateTrigger") or MBEAN) for one in key_stores} or {desired.refresh}
    if "disabled" in triggers:
        why = f"{path}: its keyStore has updateTrigger disabled, so the content counts when the server starts anew."
        return Refresh("store", path, "restart", why)
    if triggers == {POLLED}:
        return Refresh("store", path, POLLED, f"{path}: the server looks for the new content itself.")
    if desired.refresh == MBEAN:
        return Refresh("store", path, MBEAN, f"{path}: the server is told by its FileNotification MBean.")
    command = _keystore_command(desired)
    return Refresh("store", path, "operator", f"{path}: the new content counts after {command}.", command)


def configuration(path: str, trigger: str, desired: Desired) -> Refresh:
    """Say how a server learns of a changed ``ssl`` element, which it answers with an outage."""
    if trigger == POLLED:
        return Refresh("configuration", path, POLLED, f"{path}: the server looks itself. {OUTAGE}", outage=True)
    if desired.refresh == MBEAN:
        what = f"{path}: the server is told by its FileNotification MBean. {OUTAGE}"
        return Refresh("configuration", path, MBEAN, what, outage=True)
    command = operator_commands.command(operator_commands.CONFIGURATION, desired.job_name, desired.version)
    return Refresh("configuration", path, "operator", f"{path}: counts after {command}. {OUTAGE}", command, outage=True)


def ring(changed: Ring, key_stores: Sequence[Json] | None, desired: Desired, after: str | None) -> Iterator[Refresh]:
    """Say who must read a ring again; ``key_stores`` are all of the server, None where no server was looked at."""
    using = [one for one in key_stores or () if _location(one) and is_meant(changed, _location(one) or "")]
    if using or key_stores is None:
        command = _keystore_command(desired)
        doubt = operator_commands.doubt_about_rings(desired.version)
        text = f"ring {changed.title}: tell the server by {command}; polled has no effect on rings."
        text += f" {doubt}." if doubt else ""
        if any(ring_type(str(one["attributes"].get("location"))) in _HARDWARE for one in using):
            text += " A ring with keys in hardware may need the server to start anew."
        yield Refresh("ring", changed.title, "operator", text, command, after)
    for region in changed.cics:
        text = (
            f"ring {changed.title}: CICS region {region} reads it again after PERFORM SSL REBUILD, for its own TLS "
            "only; where AT-TLS does TLS for it, the policy counts."
        )
        yield Refresh("cics", region, "cics", text, operator_commands.REBUILD_CICS, after)


def policy(found: Sequence[Raise], after: str | None) -> Iterator[Refresh]:
    """Say what the Policy Agent needs."""
    for one in found:
        text = (
            f"{one.place}: EnvironmentUserInstance of {one.action.name} goes from {one.before} to {one.after}; it "
            f"counts after {operator_commands.UPDATE_POLICY}, for new connections. Those that are open keep the old "
            f"environment of ring {one.ring.title}."
        )
        yield Refresh("policy", str(one.action.name), "operator", text, operator_commands.UPDATE_POLICY, after)


def to_be_given(refreshes: Sequence[Refresh]) -> list[str]:
    """Return what a console is told of, in words of ``operator_commands.TOLD``, but for what waits for others."""
    now = [one for one in refreshes if one.by == "operator" and not one.after]
    return list(dict.fromkeys(_TOLD[one.kind] for one in now))


def _keystore_command(desired: Desired) -> str:
    return operator_commands.command(operator_commands.KEY_STORES, desired.job_name, desired.version)


def _location(one: Json) -> str | None:
    """Return the ring that a ``keyStore`` element names, as [OWNER]/RING."""
    location = str(one["attributes"].get("location") or "")
    return location.partition("://")[2] if ring_type(location) else None


def rings_of(key_stores: Sequence[Json]) -> Iterator[tuple[str, str]]:
    """Give the rings that ``keyStore`` elements name, each with the id of the element."""
    for one in key_stores:
        written = _location(one)
        if written:
            yield written, str(one["id"])
