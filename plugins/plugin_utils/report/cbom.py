# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as a cryptographic bill of materials, CycloneDX 1.7: certificates, keys, algorithms, protocols.

Each asset says where it stands (``evidence.occurrences``), and whether a quantum computer would break it:
``zosconnect.security:quantum-vulnerable`` is ``true``, ``false`` or ``unknown``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import algorithms
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.algorithms import Algorithm
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    Certificate,
    Place,
    Port,
    Probe,
    Server,
    Site,
    Ssl,
)

Json = dict[str, Any]
_OURS = "zosconnect.security"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/zosconnect/security")
_VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "SSLv3")


def render(site: Site) -> str:
    """Return the text. Its serial number follows from what is in it, and not from the time."""
    bill = _Bill()
    for server in site.servers:
        bill.add(server)
    content = {"components": list(bill.components.values()), "dependencies": bill.dependencies()}
    serial = uuid.uuid5(_NAMESPACE, json.dumps(content))
    timestamp = {"timestamp": site.time} if site.is_dated else {}
    tool = {"type": "application", "name": _OURS, "version": site.collection_version}
    told = {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {**timestamp, "tools": {"components": [tool]}},
        **content,
    }
    return json.dumps(told, indent=1) + "\n"


class _Bill:
    """Components by reference: an algorithm, or a certificate that several stores hold, is one component."""

    def __init__(self) -> None:
        self.components: dict[str, Json] = {}
        self._needs: dict[str, dict[str, None]] = {}
        self._places: set[tuple[str, str, Place]] = set()
        self._host = ""

    def dependencies(self) -> list[Json]:
        return [{"ref": ref, "dependsOn": list(needed)} for ref, needed in self._needs.items() if needed]

    def add(self, server: Server) -> None:
        ref, self._host = f"server:{server.host}", server.host
        self._put(ref, _server(server))
        for certificate in server.certificates:
            self._need(ref, self._certificate(certificate))
        for ssl in server.ssl:
            self._need(ref, *self._ssl(server, ssl))
        for port in server.ports:
            if port.protection == "attls":
                self._need(ref, self._protocol(f"attls:{server.host}:{port.number}", _attls(port), port.place))
        for probe in server.probes:
            self._need(ref, *self._probe(server, probe))

    def _put(self, ref: str, component: Json) -> Json:
        return self.components.setdefault(ref, {**component, "bom-ref": ref})

    def _need(self, ref: str, *needed: str) -> None:
        self._needs.setdefault(ref, {}).update(dict.fromkeys(needed))

    def _seen(self, ref: str, place: Place) -> None:
        """Say of a component where it stands on the server that is looked at."""
        if (ref, self._host, place) in self._places:
            return
        self._places.add((ref, self._host, place))
        occurrence: Json = {"location": place.source, "additionalContext": self._host}
        if place.line is not None:
            occurrence["line"] = place.line
        if place.entry:
            occurrence["symbol"] = place.entry
        self.components[ref].setdefault("evidence", {"occurrences": []})["occurrences"].append(occurrence)

    def _algorithm(self, algorithm: Algorithm, place: Place | None = None) -> str:
        ref = f"algorithm:{algorithm.name}"
        self._put(ref, _asset(algorithm.name, "algorithm", algorithm.properties, vulnerable=algorithm.vulnerable))
        if place:
            self._seen(ref, place)
        return ref

    def _certificate(self, one: Certificate) -> str:
        ref = f"certificate:{one.fingerprint or f'{self._host}:{one.place}'}"
        key, signature = algorithms.of_key(one.key, one.size), algorithms.of_signature(one.signature)
        vulnerable = _any_vulnerable(each for each in (key, signature) if each)
        related = []
        if signature:
            related.append({"type": "algorithm", "ref": self._algorithm(signature, one.place)})
        if key:
            related.append({"type": "publicKey", "ref": self._key(ref, one, key)})
        facts = {**_certificate(one), **({"relatedCryptographicAssets": related} if related else {})}
        component = _asset(one.subject or one.alias, "certificate", facts, vulnerable=vulnerable)
        self._put(ref, component)
        for place in (one.place, *one.elements):
            self._seen(ref, place)
        self._need(ref, *(each["ref"] for each in related))
        return ref

    def _key(self, certificate: str, one: Certificate, algorithm: Algorithm) -> str:
        ref = f"key:{certificate}"
        by = self._algorithm(algorithm, one.place)
        facts: Json = {"type": "public-key", "relatedCryptographicAssets": [{"type": "algorithm", "ref": by}]}
        if one.size is not None:
            facts["size"] = one.size
        named = f"public key of {one.subject or one.alias}"
        self._put(ref, _asset(named, "related-crypto-material", facts, vulnerable=algorithm.vulnerable))
        self._seen(ref, one.place)
        self._need(ref, by)
        return ref

    def _ssl(self, server: Server, ssl: Ssl) -> Iterator[str]:
        """Add a protocol for each version that an SSL configuration names, or one without a version."""
        named: list[str | None] = [each for each in (ssl.protocols or "").split(",") if each in _VERSIONS]
        for version in named or [None]:
            suites = [each for each in ssl.suites if version is None or version in ciphers.protocols(each)]
            facts: Json = {"type": "tls", "cipherSuites": [self._suite(each, ssl.place) for each in suites]}
            if version:
                facts["version"] = _number(version)
            name = f"{version or 'TLS'} of <ssl id={ssl.id!r}>"
            component = _asset(name, "protocol", facts, vulnerable=_protocol_vulnerable(version, ()))
            yield self._protocol(f"tls:{server.host}:{ssl.id}:{version or 'default'}", component, ssl.place)

    def _protocol(self, ref: str, component: Json, place: Place) -> str:
        self._put(ref, component)
        self._seen(ref, place)
        suites = component["cryptoProperties"]["protocolProperties"].get("cipherSuites", ())
        self._need(ref, *(each for suite in suites for each in suite.get("algorithms", ())))
        return ref

    def _suite(self, name: str, place: Place) -> Json:
        used = [self._algorithm(each, place) for each in algorithms.of_suite(name)]
        return {"name": name, **({"algorithms": used} if used else {})}

    def _probe(self, server: Server, probe: Probe) -> Iterator[str]:
        """Add a protocol for each version that a port takes, the one agreed upon with its suite."""
        place = Place(f"probe {probe.name}".strip())
        agreed = (probe.protocol,) if probe.protocol else ()
        for version in dict.fromkeys((*probe.protocols, *agreed)):
            groups = probe.groups if version == "TLSv1.3" else ()
            suite: Json = {"name": probe.cipher} if version == probe.protocol and probe.cipher else {}
            if groups:
                used = [self._algorithm(algorithms.of_group(name), place) for name in groups]
                suite |= {"tlsGroups": list(groups), "algorithms": used}
            facts: Json = {"type": "tls", "version": _number(version), "cipherSuites": [suite] if suite else []}
            vulnerable = _protocol_vulnerable(version, groups)
            component = _asset(f"{version} seen by {place.source}", "protocol", facts, vulnerable=vulnerable)
            yield self._protocol(f"seen:{server.host}:{probe.name}:{version}", component, place)


