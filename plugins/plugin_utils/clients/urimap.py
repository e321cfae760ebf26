# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CICS as a client of z/OS Connect: the URIMAP that its programs call through, and the region's TLS parameters.

Sources: IBM CICS TS, "URIMAP attributes" (a client has AUTHENTICATE NO or BASIC, a label of at most 32 characters),
"DFHCSDUP: syntax and command rules" (columns 1 to 71 of 80; an asterisk in column 72 continues a value in column 1 of
the next record; an asterisk in column 1 is a comment), "URIMPDEF resource table" (the external resource name
CICSDefinitionURIMap, host names in lower case), "KEYRING", "MINTLSLEVEL", "MAXTLSLEVEL" and "Migrating to TLS 1.3";
IBM z/OS Connect, "Configuring a TLS connection from CICS".

UNCONFIRMED: that DFHCSDUP takes no parentheses in values (they are refused), that a ring in KEYRING has no blank, and
that MAXTLSLEVEL came with CICS 6.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    boolean,
    host,
    like,
    one_of,
    port,
    protocols,
    release,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]

NAMES = {"zosConnect-2.0": "BAQURIMP", "zosConnect-3.0": "BAQHZCON"}
_ANSWERS = {"jsse": "the server does TLS itself", "attls": "AT-TLS does TLS for the server"}
_LEVELS = {"TLSv1.2": "TLS12", "TLSv1.3": "TLS13"}
_LAST_COLUMN = 71
_INDENT = " " * 7

_name = like("[A-Z0-9@#$]{1,8}", "a name of 1 to 8 of A-Z, 0-9, @, # and $")
# No asterisk: where a value is continued it might come to stand in column 1.
_path = like(r"/[!-'+-~]{0,254}", "a path of at most 255 characters, with / first, no blank, asterisk or parenthesis")
_certificate = like(r"[!-'*-~]([ !-'*-~]{0,30}[!-'*-~])?", "a certificate's label: 1 to 32 characters, no parenthesis")
_description = like(r"[ -'*-~]{1,51}", "at most 51 characters without parentheses, to fit one record")
_ciphers = like(r"[\w.-]{1,24}\.xml|([0-9A-Fa-f]{2}){1,28}", "a file name.xml, or up to 28 codes of two digits")
_ring = like(r"[!-&*-+\--~]{1,47}", "the name of a key ring: 1 to 47 characters without blank, comma and parenthesis")
_time = like(r"[0-9]{1,6}", "hhmmss, or 0 to close the connection after use")


@dataclass(frozen=True)
class Region:
    """What the CICS region needs for TLS of its own."""

    keyring: str
    protocols: tuple[str, ...]
    cics_release: tuple[int, int]
    zos_release: tuple[int, int] | None


