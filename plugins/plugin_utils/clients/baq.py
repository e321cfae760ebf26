# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""IMS and z/OS batch as clients of z/OS Connect: where their programs find the server, and as whom they call.

With zosConnect-2.0 the communication stub reads environment variables (BAQURI and so on), which are set by the
run-time option ENVAR: in a CEEOPTS DD, or in a module made of the macro CEEXOPT (CEEUOPT, CEEROPT). With
zosConnect-3.0 the program itself gives parameters to BAQINIT.

Sources: IBM z/OS Connect, "Configuring a TLS connection from z/OS applications" (BAQPORT is the server's http port if
an AT-TLS inbound policy is defined, else its https port; TLS of the client is always AT-TLS); IBM's sample copybook
BAQHCONC; IBM z/OS Language Environment, "Using the CEEOPTS DD statement" (records of 80 are put together from column 1
to 72, an asterisk in column 1 makes a comment, only the first 3 KB count), "ENVAR" (NAME=value, no equal sign in
either, blanks count), "CEEXOPT coding guidelines" (X in column 72, then column 16, operands of at most 1024
characters, strings in apostrophes, which are doubled inside, as ampersands are).

BAQTIMEOUT is in seconds (APAR PH07028).

UNCONFIRMED: the values of BAQVERBOSE (here those of BAQHAPI-Trace-Verbose).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_name
from ansible_collections.zosconnect.security.plugins.plugin_utils import zos_names
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    fitting,
    host,
    like,
    one_of,
    port,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]

PLACEHOLDER = "<PASSWORD>"
_FEATURES = ("zosConnect-2.0", "zosConnect-3.0")
_TRACE = ("OFF", "ON", "ERROR", "AUDIT", "ALL")
_PORT_KINDS = {"jsse": "https", "attls": "http"}
_OPTIONS_LENGTH = 3072
_RECORD, _COLUMNS = 80, 72
_OPERAND_LENGTH, _MACRO_START, _MACRO_END = 1024, 15, 71

_username = fitting(zos_names.USER)
_number = like(r"[0-9]{1,6}", "a number")
_value = like(r"[ !#-<>-~]{0,1000}", "text without double quotation marks and equal signs")