def _server(server: Server) -> Json:
    told = [("host", server.host), ("state", server.state), ("verdict", server.verdict)]
    told += [("finding", f"{one.severity} {one.id} {one.place}") for one in server.findings]
    return {
        "type": "application",
        "name": server.server_dir.rpartition("/")[2] or server.host,
        "properties": [{"name": f"{_OURS}:{name}", "value": value} for name, value in told],
    }


def _asset(name: str, kind: str, facts: Json, *, vulnerable: bool | None) -> Json:
    word = "unknown" if vulnerable is None else str(vulnerable).lower()
    field = {"related-crypto-material": "relatedCryptoMaterialProperties"}.get(kind, f"{kind}Properties")
    return {
        "type": "cryptographic-asset",
        "name": name,
        "cryptoProperties": {"assetType": kind, field: facts},
        "properties": [{"name": f"{_OURS}:quantum-vulnerable", "value": word}],
    }


def _certificate(one: Certificate) -> Json:
    facts: Json = {
        "serialNumber": one.serial,
        "subjectName": one.subject,
        "issuerName": one.issuer,
        "notValidBefore": one.not_before,
        "notValidAfter": one.not_after,
    }
    facts = {name: value for name, value in facts.items() if value}
    if one.fingerprint:
        facts["fingerprint"] = {"alg": "SHA-256", "content": one.fingerprint.replace(":", "")}
    if one.names:
        names = {"commonExtensionName": "subjectAlternativeName", "commonExtensionValue": ", ".join(one.names)}
        facts["certificateExtensions"] = [names]
    return {**facts, "certificateFormat": "X.509"}


def _attls(port: Port) -> Json:
    return _asset(f"AT-TLS of port {port.number}", "protocol", {"type": "tls"}, vulnerable=None)


def _number(version: str) -> str:
    return version.removeprefix("TLSv").removeprefix("SSLv")


def _any_vulnerable(found: Iterable[Algorithm]) -> bool | None:
    """Say whether one is; without any, or with one that is not known, nobody can say that none is."""
    answers = {each.vulnerable for each in found}
    return True if True in answers else None if None in answers or not answers else False


def _protocol_vulnerable(version: str | None, groups: Iterable[str]) -> bool | None:
    """Say whether a key exchange can be broken: only TLS 1.3 has groups that cannot, and only if all are such."""
    if version is not None and version != "TLSv1.3":
        return True
    return _any_vulnerable(algorithms.of_group(name) for name in groups)
