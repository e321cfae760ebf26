# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declaration of connections, key by key. A test compares it with what the engine takes."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the keys of a declared connection."""

    DOCUMENTATION = r"""
options:
  connections:
    description:
      - The connections of one server. One connection is a list of one.
      - A list, or its text in YAML or JSON. Where a number, a boolean or a list is meant, text does as well, as surveys
        give it. An unknown key is an error.
      - What is not said of what is there stays as it is. What is said is changed where the value stands that counts.
      - With O(connections[].endpoint) it is a call of the server, else a port.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Names the connection, and what is made for it.
          - For example C(cics).
        type: str
        required: true
      server_dir:
        description:
          - The directory that holds C(server.xml). Needed for a connection that is new, unless it is said for all
            connections.
          - For example C(/var/zosconnect/servers/zceesrv1).
        type: str
      port:
        description:
          - The server's port. Needed, but for a call of the server. A port that an endpoint of the server serves
            already is that endpoint.
          - For example C(5002).
        type: int
      host:
        description:
          - The address at which the server listens. By default as it is, or C(*) for a new port.
          - For example C(192.0.2.10).
        type: str
      caller_tls:
        description:
          - Who does TLS for the caller. V(cics), CICS itself; V(attls), AT-TLS below the program, which speaks
            plain http. IMS and batch have no TLS of their own.
        type: str
        default: cics
        choices: [cics, attls]
      server_tls:
        description:
          - Who does TLS for the server. V(jsse), the server itself; V(attls), AT-TLS below its plain http. By
            default as it is, or V(jsse) for what is new.
        type: str
        choices: [jsse, attls]
      client_certificate:
        description:
          - Whether who is called asks for a client certificate. By default as it is; for what is new V(required)
            with V(cics) and V(jsse), else V(none). Behind AT-TLS it guards the transport only, because the server
            never sees it. A call of the server has V(required) or V(none).
        type: str
        choices: [required, supported, none]
      identity:
        description:
          - Who the caller is taken for. By default as it is; for what is new V(certificate) with V(cics) and
            V(jsse) where a certificate is asked for, else V(basic).
        type: str
        choices: [certificate, certificate_or_basic, basic]
      requesters:
        description:
          - API requesters of z/OS Connect 2.0 that are called here, or that use the endpoint.
          - For example C(inventory_1.0.0).
        type: list
        elements: str
      web_applications:
        description:
          - The same for z/OS Connect 3.0, names of web applications that the server must have. Those of an endpoint
            call it from then on.
          - For example C(orders).
        type: list
        elements: str
      key_store:
        description:
          - The key store or ring with the server's own certificate.
        type: dict
        suboptions:
          location:
            description:
              - An absolute path, or a key ring. Needed, unless the store is there.
              - For example C(safkeyring:///ZceeServer).
            type: str
          password:
            description:
              - The password of the store, plain or encoded as V({xor}) or V({aes}). A ring has none.
            type: str
          password_variable:
            description:
              - A variable of the server that holds the password. The file then says V(${name}).
              - For example C(keys_password).
            type: str
          allow_older:
            description:
              - Take a certificate that is older than the one in the store.
            type: bool
            default: false
          alias:
            description:
              - The entry that the server shows. In a ring, the label.
              - For example C(zceesrv1).
            type: str
          private_key:
            description:
              - A private key in PEM form to put into the store, with O(connections[].key_store.certificate).
            type: str
          private_key_passphrase:
            description:
              - The passphrase of that key.
            type: str
          certificate:
            description:
              - Its certificate, in PEM form.
            type: str
          chain:
            description:
              - The certificates of the authorities above it, in PEM form.
            type: str
      trust_store:
        description:
          - The store or ring with the authorities that are trusted.
        type: dict
        suboptions:
          location:
            description:
              - An absolute path, or a key ring. Needed, unless the store is there.
              - For example C(safkeyring:///ZceeTrust).
            type: str
          password:
            description:
              - The password of the store, plain or encoded. A ring has none.
            type: str
          password_variable:
            description:
              - A variable of the server that holds the password.
              - For example C(trust_password).
            type: str
          allow_older:
            description:
              - Take a certificate that is older than the one in the store.
            type: bool
            default: false
          trusted:
            description:
              - Certificates to put into the store. A mapping of aliases to PEM texts, or a text of PEM
                certificates.
            type: raw
      tls_profile:
        description:
          - Protocols and cipher suites, written in the words of Liberty, AT-TLS and CICS.
        type: dict
        suboptions:
          protocols:
            description:
              - The protocols that are allowed.
              - For example C(TLSv1.3).
            type: list
            elements: str
            default: [TLSv1.2, TLSv1.3]
          ciphers:
            description:
              - Cipher suites by their IANA names. By default those of each program.
              - For example C(TLS_AES_256_GCM_SHA384).
            type: list
            elements: str
          min_rsa_size:
            description:
              - The smallest RSA key that is accepted, in bits.
            type: int
            choices: [2048, 3072, 4096]
          fips:
            description:
              - Whether AT-TLS works in its FIPS 140 mode.
            type: bool
            default: false
      protocols:
        description:
          - The protocols alone, in place of O(connections[].tls_profile).
          - For example C(TLSv1.3).
        type: list
        elements: str
      plain_http:
        description:
          - Whether the default endpoint's plain port (9080) is closed. By default a new port closes it if nothing
            is known to be called there, and a port that is there leaves it.
        type: str
        choices: [closed, unchanged]
      plain_http_ports:
        description:
          - Plain ports that stay open beside it.
          - For example C(9081).
        type: list
        elements: int
      ssl_configuration:
        description:
          - Whether a new port or call has an SSL configuration of its own, or the server's default one. A call
            keeps what it has.
        type: str
        default: own
        choices: [own, default]
      harden_default:
        description:
          - Whether the default SSL configuration gets the same protocols and ciphers.
        type: bool
        default: false
      features:
        description:
          - Features that the server gets in addition.
          - For example C(audit-1.0).
        type: list
        elements: str
      require_secure:
        description:
          - What z/OS Connect 2.0 requires of callers, by scope; the narrower one wins. What is not given stays as
            it is.
        type: dict
        suboptions:
          requesters:
            description:
              - For each of the named requesters. By default V(true), behind AT-TLS V(false).
            type: bool
          all_requesters:
            description:
              - For all API requesters of the server.
            type: bool
          server:
            description:
              - For everything that the server offers.
            type: bool
      elements:
        description:
          - Elements that are there and that the connection has, by their ids.
        type: dict
        suboptions:
          httpEndpoint:
            description:
              - The endpoint that serves the port.
              - For example C(defaultHttpEndpoint).
            type: str
          sslOptions:
            description:
              - Its C(sslOptions).
              - For example C(defaultSSLOptions).
            type: str
          ssl:
            description:
              - The SSL configuration.
              - For example C(DefaultSSLSettings).
            type: str
          keyStore:
            description:
              - The key store.
              - For example C(CellDefaultKeyStore).
            type: str
          trustStore:
            description:
              - The trust store.
              - For example C(CellDefaultTrustStore).
            type: str
      inbound:
        description:
          - The AT-TLS rule in front of the server, with O(connections[].server_tls) V(attls). For a call, the one
            in front of the endpoint.
        type: dict
        suboptions:
          key_ring:
            description:
              - The key ring, with its owner. Needed, unless the rule is there.
              - For example C(ZCEESRV/Server).
            type: str
          certificate_label:
            description:
              - The label of the certificate. By default the ring's default certificate.
              - For example C(zceesrv1).
            type: str
          saf_check:
            description:
              - Whether a client certificate must belong to a user.
            type: bool
            default: false
          priority:
            description:
              - The rule's priority; the highest one that matches wins.
            type: int
            default: 255
          job_name:
            description:
              - The server's job name. An asterisk may end it.
              - For example C(ZCEESRV1).
            type: str
          user_id:
            description:
              - The server's user ID. An asterisk may end it.
              - For example C(ZCEESRV).
            type: str
          rule:
            description:
              - The name of the rule. By default that of the connection with C(_in) behind it.
              - For example C(ZCEE_IN).
            type: str
      outbound:
        description:
          - The AT-TLS rule below the server, for a call with O(connections[].server_tls) V(attls).
        type: dict
        suboptions:
          address:
            description:
              - The IP address of the endpoint. Needed, unless the rule is there.
              - For example C(192.0.2.20).
            type: str
          key_ring:
            description:
              - The key ring, with its owner. Needed, unless the rule is there.
              - For example C(ZCEESRV/Server).
            type: str
          local_address:
            description:
              - The IP address from which the server calls.
              - For example C(192.0.2.10).
            type: str
          certificate_label:
            description:
              - The label of the certificate that the server shows.
              - For example C(zceesrv1).
            type: str
          priority:
            description:
              - The rule's priority.
            type: int
            default: 255
          job_name:
            description:
              - The server's job name. It or O(connections[].outbound.user_id) is needed.
              - For example C(ZCEESRV1).
            type: str
          user_id:
            description:
              - The server's user ID.
              - For example C(ZCEESRV).
            type: str
          rule:
            description:
              - The name of the rule. By default that of the connection with C(_out) behind it.
              - For example C(ZCEE_OUT).
            type: str
      clients:
        description:
          - The programs that call. For them texts and AT-TLS rules are made.
        type: list
        elements: dict
        suboptions:
          name:
            description:
              - Names the program.
              - For example C(night).
            type: str
            required: true
          type:
            description:
              - What it is.
            type: str
            required: true
            choices: [cics, ims, batch]
          job_name:
            description:
              - Its job name. An asterisk may end it.
              - For example C(NIGHT*).
            type: str
          user_id:
            description:
              - Its user ID. An asterisk may end it.
              - For example C(NIGHTUSR).
            type: str
          local_address:
            description:
              - The IP address from which it calls.
              - For example C(192.0.2.30).
            type: str
          key_ring:
            description:
              - Its key ring, with its owner.
              - For example C(NIGHTUSR/ZosConnect).
            type: str
          certificate_label:
            description:
              - The label of the certificate that it shows.
              - For example C(night).
            type: str
          priority:
            description:
              - The priority of its AT-TLS rule.
            type: int
            default: 255
          rule:
            description:
              - The name of its AT-TLS rule.
              - For example C(NIGHT_OUT).
            type: str
          protocols:
            description:
              - Its protocols, where they differ from those of the connection.
              - For example C(TLSv1.2).
            type: list
            elements: str
          tls_profile:
            description:
              - The same with ciphers, as O(connections[].tls_profile).
            type: dict
            suboptions:
              protocols:
                description:
                  - The protocols that are allowed.
                  - For example C(TLSv1.3).
                type: list
                elements: str
                default: [TLSv1.2, TLSv1.3]
              ciphers:
                description:
                  - Cipher suites by their IANA names.
                  - For example C(TLS_AES_256_GCM_SHA384).
                type: list
                elements: str
              min_rsa_size:
                description:
                  - The smallest RSA key that is accepted, in bits.
                type: int
                choices: [2048, 3072, 4096]
              fips:
                description:
                  - Whether AT-TLS works in its FIPS 140 mode.
                type: bool
                default: false
          settings:
            description:
              - More of what P(zosconnect.security.cics_urimap#filter) or
                P(zosconnect.security.baq_environment#filter) takes.
              - >-
                For example C({group: ZCEE}).
            type: dict
      server_host:
        description:
          - The name at which clients know the server.
          - For example C(zosconnect.example.com).
        type: str
      server_address:
        description:
          - The IP address at which clients know the server.
          - For example C(192.0.2.10).
        type: str
      endpoint:
        description:
          - Makes the connection a call of the server, and says what is called.
        type: dict
        suboptions:
          connection:
            description:
              - The id of its C(zosconnect_endpointConnection). By default the name of the connection.
              - For example C(backendApi).
            type: str
          host:
            description:
              - The endpoint's name, with or without its scheme. Needed, unless the connection is there.
              - For example C(api.example.com).
            type: str
          port:
            description:
              - The endpoint's port. Needed, unless the connection is there.
              - For example C(443).
            type: int
      authentication:
        description:
          - How the server makes itself known to the endpoint.
        type: dict
        suboptions:
          basic:
            description:
              - By user and password.
            type: dict
            suboptions:
              user:
                description:
                  - The user.
                  - For example C(zcee).
                type: str
                required: true
              password:
                description:
                  - The password, plain or encoded, or V(${name}) for a variable of the server.
                type: str
                required: true
          oauth:
            description:
              - By OAuth 2.0.
            type: dict
            suboptions:
              grant_type:
                description:
                  - The grant.
                type: str
                default: client_credentials
                choices: [client_credentials, password]
              server:
                description:
                  - The authorization server.
                type: dict
                required: true
                suboptions:
                  url:
                    description:
                      - Its address.
                      - For example C(https://login.example.com/token).
                    type: str
                    required: true
                  login:
                    description:
                      - How the server makes itself known to it.
                    type: dict
                    suboptions:
                      user:
                        description:
                          - The user.
                          - For example C(zcee).
                        type: str
                        required: true
                      password:
                        description:
                          - The password.
                        type: str
                        required: true
                  trust_store:
                    description:
                      - The authorities to trust there, as O(connections[].trust_store). Without it, those for the
                        endpoint.
                    type: dict
                    suboptions:
                      location:
                        description:
                          - An absolute path, or a key ring.
                          - For example C(safkeyring:///ZceeTrust).
                        type: str
                        required: true
                      password:
                        description:
                          - The password of the store.
                        type: str
                      password_variable:
                        description:
                          - A variable of the server that holds the password.
                        type: str
                      allow_older:
                        description:
                          - Take a certificate that is older than the one in the store.
                        type: bool
                        default: false
                      trusted:
                        description:
                          - Certificates to put into the store.
                        type: raw
          token:
            description:
              - By a token that a server gives.
            type: dict
            suboptions:
              server:
                description:
                  - The token server.
                type: dict
                required: true
                suboptions:
                  url:
                    description:
                      - Its address.
                      - For example C(https://login.example.com/jwt).
                    type: str
                    required: true
                  login:
                    description:
                      - How the server makes itself known to it.
                    type: dict
                    suboptions:
                      user:
                        description:
                          - The user.
                          - For example C(zcee).
                        type: str
                        required: true
                      password:
                        description:
                          - The password.
                        type: str
                        required: true
                  trust_store:
                    description:
                      - The authorities to trust there, as O(connections[].trust_store). Without it, those for the
                        endpoint.
                    type: dict
                    suboptions:
                      location:
                        description:
                          - An absolute path, or a key ring.
                          - For example C(safkeyring:///ZceeTrust).
                        type: str
                        required: true
                      password:
                        description:
                          - The password of the store.
                        type: str
                      password_variable:
                        description:
                          - A variable of the server that holds the password.
                        type: str
                      allow_older:
                        description:
                          - Take a certificate that is older than the one in the store.
                        type: bool
                        default: false
                      trusted:
                        description:
                          - Certificates to put into the store.
                        type: raw
              header:
                description:
                  - The header in which the token is sent to the endpoint.
                  - For example C(Authorization).
                type: str
              request:
                description:
                  - How the token is asked for.
                type: dict
                required: true
                suboptions:
                  credential_location:
                    description:
                      - Where user and password are.
                    type: str
                    required: true
                    choices: [header, body]
                  method:
                    description:
                      - The method of the request.
                    type: str
                    choices: [GET, PUT, POST]
                  header:
                    description:
                      - The header that holds them. Needed with V(header).
                      - For example C(Authorization).
                    type: str
                  body:
                    description:
                      - The body that holds them. Needed with V(body).
                    type: str
              response:
                description:
                  - Where the token is in the answer.
                type: dict
                required: true
                suboptions:
                  token_location:
                    description:
                      - Where it is.
                    type: str
                    required: true
                    choices: [header, body]
                  header:
                    description:
                      - The header that holds it. Needed with V(header).
                      - For example C(Authorization).
                    type: str
                  format:
                    description:
                      - The form of the body. Needed with V(body).
                    type: str
                    choices: [Text, JSON]
                  path:
                    description:
                      - The path to the token. Needed with V(JSON).
                      - For example C($.access_token).
                    type: str
      verify_host_name:
        description:
          - >-
            V(false) says as an adopted server does that host names are not checked. It cannot be made so; see
            O(connections[].skip_host_names).
        type: bool
        default: true
      skip_host_names:
        description:
          - Excepts endpoints from the check of host names, and says who decided that.
        type: dict
        suboptions:
          hosts:
            description:
              - The names that are not checked.
              - For example C(old.example.com).
            type: list
            elements: str
            required: true
          reason:
            description:
              - Why.
            type: str
            required: true
          owner:
            description:
              - Who decided it.
            type: str
            required: true
          ticket:
            description:
              - Where that is written down.
              - For example C(CHG1234).
            type: str
            required: true
          expires:
            description:
              - The day on which it ends.
              - For example C("2027-06-30").
            type: str
            required: true
      waivers:
        description:
          - Findings that the change may bring. One that has expired is refused.
        type: list
        elements: dict
        suboptions:
          id:
            description:
              - The finding.
              - For example C(tls-fallback).
            type: str
            required: true
          reason:
            description:
              - Why it is accepted.
            type: str
            required: true
          owner:
            description:
              - Who accepts it.
            type: str
            required: true
          expires:
            description:
              - The day on which that ends.
              - For example C("2027-06-30").
            type: str
          place:
            description:
              - File and line, or an AT-TLS statement, where only one place is meant.
              - For example C(server.xml:12).
            type: str
          ticket:
            description:
              - Where that is written down.
              - For example C(CHG1234).
            type: str
      zosconnect_version:
        description:
          - Which z/OS Connect the server is. By default what its features say, else V(2.0).
        type: str
        choices: ["2.0", "3.0"]
      owner:
        description:
          - The owner of key stores that are made, a name or a number.
          - For example C(zceesrv).
        type: str
      group:
        description:
          - Their group, a name or a number.
          - For example C(zceegrp).
        type: str
      mode:
        description:
          - Their mode.
          - For example C("0640").
        type: raw
      shared_files:
        description:
          - Allow changes of files outside of the server's directory, which other servers may include.
        type: bool
        default: false
"""
