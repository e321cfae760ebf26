# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards: open where closed was meant, who the caller is, and secrets that others learn."""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import (
    HIGH,
    LOW,
    MEDIUM,
    OBSERVED,
    SCHEMA,
    Card,
    pci,
    stig,
)

_CONFIDENTIALITY = "IBM: API requester confidentiality and integrity"
_SECRETS = "Open Liberty: password encryption limitations; DISA STIG V-250336; CVE-2025-14917"

CARDS = (
    Card(
        "requester-cleartext",
        "API requester that accepts plain http",
        HIGH,
        why="requireSecure=false names no port: every http port of the server then accepts calls of this requester.",
        source=_CONFIDENTIALITY,
        action="Set requireSecure to true, or close the http ports, or put AT-TLS in front and declare it.",
        references=(
            stig("V-250348"),
            pci("4.2.1"),
        ),
    ),
    Card(
        "requester-unreachable",
        "API requester that nobody can call",
        HIGH,
        why="The caller sees BAQ-STATUS-CODE 302.",
        source="IBM support: BAQ-STATUS-CODE 302",
        action="Open an https port, or put AT-TLS in front of the http port and set requireSecure to false.",
    ),
    Card(
        "default-endpoint",
        "Port opened by default",
        MEDIUM,
        why="Liberty opens its default endpoint unless a file closes it with port -1.",
        source=OBSERVED,
        action="Close the default endpoint's port with -1, or write down the number that is wanted.",
        references=(stig("V-250332"),),
    ),
    Card(
        "endpoint-scheme",
        "Call whose scheme does not fit its port",
        MEDIUM,
        why="The scheme in host decides whether the server does TLS; the port does not.",
        source="IBM: zosconnect_endpointConnection; Open Liberty's ports",
        action="Correct the scheme in host, or the port.",
    ),
    Card(
        "endpoint-cleartext",
        "Endpoint called by plain http",
        MEDIUM,
        why="Requests, answers and tokens pass in the clear, and nothing shows that the endpoint is the right one.",
        source=_CONFIDENTIALITY,
        action="Call it by https, or send the calls through AT-TLS and declare that in attls.",
        references=(pci("4.2.1"),),
    ),
    Card(
        "basic-auth-cleartext",
        "User and password in the clear",
        HIGH,
        why="User and password pass in the clear: basic authentication only encodes them.",
        source="IBM: basic authentication to a RESTful API endpoint",
        action="Use https for this connection, or put AT-TLS in front of it.",
        references=(pci("4.2.1"),),
    ),
    Card(
        "administration-certificate",
        "Administration locked out by client certificates",
        MEDIUM,
        why="Browsers, REST administration and operators without a certificate are locked out.",
        source=OBSERVED,
        action=(
            "Add an https port for administration that does not require a certificate, or give every administrator one."
        ),
        references=(
            stig(
                "V-250335",
                "The STIG requires a certificate of administrators. To follow it, give each one, and waive this.",
                contrary=True,
            ),
        ),
    ),
    Card(
        "attls-client-certificate",
        "Client certificates asked for behind AT-TLS",
        HIGH,
        why="Behind AT-TLS inbound the server never sees the caller's certificate.",
        source=_CONFIDENTIALITY,
        action="Let callers log in in another way on this port, or let the server do TLS itself.",
    ),
    Card(
        "requester-no-auth",
        "API requester that needs no login",
        MEDIUM,
        why="Callers need not log in, so z/OS Connect does not know who they are.",
        source="IBM: z/OS Connect authorization",
        action="Set requireAuth to true.",
    ),
    Card(
        "assertion-unprotected",
        "Asserted identities on an unprotected link",
        HIGH,
        why="An asserted identity is only as good as the authentication and protection of the link.",
        source="IBM: API requester identity assertion",
        action="Require TLS and authentication of callers that assert identities, or set idAssertion to OFF.",
    ),
    Card(
        "no-registry",
        "No user registry to log in with",
        MEDIUM,
        why="Without a user registry nobody can log in.",
        source=SCHEMA,
        action="Configure a user registry: safRegistry with the feature zosSecurity-1.0.",
    ),
    Card(
        "identity-fail-over",
        "Login by password where certificates are required",
        LOW,
        why="A caller without a certificate can log in by password. That is right only if it is set on purpose.",
        source=SCHEMA,
        action="Set allowFailOverToBasicAuth to false, unless callers need it.",
        references=(stig("V-250334"),),
    ),
    Card(
        "requester-duplicate",
        "API requester that is configured twice",
        MEDIUM,
        why="Liberty keeps both; IBM does not document which one z/OS Connect uses.",
        source=OBSERVED,
        action="Remove one of the two.",
    ),
    Card(
        "oas3-role-not-enforced",
        "Web applications that anybody may call",
        HIGH,
        why=(
            "Without application security Liberty does not check the role invoke: anybody who reaches a port may call."
        ),
        source="IBM: How to configure API requester authorization (OpenAPI 3); observed on Open Liberty 26.0.0.3",
        action="Enable the feature appSecurity-2.0 or later.",
        references=(
            stig("V-250341"),
            stig("V-250323"),
        ),
    ),
    Card(
        "oas3-http-open",
        "Plain http to a z/OS Connect 3.0 server",
        HIGH,
        why="z/OS Connect 3.0 has no requireSecure: every web application accepts calls on every open port.",
        source="IBM: z/OS Connect configuration elements (zosConnect-3.0)",
        action="Close the http port with -1, or put AT-TLS in front of it and declare it.",
        references=(
            stig("V-250348"),
            pci("4.2.1"),
        ),
    ),
    Card(
        "oas3-connection-dangling",
        "Web application without its connection",
        MEDIUM,
        why="The web application cannot call its endpoint, or does it without the TLS that is meant.",
        source="IBM: sample-oas3-requester (appProperties, connectionRef)",
        action="Correct connectionRef, or configure the connection that it names.",
    ),
    Card(
        "certificate-never-asked",
        "Login by certificates that no port asks for",
        HIGH,
        why="A port that does not ask for certificates ignores one that is sent, so nobody can log in with it.",
        source=(
            "Observed on Open Liberty 25.0.0.6 and 26.0.0.3; Open Liberty server schema (overrideHttpAuthMethod, "
            "allowFailOverToBasicAuth)"
        ),
        action="Set clientAuthentication or clientAuthenticationSupported to true on the port's SSL configuration.",
    ),
    Card(
        "secret-readable",
        "Secret that everybody on the system can read",
        HIGH,
        why="Everybody on the system can read the file and learns the secret.",
        source=_SECRETS,
        action="Take read permission from others, then change the secret.",
        references=(stig("V-250336", "The STIG accepts {aes} with any key."),),
    ),
    Card(
        "secret-unprotected",
        "Secret that a copy of the file gives away",
        LOW,
        why="Anybody who gets a copy of the file learns the secret. {aes} with a key of your own protects it.",
        source=_SECRETS,
        action="Encode it by {aes} with a key of your own; server_xml does that.",
        references=(stig("V-250336", "The STIG accepts {aes} with any key."),),
    ),
)