@dataclass(frozen=True)
class BaqClient:
    """One IMS or batch client. ``identity`` says where the password comes from; it is never here.

    ``timeout`` is in seconds.
    """

    server_tls: str
    feature: str
    program: str
    host: str
    port: int
    identity: str
    username: str | None
    timeout: str | None
    trace: str | None
    variables: Mapping[str, str]
    form: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the stub of zosConnect-2.0 reads, and those that the user added."""
        found = {
            "BAQURI": self.host,
            "BAQPORT": str(self.port),
            "BAQUSERNAME": self.username,
            "BAQPASSWORD": PLACEHOLDER if self.identity == "basic" else None,
            "BAQTIMEOUT": self.timeout,
            "BAQVERBOSE": self.trace,
            **self.variables,
        }
        return {key: value for key, value in found.items() if value is not None}

    @property
    def baqinit(self) -> dict[str, str]:
        """The parameters of BAQINIT (zosConnect-3.0)."""
        found = {
            "BAQHAPI-Server-Host": self.host,
            "BAQHAPI-Server-Port": str(self.port),
            "BAQHAPI-Server-Username": self.username,
            "BAQHAPI-Server-Password": PLACEHOLDER if self.identity == "basic" else None,
            "BAQHAPI-Server-Timeout": self.timeout,
            "BAQHAPI-Trace-Verbose": self.trace,
        }
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True)
class BaqTexts:
    """What hands a client over to those who own its JCL or program.

    ``values`` are variables or parameters by name, ``text`` the same as a text to install (None with zosConnect-3.0,
    whose parameters are set by the program), ``port_kind`` whose port of the server that is, ``notes`` for people.
    """

    port: int
    port_kind: str
    values: dict[str, str]
    text: str | None
    notes: list[str]


def plan(given: object, where: str = "client") -> BaqTexts:
    """Return the texts for a declared client; raise SecurityError with one sentence for the first mistake."""
    item = read(given, where)
    stub = item.feature == "zosConnect-2.0"
    values = item.environment if stub else item.baqinit
    text = _TEXTS[item.form](values) if stub else None
    return BaqTexts(item.port, _PORT_KINDS[item.server_tls], values, text, list(_notes(item)))


def read(given: object, where: str = "client") -> BaqClient:
    """Return the declared client, checked; raise SecurityError with one sentence for the first mistake."""
    reader = Reader(given, where)
    reader.take("caller_tls", _caller_tls)
    server_tls = reader.need("server_tls", one_of(tuple(_PORT_KINDS)))
    feature = reader.need("feature", one_of(_FEATURES))
    reader.take("password", _no_password)
    reader.take("certificate", _no_certificate)
    declared = BaqClient(
        server_tls=server_tls,
        feature=feature,
        program=reader.need("program", one_of(("ims", "batch"))),
        host=reader.need("host", host(255)),
        port=_port(reader, server_tls),
        identity=reader.take("identity", one_of(("passticket", "basic", "none")), "passticket"),
        username=reader.take("username", _username),
        timeout=reader.take("timeout", lambda value, at: _number(str(value), at)),
        trace=reader.take("trace", one_of(_TRACE)),
        variables=reader.take("variables", _variables, {}),
        form=reader.take("form", one_of(tuple(_TEXTS)), "ceeopts"),
    )
    reader.done()
    _check(declared, where)
    return declared


def _caller_tls(given: object, where: str) -> str:
    if given == "cics":
        raise SecurityError(
            f"{where}: cics is for CICS, which does TLS itself; IMS and batch have no TLS but AT-TLS. Set it to attls, "
            "or leave it out."
        )
    return one_of(("attls",))(given, where)


def _no_password(_given: object, where: str) -> str:
    raise SecurityError(
        f"{where}: passwords do not pass through here; the text has a placeholder ({PLACEHOLDER}). Leave it out, and "
        "let the program use a PassTicket if it can."
    )


def _no_certificate(_given: object, where: str) -> str:
    raise SecurityError(
        f"{where}: IMS and batch programs cannot name a certificate; put CertificateLabel into the advanced parameters "
        "of the AT-TLS outbound rule."
    )


def _port(reader: Reader, server_tls: str) -> int:
    """Take the port that counts: http if an inbound rule answers there, else https. The other may be given as well."""
    ports: dict[str, int] = {kind: reader.take(f"{kind}_port", port) for kind in ("http", "https")}
    kind = _PORT_KINDS[server_tls]
    if ports[kind] is None:
        why = "an AT-TLS inbound rule answers at" if kind == "http" else "the server itself does TLS at"
        raise SecurityError(
            f"{reader.where}.{kind}_port: is missing; with server_tls {server_tls} {why} the server's {kind} port, so "
            "that one is BAQPORT."
        )
    if ports["http"] == ports["https"]:
        raise SecurityError(
            f"{reader.where}.http_port: {ports['http']} is https_port as well; a port is one or the other."
        )
    return ports[kind]


def _variables(given: object, where: str) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise SecurityError(f"{where}: must be a mapping of environment variables to values.")
    found = {}
    for key, value in given.items():
        name = like(r"[A-Za-z_][A-Za-z0-9_]{0,254}", "a variable's name: letters, digits and _")(key, where)
        if name.startswith("BAQ"):
            raise SecurityError(f"{where}.{name}: is written from the other keys; leave it out here.")
        if is_secret_name(name):
            raise SecurityError(f"{where}.{name}: looks like a secret, which everybody who reads the text would see.")
        found[name] = _value(value, f"{where}.{name}")
    return found


def _check(item: BaqClient, where: str) -> None:
    if item.identity == "basic" and not item.username:
        raise SecurityError(f"{where}.username: is missing; identity basic needs the user that calls.")
    if item.identity == "none" and item.username:
        raise SecurityError(f"{where}.username: is of no use with identity none; leave it out, or choose passticket.")
    if item.feature == "zosConnect-3.0" and (item.variables or item.form != "ceeopts"):
        key = "variables" if item.variables else "form"
        raise SecurityError(f"{where}.{key}: is for zosConnect-2.0; with zosConnect-3.0 the program calls BAQINIT.")


def ceeopts(values: Mapping[str, str]) -> str:
    """Return the text of a CEEOPTS DD: POSIX(ON), which the stub needs, and the variables.

    Every string begins a record. One that is too long fills its record to column 72 and goes on in column 1 of the
    next, because records are put together without anything between them.
    """
    strings = [f'"{key}={value}"' for key, value in values.items()]
    pieces = ["POSIX(ON),", *_enclosed("ENVAR(", strings, ")")]
    records = [piece[at : at + _COLUMNS] for piece in pieces for at in range(0, len(piece), _COLUMNS)]
    if any(record.startswith("*") for record in records):
        raise SecurityError("client: a value would put an asterisk into column 1, which makes a comment; shorten it.")
    if len(records) * _RECORD > _OPTIONS_LENGTH:
        raise SecurityError(
            f"client: CEEOPTS would have {len(records)} records of {_RECORD}, but only the first {_OPTIONS_LENGTH} "
            "characters count; leave out some of variables."
        )
    return "\n".join(records) + "\n"


def ceexopt(values: Mapping[str, str]) -> str:
    """Return the macro CEEXOPT for CEEUOPT or CEEROPT, with its continuation in column 72."""
    strings = ["'" + re.sub("(['&])", r"\1\1", f"{key}={value}") + "'" for key, value in values.items()]
    operand = list(_enclosed("((", strings, "),OVR)"))
    length = len("".join(operand))
    if length > _OPERAND_LENGTH:
        raise SecurityError(
            f"client: ENVAR of CEEXOPT would have {length} characters, more than {_OPERAND_LENGTH}; leave out some of "
            "variables, or take the form ceeopts."
        )
    width = _MACRO_END - _MACRO_START
    pieces = ["POSIX=((ON),OVR),", f"ENVAR={operand[0]}", *operand[1:]]
    cut = [piece[at : at + width] for piece in pieces for at in range(0, len(piece), width)]
    lines = [f"         CEEXOPT {cut[0]}", *(" " * _MACRO_START + piece for piece in cut[1:])]
    return "\n".join([*(f"{line:<{_MACRO_END}}X" for line in lines[:-1]), lines[-1]]) + "\n"


def _enclosed(start: str, strings: Sequence[str], end: str) -> Iterator[str]:
    """Give strings with commas between them, and what stands before and behind all of them."""
    for number, string in enumerate(strings):
        yield f"{'' if number else start}{string}{',' if number < len(strings) - 1 else end}"


_TEXTS = {"ceeopts": ceeopts, "ceexopt": ceexopt}


def _notes(item: BaqClient) -> Iterator[str]:
    kind = _PORT_KINDS[item.server_tls]
    yield (
        f"The program speaks http to the server's {kind} port {item.port}. Until the stack holds the outbound rule "
        "that is clear text, and nothing fails: install the rule first, and prove it."
    )
    if item.identity == "passticket":
        yield (
            "Let the program get a PassTicket (R_ticketserv, IRRSPK00) for the profilePrefix of the server's "
            "safCredentials, and set it as the password before each call; it lives about ten minutes."
        )
    if item.identity == "basic":
        yield (
            f"{PLACEHOLDER} is a placeholder: whoever installs the text puts the password there, where everybody who "
            "may read it sees it. A PassTicket needs no stored password."
        )
    if item.server_tls == "attls":
        yield "Behind an AT-TLS inbound rule the server sees no client certificate, so nobody logs in with one."
    if item.timeout:
        yield (
            f"The program waits {item.timeout} seconds for the server. The timeouts of the endpoint that the server "
            "calls must be shorter, or the program gives up before it learns what went wrong."
        )
    if item.feature == "zosConnect-2.0":
        yield from _stub_notes(item)


def _stub_notes(item: BaqClient) -> Iterator[str]:
    if item.form == "ceeopts":
        yield "A CEEOPTS DD must be RECFM F or FB; it is ignored under CICS, and for programs started by exec()."
    else:
        yield "A CEEROPT module counts only where CEEROPT(ALL) is in effect; CEEUOPT is bound to the program."
    if item.program == "ims":
        yield "The message processing region needs SBAQLIB in its STEPLIB."
