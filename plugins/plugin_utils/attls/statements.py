# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of AT-TLS statements: one entry a statement, read by all that parses, renders or checks policies.

A statement is a name, what people call it, and one line a parameter: ``name type [default] [flags]``; a default of
``-`` means none. A default may depend on the release: ``On,3.2:Off`` is On, and Off from 3.2 on.

Types: ``A|B|C`` (options; ``C@3.1`` came with that release), ``integer[low..high]``, ``address`` (All, one address,
address/prefix, address-address), ``host`` (one address), ``prefix`` (address/prefix), ``range`` (address-address),
``ports`` (n, n-m, n:m or n m), ``job`` and ``user`` (a name of up to eight characters, with or without * at its end),
``word(n)`` (up to n characters without a blank), ``label(n)`` (the rest of the line), ``secret(n)``, ``ciphers2``
``ciphers`` ``ciphers4`` (names, or codes of 1, 2, 4 digits), ``codes`` (names, or codes of 4 digits),
``ref(STATEMENT)``.
``block`` stands for two lines: the statement of that name in place, and its name with Ref behind it.

Flags: ``required``; ``repeats`` (may stand several times, all count); ``since=2.4`` (the first release that has it);
``apars=A,B`` (that release has it with the fixes of these APARs, later ones have it without); ``surely=3.2`` (sources
contradict each other about releases before that one); ``one=GROUP`` (only one of the group may stand there).

Sources: IBM z/OS Communications Server IP Configuration Reference, "AT-TLS policy statements" of V2R1, 2.3, 2.4, 2.5,
3.1 and 3.2, and "General syntax rules for Policy Agent" of 3.1. Those pages could only be read in part. What is not
from them but from public samples and a third party's reading of the 2.5 reference is marked (T). Defaults of 3.2: N.
Ramanjulu, "AT-TLS and System SSL Defaults in z/OS 3.2", IBM Community, 2025. APARs: z/OS 2.5.0 "AT-TLS currency with
System SSL with APAR PH49284", support page 7147974.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import names as listed
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

RELEASES = ("2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2")
OLDEST, NEWEST = RELEASES[0], RELEASES[-1]
# What System SSL offers where a policy names no ciphers; of older releases the list is not known. It has none for 1.3.
DEFAULT_CIPHERS = {"3.2": ("C030", "C02C", "C02F", "C02B")}
PROTOCOLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
NAME_LENGTH = 32
_SIZED = re.compile(r"(word|label|secret)\((\d+)\)")
_INTEGER = re.compile(r"integer\[(\d+)\.\.(\d+)\]")
_REFERENCE = re.compile(r"ref\((\w+)\)")
_APAR = re.compile(r"[A-Z]{2}[0-9]{5}")