@dataclass(frozen=True)
class UriMap:
    """One client URIMAP: who does TLS at either end and whether it asks for a certificate, and the attributes."""

    caller_tls: str
    server_tls: str
    client_certificate: str
    feature: str
    name: str
    group: str
    host: str
    port: int
    path: str
    scheme: str
    certificate: str | None
    authenticate: str
    ciphers: str | None
    socket_close: str | None
    description: str
    outbound_rule: bool
    replace: bool
    region: Region | None

    @property
    def native(self) -> bool:
        """Whether CICS itself does TLS; else an AT-TLS outbound rule does it below."""
        return self.caller_tls == "cics"

    @property
    def title(self) -> str:
        caller = "CICS does TLS" if self.native else "AT-TLS does TLS for CICS"
        shows = " and shows a certificate" if self.certificate else ""
        return f"{caller}{shows}, {_ANSWERS[self.server_tls]}"

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes, in the order in which people read them, but for name and group."""
        found = {
            "DESCRIPTION": self.description,
            "USAGE": "CLIENT",
            "SCHEME": self.scheme,
            "HOST": self.host,
            "PORT": str(self.port),
            "PATH": self.path,
            "CERTIFICATE": self.certificate,
            "CIPHERS": self.ciphers,
            "AUTHENTICATE": self.authenticate,
            "SOCKETCLOSE": self.socket_close,
            "STATUS": "ENABLED",
        }
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True)
class UriMapTexts:
    """What hands a URIMAP over to the CICS team.

    ``dfhcsdup`` is input of DFHCSDUP, ``cmci`` what M(ibm.ibm_zos_cics.cmci_create) takes, ``sit`` system
    initialization parameters (None where CICS does no TLS, or no region is declared), ``notes`` what people must know.
    """

    name: str
    scheme: str
    dfhcsdup: str
    cmci: Json
    sit: str | None
    notes: list[str]


def plan(given: object, where: str = "urimap") -> UriMapTexts:
    """Return the texts for a declared URIMAP; raise SecurityError with one sentence for the first mistake."""
    item = read(given, where)
    region = sit(item, item.region) if item.region else None
    return UriMapTexts(item.name, item.scheme, dfhcsdup(item), cmci(item), region, list(_notes(item)))


def read(given: object, where: str = "urimap") -> UriMap:
    """Return the declared URIMAP, checked; raise SecurityError with one sentence for the first mistake."""
    reader = Reader(given, where)
    caller = reader.need("caller_tls", one_of(("cics", "attls")))
    server = reader.need("server_tls", one_of(("jsse", "attls")))
    feature = reader.need("feature", one_of(tuple(NAMES)))
    declared = UriMap(
        caller_tls=caller,
        server_tls=server,
        client_certificate=reader.take("client_certificate", one_of(("required", "supported", "none")), "none"),
        feature=feature,
        name=reader.take("name", _name, NAMES[feature]),
        group=reader.need("group", _group),
        host=reader.need("host", host(116)),
        port=reader.need("port", port),
        path=reader.take("path", _path, "/"),
        scheme=reader.take("scheme", one_of(("HTTP", "HTTPS")), "HTTPS" if caller == "cics" else "HTTP"),
        certificate=reader.take("certificate", _certificate),
        authenticate=reader.take("authenticate", one_of(("NO", "BASIC", "CERTIFICATE")), "NO"),
        ciphers=reader.take("ciphers", _ciphers),
        socket_close=reader.take("socket_close", _socket_close),
        description=reader.take("description", _description, f"z/OS Connect, caller_tls {caller}, server_tls {server}"),
        outbound_rule=reader.take("outbound_rule", boolean, caller == "attls"),
        replace=reader.take("replace", boolean, False),
        region=reader.take("region", _region),
    )
    reader.done()
    _check_scheme(declared, where)
    _check_credentials(declared, where)
    if declared.region:
        _check_region(declared, declared.region, f"{where}.region")
    return declared


def _group(given: object, where: str) -> str:
    name = _name(given, where)
    if name.startswith("DFH"):
        raise SecurityError(f"{where}: {name!r} begins with DFH, which CICS keeps for itself; choose another group.")
    return name


def _socket_close(given: object, where: str) -> str:
    return _time(str(given) if isinstance(given, int) else given, where)


def _region(given: object, where: str) -> Region:
    reader = Reader(given, where)
    region = Region(
        keyring=reader.need("keyring", _ring),
        protocols=reader.take("protocols", protocols, ("TLSv1.2",)),
        cics_release=reader.need("cics_release", release),
        zos_release=reader.take("zos_release", release),
    )
    reader.done()
    return region


def _check_scheme(item: UriMap, where: str) -> None:
    if item.native and item.scheme == "HTTP":
        raise SecurityError(
            f"{where}.scheme: HTTP contradicts caller_tls cics, where CICS itself does TLS: its requests would leave "
            "in clear. Leave scheme out, or set caller_tls to attls if an AT-TLS outbound rule does TLS."
        )
    if not item.native and item.scheme == "HTTPS":
        raise SecurityError(
            f"{where}.scheme: HTTPS contradicts caller_tls attls, where an AT-TLS outbound rule does TLS: CICS would "
            "shake hands inside it, and fail with DFHSO0123 and return code 410. Leave scheme out; the port stays the "
            "same."
        )
    if item.native and item.outbound_rule:
        raise SecurityError(
            f"{where}.outbound_rule: an AT-TLS outbound rule for this region and port would do TLS once more "
            "(DFHSO0123 and return code 410). Narrow the rule, or set caller_tls to attls."
        )
    if not item.native and not item.outbound_rule:
        raise SecurityError(
            f"{where}.outbound_rule: with caller_tls attls there is no TLS but that of an AT-TLS outbound rule; "
            "without one CICS sends in clear, and nothing fails. Install the rule, or set caller_tls to cics."
        )


def _check_credentials(item: UriMap, where: str) -> None:
    if item.authenticate == "CERTIFICATE":
        raise SecurityError(
            f"{where}.authenticate: CERTIFICATE is a value of TCPIPSERVICE; a client URIMAP has NO or BASIC. Name the "
            "client certificate in certificate, and set client_certificate to required."
        )
    if not item.native and (item.certificate or item.ciphers):
        raise SecurityError(
            f"{where}.{'certificate' if item.certificate else 'ciphers'}: contradicts caller_tls attls, where CICS "
            "speaks http; it belongs into the actions of the AT-TLS outbound rule."
        )
    asked = item.client_certificate != "none"
    if item.native and asked and not item.certificate:
        raise SecurityError(
            f"{where}.certificate: is missing; without it CICS shows the default certificate of its key ring, whosever "
            "that is. Give the label of the client's certificate."
        )
    if item.certificate and not asked:
        raise SecurityError(
            f"{where}.certificate: contradicts client_certificate none, where nobody asks for it. Leave it out, or set "
            "client_certificate to required or supported."
        )


def _check_region(item: UriMap, region: Region, where: str) -> None:
    if not item.native:
        raise SecurityError(
            f"{where}: caller_tls attls leaves TLS to AT-TLS, so KEYRING, MINTLSLEVEL and MAXTLSLEVEL do nothing for "
            "it; leave region out. The region's user ID needs access to the key ring that the rule names."
        )
    if not region.protocols:
        raise SecurityError(f"{where}.protocols: is empty; name TLSv1.2, TLSv1.3 or both.")
    if "TLSv1.3" not in region.protocols:
        return
    if region.cics_release < (6, 1):
        raise SecurityError(
            f"{where}.protocols: TLSv1.3 needs CICS 6.1, and cics_release is {_dotted(region.cics_release)}; leave it "
            "out, or let AT-TLS do TLS (caller_tls attls)."
        )
    if region.zos_release is None or region.zos_release < (2, 4):
        said = _dotted(region.zos_release) if region.zos_release else "not given"
        raise SecurityError(f"{where}.protocols: TLSv1.3 needs z/OS 2.4, and zos_release is {said}.")
    if item.ciphers and not item.ciphers.endswith(".xml"):
        raise SecurityError(
            f"{where}.protocols: TLSv1.3 has ciphers of four digits, which CICS takes from an XML file only; give its "
            "name in ciphers instead of codes."
        )


def _dotted(number: tuple[int, int]) -> str:
    return f"{number[0]}.{number[1]}"


def dfhcsdup(item: UriMap) -> str:
    """Return commands for DFHCSDUP; no record is longer than 72 columns."""
    target = f"URIMAP({item.name}) GROUP({item.group})"
    lines = [f"* {item.title}"]
    if item.replace:
        lines.append(f"DELETE {target}")
    lines.append(f"DEFINE {target}")
    for key, value in item.attributes.items():
        lines += _records(f"{_INDENT}{key}({value})")
    return "\n".join(lines) + "\n"


def _records(text: str) -> Iterator[str]:
    """Cut a record that is too long at column 71, with the continuation character behind it."""
    while len(text) > _LAST_COLUMN:
        yield f"{text[:_LAST_COLUMN]}*"
        text = text[_LAST_COLUMN:]
    yield text


def cmci(item: UriMap) -> Json:
    """Return the arguments of M(ibm.ibm_zos_cics.cmci_create) that say what is created; where is left to the user."""
    return {
        "type": "CICSDefinitionURIMap",
        "create_parameters": [{"name": "csd"}],
        "attributes": {
            "name": item.name,
            "csdgroup": item.group,
            **{key.lower(): value for key, value in item.attributes.items()},
        },
    }


def sit(item: UriMap, region: Region) -> str:
    """Return system initialization parameters for the region, one a line, each with the comma that SYSIN wants."""
    levels = [_LEVELS[protocol] for protocol in region.protocols]
    parameters = {"KEYRING": region.keyring, "MINTLSLEVEL": levels[0]}
    if region.cics_release >= (6, 1):
        parameters["MAXTLSLEVEL"] = levels[-1]
    lines = [f"* {item.title}"]
    return "\n".join([*lines, *(f"{key}={value}," for key, value in parameters.items())]) + "\n"


def _notes(item: UriMap) -> Iterator[str]:
    yield f"DFHCSDUP only defines: install {item.name} with CEDA or CMCI, or put its group into a list of GRPLIST."
    if not item.replace:
        yield "DFHCSDUP refuses to define what is there already; replace removes it first."
    if item.authenticate == "BASIC":
        yield (
            "AUTHENTICATE(BASIC) takes user ID and password from the XWBAUTH exit, so the region needs that exit. Let "
            "it give a PassTicket (EXEC CICS REQUEST PASSTICKET) rather than a stored password; what a program puts on "
            "WEB SEND or WEB CONVERSE is ignored."
        )
    if item.certificate:
        yield (
            f"Every program that calls through {item.name} shows the certificate {item.certificate}, whose user is not "
            "the user of the task."
        )
    if item.certificate and item.server_tls == "attls":
        yield "AT-TLS in front of the server takes the certificate. The server does not see it: nobody logs in with it."
    if item.native and item.region is None:
        yield "The region needs KEYRING, MINTLSLEVEL and MAXTLSLEVEL; declare region to have them checked and written."
    if item.region and "TLSv1.3" in item.region.protocols:
        yield "TLS 1.3 needs ICSF active, and ciphers of four digits in an XML file."
    if not item.native:
        yield (
            f"CICS speaks http to port {item.port}. Until the stack holds the outbound rule that is clear text, and "
            "nothing fails: install the rule first, and prove it."
        )