@dataclass(frozen=True)
class Level:
    """A level of z/OS: the release, None where nobody said it, and the APARs whose fixes are on it."""

    release: str | None = None
    apars: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ParameterType:
    """One parameter of a statement. ``kind`` is the type's word, the other fields its details.

    ``defaults`` are (first release, value); ``options`` map each value to the release that brought it. ``kind`` is
    ``block`` for a statement that may stand in place, ``ref`` for a reference; ``target`` is the statement meant.
    """

    name: str
    kind: str
    defaults: tuple[tuple[str, str], ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    low: int = 0
    high: int = 0
    target: str | None = None
    required: bool = False
    repeats: bool = False
    since: str = OLDEST
    apars: tuple[str, ...] = ()
    surely: str | None = None
    one: str | None = None

    @property
    def secret(self) -> bool:
        return self.kind == "secret"

    @property
    def whole_line(self) -> bool:
        """Whether the value is the rest of the line; of other values only the first word counts."""
        return self.kind in ("label", "text", "secret")

    def default(self, release: str | None) -> str | None:
        """Return the value that holds where none is written; None where there is none.

        Without a release it is None as well where releases differ.
        """
        if release is None:
            found = {value for _first, value in self.defaults}
            return found.pop() if len(found) == 1 else None
        return next((value for first, value in reversed(self.defaults) if not older(release, first)), None)

    def exists(self, level: Level) -> bool:
        """Say whether a level of z/OS has the parameter; where nobody knows the release, it has."""
        if level.release is None or older(self.since, level.release):
            return True
        return level.release == self.since and set(self.apars) <= level.apars

    def doubted(self, level: Level) -> bool:
        """Say whether sources contradict each other about the parameter at this level."""
        return bool(self.surely and level.release and older(level.release, self.surely))


@dataclass(frozen=True)
class StatementType:
    """One statement. Parameters are kept by their names in lower case, because keywords have no case."""

    name: str
    title: str
    parameters: dict[str, ParameterType]

    def parameter(self, keyword: str) -> ParameterType | None:
        return self.parameters.get(keyword.lower())

    @property
    def groups(self) -> dict[str, list[ParameterType]]:
        """The parameters of which only one may stand there, by group."""
        found: dict[str, list[ParameterType]] = {}
        for parameter in self.parameters.values():
            if parameter.one:
                found.setdefault(parameter.one, []).append(parameter)
        return found


def release_key(release: str) -> tuple[int, ...]:
    """Return what releases are ordered by: 2.5 comes before 3.1."""
    return tuple(int(part) for part in release.split("."))


def older(release: str, than: str) -> bool:
    """Say whether ``release`` came before ``than``."""
    return release_key(release) < release_key(than)


def release(given: object, where: str) -> str:
    """Return a release of z/OS that the table knows; YAML may have made a number of it.

    Raises SecurityError with the list for another one: what it has, nobody here knows.
    """
    if str(given) in RELEASES and not isinstance(given, bool):
        return str(given)
    if given in (None, ""):
        raise SecurityError(f"{where}: is missing; give the release of z/OS, one of {', '.join(RELEASES)}.")
    raise SecurityError(f"{where}: {shown(given)} is not a release of z/OS that is known here: {', '.join(RELEASES)}.")


def level(zos_release: object, zos_apars: object, where: tuple[str, str] = ("zos_release", "zos_apars")) -> Level:
    """Return the level of z/OS that a user gives; ``where`` are the names of the two options.

    Raises SecurityError for an unknown release, and for what is no APAR number. An empty release is none.
    """
    known = release(zos_release, where[0]) if zos_release not in (None, "") else None
    # Ansible splits a text at its commas, and leaves the blanks behind them.
    apars = [name.strip().upper() for name in listed(zos_apars or [], where[1])]
    for number, apar in enumerate(apars):
        if not _APAR.fullmatch(apar):
            raise SecurityError(f"{where[1]}[{number}]: {shown(apar)} is not the number of an APAR such as PH49284.")
    return Level(known, frozenset(apars))


def _parameters(line: str) -> list[ParameterType]:
    name, kind, *rest = line.split()
    flags = {word.partition("=")[0]: word.partition("=")[2] for word in rest if _is_flag(word)}
    default = next((word for word in rest if not _is_flag(word) and word != "-"), None)
    since = flags.get("since", OLDEST)
    known = replace(
        _of_kind(name, kind),
        defaults=tuple(_defaults(default or "", since)),
        required="required" in flags,
        repeats="repeats" in flags,
        since=since,
        apars=tuple(flags["apars"].split(",")) if "apars" in flags else (),
        surely=flags.get("surely"),
        one=flags.get("one"),
    )
    if kind != "block":
        return [known]
    known = replace(known, one=None if known.repeats else name)
    return [known, replace(known, name=f"{name}Ref", kind="ref")]


def _is_flag(word: str) -> bool:
    return word.partition("=")[0] in ("required", "repeats", "since", "apars", "surely", "one")


def _defaults(written: str, since: str) -> Iterator[tuple[str, str]]:
    for part in written.split(",") if written else ():
        release, _colon, value = part.rpartition(":")
        yield release or since, value


def _of_kind(name: str, kind: str) -> ParameterType:
    """Return an entry with what its type says."""
    if match := _INTEGER.fullmatch(kind):
        return ParameterType(name, "integer", low=int(match[1]), high=int(match[2]))
    if match := _SIZED.fullmatch(kind):
        return ParameterType(name, match[1], low=1, high=int(match[2]))
    if match := _REFERENCE.fullmatch(kind):
        return ParameterType(name, "ref", target=match[1])
    if "|" in kind:
        options = {option.partition("@")[0]: option.partition("@")[2] or OLDEST for option in kind.split("|")}
        return ParameterType(name, "option", options=options)
    return ParameterType(name, kind, target=name if kind == "block" else None)


def _statement(name: str, title: str, lines: str) -> StatementType:
    parsed = [parameter for line in lines.splitlines() if line.strip() for parameter in _parameters(line)]
    return StatementType(name, title, {parameter.name.lower(): parameter for parameter in parsed})


_ON_OFF = "On|Off"
_NEGOTIATED = "Required|Optional|Off"
# What environments and single connections have in common; a connection that says nothing does as its environment, so
# only the environment has defaults. Of V2R1: SSLv2 .. TLSv1.2, ApplicationControlled, HandshakeTimeout,
# ResetCipherTimer, CertificateLabel, SecondaryMap, TruncatedHMAC, fragments and SNI.
_ADVANCED = (
    ("SSLv2", _ON_OFF, "Off", ""),
    ("SSLv3", _ON_OFF, "Off", ""),
    ("TLSv1", _ON_OFF, "On,3.2:Off", ""),
    ("TLSv1.1", _ON_OFF, "On,3.2:Off", ""),
    ("TLSv1.2", _ON_OFF, "Off,3.2:On", ""),
    ("TLSv1.3", _ON_OFF, "Off", "since=2.4"),
    ("MiddleBoxCompatMode", _ON_OFF, "Off", "since=2.4"),
    ("ApplicationControlled", _ON_OFF, "Off", ""),
    ("HandshakeTimeout", "integer[0..600]", "10", ""),
    ("ResetCipherTimer", "integer[0..1440]", "0", ""),
    ("CertificateLabel", "label(32)", "-", ""),
    ("ServerCertificateLabel", "label(127)", "-", "since=2.3"),
    ("SecondaryMap", _ON_OFF, "-", ""),
    ("TruncatedHMAC", _NEGOTIATED, "Off", ""),
    ("ClientMaxSSLFragment", _NEGOTIATED, "Off", ""),
    ("ClientMaxSSLFragmentLength", "512|1024|2048|4096", "-", ""),
    ("ServerMaxSSLFragment", _NEGOTIATED, "Off", ""),
    ("ClientHandshakeSNI", _NEGOTIATED, "Off", ""),
    ("ClientHandshakeSNIMatch", "Required|Optional", "-", ""),
    ("ClientHandshakeSNIList", "word(255)", "-", "repeats"),
    ("ServerHandshakeSNI", _NEGOTIATED, "Off", ""),
    ("ServerHandshakeSNIMatch", "Required|Optional", "-", ""),
    ("ServerHandshakeSNIList", "word(255)", "-", "repeats"),
    # (T): usable at both levels, seen to work on 3.1.
    ("HostReferenceIdDNS", "word(255)", "-", "since=2.5 repeats apars=PH49284,OA63164"),
    ("HostReferenceIdCN", "label(255)", "-", "since=2.5 repeats apars=PH49284,OA63164"),
    ("HostRefWildcardValidation", _ON_OFF, "-", "since=2.5 apars=PH49284,OA63164"),
)


def _advanced(*, defaults: bool) -> str:
    return "\n".join(
        f"{name} {kind} {default if defaults else '-'} {flags}" for name, kind, default, flags in _ADVANCED
    )


# A rule's end of a connection: the address and the port, in place or by reference.
def _end(side: str) -> str:
    return f"""
    {side}Addr address All one={side}Addr
    {side}AddrRef ref(IpAddr) - one={side}Addr
    {side}AddrSetRef ref(IpAddrSet) - one={side}Addr
    {side}AddrGroupRef ref(IpAddrGroup) - one={side}Addr
    {side}PortRange ports 0 one={side}PortRange
    {side}PortRangeRef ref(PortRange) - one={side}PortRange
    {side}PortGroupRef ref(PortGroup) - one={side}PortRange
    """


_ALL = (
    _statement(
        "TTLSRule",
        "rule",
        f"""
        {_end("Local")}
        {_end("Remote")}
        Jobname job
        Userid user
        Direction Inbound|Outbound|Both - required
        Priority integer[1..2000000000] -
        IpTimeConditionRef ref(IpTimeCondition)
        TTLSGroupActionRef ref(TTLSGroupAction) - required
        TTLSEnvironmentActionRef ref(TTLSEnvironmentAction)
        TTLSConnectionActionRef ref(TTLSConnectionAction)
        """,
    ),
    _statement(
        "TTLSGroupAction",
        "group action",
        """
        TTLSEnabled On|Off - required
        CtraceClearText On|Off Off
        Trace integer[0..255] 2
        TTLSGroupAdvancedParms block
        FIPS140 On|Off|Level1@3.1|Level2@3.1|Level3@3.1 Off
        GroupUserInstance integer[0..65535]
        """,
    ),
    _statement(
        "TTLSGroupAdvancedParms",
        "advanced parameters of groups",
        """
        Envfile word(1023)
        SecondaryMap On|Off
        SyslogFacility Daemon|Auth
        """,
    ),
    _statement(
        "TTLSEnvironmentAction",
        "environment action",
        """
        HandshakeRole Client|Server|ServerWithClientAuth - required
        TTLSKeyringParms block required
        TTLSCipherParms block
        TTLSSignatureParms block
        SuiteBProfile Off|128|128Min|192|192Min|All Off
        CtraceClearText On|Off
        Trace integer[0..255]
        TTLSEnvironmentAdvancedParms block
        TTLSGskAdvancedParms block
        EnvironmentUserInstance integer[0..65535]
        """,
    ),
    _statement(
        "TTLSConnectionAction",
        "connection action",
        """
        HandshakeRole Client|Server|ServerWithClientAuth
        TTLSCipherParms block
        TTLSSignatureParms block
        CtraceClearText On|Off
        Trace integer[0..255]
        TTLSConnectionAdvancedParms block
        ConnectionUserInstance integer[0..65535]
        """,
    ),
    _statement("TTLSConnectionAdvancedParms", "advanced parameters of connections", _advanced(defaults=False)),
    _statement(
        "TTLSEnvironmentAdvancedParms",
        "advanced parameters of environments",
        f"""
        {_advanced(defaults=True)}
        ClientAuthType PassThru|Full|Required|SAFCheck Required
        Renegotiation Default|Disabled|All|Abbreviated Default
        RenegotiationIndicator Optional|Client|Server|Both Optional
        RenegotiationCertCheck On|Off Off
        CertValidationMode Any|RFC2459|RFC3280|RFC5280 Any
        3DesKeyCheck On|Off Off since=2.3
        ClientEDHGroupSize Legacy|2048 Legacy since=2.3
        ServerEDHGroupSize Legacy|2048|Match Legacy since=2.3
        PeerMinCertVersion Any|3 Any since=2.3
        PeerMinDHKeySize integer[0..2048] 1024 since=2.3
        PeerMinDsaKeySize integer[0..2048] 1024 since=2.3
        PeerMinECCKeySize integer[0..521] 192 since=2.3
        PeerMinRsaKeySize integer[0..4096] - since=2.3
        ServerScsv On|Off - since=2.3
        ClientExtendedMasterSecret On|Off|Required - since=2.3
        ServerExtendedMasterSecret On|Off|Required - since=2.3
        """,
    ),
    _statement(
        "TTLSKeyringParms",
        "key ring",
        """
        Keyring word(1023) - required
        KeyringPw secret(128)
        KeyringStashFile word(1023)
        """,
    ),
    _statement(
        "TTLSCipherParms",
        "ciphers",
        """
        V2CipherSuites ciphers2 - repeats
        V3CipherSuites ciphers - repeats
        V3CipherSuites4Char ciphers4 - repeats
        """,
    ),
    _statement(
        "TTLSSignatureParms",
        "curves and signatures",
        """
        ClientECurves codes - repeats
        ClientKeyShareGroups codes - repeats since=2.4
        ServerKexECurves codes 00230024002500210019 repeats since=2.4
        ServerKeyShareGroups codes 002100230024002500290030 repeats since=2.4
        SignaturePairs codes - repeats
        SignaturePairsCert codes - repeats since=2.4
        """,
    ),
    _statement(
        "TTLSGskAdvancedParms",
        "System SSL parameters",
        """
        TTLSGskLdapParms block
        TTLSGskOcspParms block
        TTLSGskHttpCdpParms block
        GSK_SYSPLEX_SIDCACHE On|Off
        GSK_SYSPLEX_SESSION_TICKET_CACHE On|Off - since=2.5 apars=PH49284,OA63252
        GSK_V2_SESSION_TIMEOUT integer[0..100]
        GSK_V2_SIDCACHE_SIZE integer[0..32000]
        GSK_V3_SESSION_TIMEOUT integer[0..86400] 86400
        GSK_V3_SIDCACHE_SIZE integer[0..64000] 512
        GSK_SESSION_TICKET_CLIENT_ENABLE On|Off On since=2.4
        GSK_SESSION_TICKET_CLIENT_MAXCACHED integer[0..4294967295] - since=2.5 apars=PH49284,OA63252
        GSK_SESSION_TICKET_CLIENT_MAXSIZE integer[0..4294967295] 8192 since=2.4
        GSK_SESSION_TICKET_SERVER_ENABLE On|Off On since=2.4
        GSK_SESSION_TICKET_SERVER_ALGORITHM AESCBC128|AESCBC256 AESCBC128 since=2.4
        GSK_SESSION_TICKET_SERVER_COUNT integer[0..4294967295] 2 since=2.4
        GSK_SESSION_TICKET_SERVER_KEY_REFRESH integer[0..4294967295] 300 since=2.4
        GSK_SESSION_TICKET_SERVER_TIMEOUT integer[0..4294967295] 300 since=2.4
        AIACDPPriority On|Off - since=2.2
        MaxSrcRevExtLocValues integer[0..4294967295] - since=2.2
        MaxValidRevExtLocValues integer[0..4294967295] - since=2.2
        RevocationSecurityLevel Low|Medium|High - since=2.2
        CrlSigAlgPairs codes - repeats since=2.5 surely=3.2
        """,
    ),
    _statement(
        "TTLSGskLdapParms",
        "LDAP servers with revocation lists",
        """
        GSK_LDAP_SERVER label(4096) - required repeats
        GSK_LDAP_USER label(4096)
        GSK_LDAP_USER_PW secret(128)
        GSK_LDAP_SERVER_PORT integer[1..65535]
        GSK_CRL_CACHE_TIMEOUT integer[0..720]
        GSK_CRL_SECURITY_LEVEL Low|Medium|High
        CRLCacheSize integer[0..4294967295] - since=2.2
        CRLCacheEntryMaxsize integer[0..4294967295] - since=2.2
        CRLCacheExtended On|Off - since=2.2
        CRLCacheTempCRL On|Off - since=2.2
        CRLCacheTempCRLTimeout integer[0..720] - since=2.2
        LDAPResponseTimeout integer[0..4294967295] - since=2.2
        """,
    ),
    _statement(
        "TTLSGskOcspParms",
        "OCSP",
        """
        OcspUrl word(2083) - since=2.2
        OcspAiaEnable On|Off Off since=2.2
        OcspProxyServerName word(255) - since=2.2
        OcspProxyServerPort integer[1..65535] 80 since=2.2
        OcspRetrieveViaGet On|Off Off since=2.2
        OcspUrlPriority On|Off On since=2.2
        OcspRequestSigkeylabel label(127) - since=2.2
        OcspRequestSigalg codes 0401 since=2.2
        OcspResponseSigAlgPairs codes - repeats since=2.2
        OcspServerStapling Off|Any|EndEntity Off since=2.2
        OcspClientCacheSize integer[0..4294967295] 256 since=2.2
        OcspCliCacheEntryMaxsize integer[0..4294967295] 0 since=2.2
        OcspNonceGenEnable On|Off Off since=2.2
        OcspNonceCheckEnable On|Off Off since=2.2
        OcspNonceSize integer[8..256] 8 since=2.2
        OcspResponseTimeout integer[0..43200] 15 since=2.2
        OcspMaxResponseSize integer[0..4294967295] 20480 since=2.2
        """,
    ),
    # (T) but for the name of the statement.
    _statement(
        "TTLSGskHttpCdpParms",
        "revocation lists by HTTP",
        """
        HttpCdpEnable On|Off - since=2.2
        HttpCdpProxyServerName word(255) - since=2.2
        HttpCdpProxyServerPort integer[1..65535] - since=2.2
        HttpCdpResponseTimeout integer[0..43200] - since=2.2
        HttpCdpMaxResponseSize integer[0..4294967295] - since=2.2
        HttpCdpCacheSize integer[0..4294967295] - since=2.2
        HttpCdpCacheEntryMaxsize integer[0..4294967295] - since=2.2
        """,
    ),
    _statement("IpAddr", "address", "Addr host - required"),
    _statement("IpAddrSet", "set of addresses", "Prefix prefix - required one=Addresses\nRange range - one=Addresses"),
    _statement("IpAddrGroup", "group of addresses", "IpAddr block repeats\nIpAddrSet block repeats"),
    _statement("PortRange", "range of ports", "Port ports - required"),
    _statement("PortGroup", "group of ports", "PortRange block repeats"),
    # The names are those of the Policy Agent's older time conditions; the page itself could not be read.
    _statement(
        "IpTimeCondition",
        "time condition",
        """
        ConditionTimeRange word(32) - repeats
        MonthOfYearMask word(12)
        DayOfMonthMask word(62)
        DayOfWeekMask word(7)
        TimeOfDayRange word(32)
        TimeZone Local|Utc
        """,
    ),
)

STATEMENTS: dict[str, StatementType] = {statement.name.lower(): statement for statement in _ALL}


def find(keyword: str) -> StatementType | None:
    """Return the entry for a statement, whatever the case of its keyword."""
    return STATEMENTS.get(keyword.lower())


def names() -> list[str]:
    """Return the keywords of all known statements, as IBM writes them."""
    return [statement.name for statement in _ALL]


def homes(keyword: str) -> list[str]:
    """Return the statements that have a parameter of this name."""
    return [statement.name for statement in _ALL if statement.parameter(keyword)]


def secret_keywords() -> frozenset[str]:
    """Return the lower-case keywords of all parameters that hold secrets."""
    return frozenset(key for statement in _ALL for key, one in statement.parameters.items() if one.secret)
