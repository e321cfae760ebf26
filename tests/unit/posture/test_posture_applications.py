# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which z/OS Connect a server is, and its web applications."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports, require_secure, texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.report import requesters, zosconnect

PROPERTIES = (
    '<appProperties><property name="connectionRef" value="x"/><property name="other" value="y"/></appProperties>'
)
ENDPOINT = "<httpEndpoint id='defaultHttpEndpoint' httpPort='{}' httpsPort='{}'/>"
OAS3 = "<feature>zosconnect:zosConnect-3.0</feature>"


def report(xml: str, attls: tuple[int, ...] = (), **files: str) -> dict[str, object]:
    effective, _files = texts.effective({"server.xml": f"<server>\n{xml}\n</server>", **files})
    return zosconnect(effective, ports.ports(effective, attls))


@pytest.mark.parametrize(
    ("features", "version"),
    [
        (OAS3, "3.0"),
        ("<feature>zosconnect:ZOSCONNECT-3.0</feature>", "3.0"),
        ("<feature>zosconnect:oasRequester-1.0</feature>", "3.0"),
        ("<feature>zosconnect:zosConnect-2.0</feature>", "2.0"),
        ("<feature>zosconnect:apiRequester-1.0</feature>", "2.0"),
        ("<feature>servlet-4.0</feature>", None),
    ],
)
def test_the_features_say_which_z_os_connect_it_is(features: str, version: str | None) -> None:
    told = report(f"<featureManager>\n{features}</featureManager>")
    assert (told["version"], told["origin"]) == (version, version and "server.xml:3")


def test_the_feature_that_says_it_is_named() -> None:
    told = report(
        f'<variable name="three" value=" {OAS3[9:-10]} "/>\n<featureManager>\n<feature>servlet-4.0</feature>\n'
        "<feature>${three}</feature></featureManager>",
        **{
            "configDropins/defaults/o.xml": "<server><featureManager><feature>ssl-1.0</feature></featureManager></server>"
        },
    )
    assert (told["version"], told["origin"]) == ("3.0", "server.xml:5")


def test_a_fragment_says_nothing() -> None:
    nothing = {"version": None, "origin": None, "application_security": None, "web_applications": []}
    assert report("<httpEndpoint id='x'/>") == nothing


def test_application_security() -> None:
    assert report(f"<featureManager>{OAS3}</featureManager>")["application_security"] is None
    told = report(f"<featureManager>{OAS3}<feature>appSecurity-3.0</feature></featureManager>")
    assert told["application_security"] == "appsecurity-3.0"
    assert report("<featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>")[
        "application_security"
    ]


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        ('<webApplication id="a" name="orders" location="x.war"/>', ("webApplication", "orders", "a", None)),
        ('<webApplication location="apps/orders_1.0.0.war"/>', ("webApplication", "orders_1.0.0", None, None)),
        ('<webApplication location="/u/orders.war/"/>', ("webApplication", "orders", None, None)),
        ('<webApplication location="orders"/>', ("webApplication", "orders", None, None)),
        ('<application type="war" name="o" location="o"/>', ("application", "o", None, None)),
        (
            f'<application id="b" location="o.war">{PROPERTIES}</application>',
            ("application", "o", "b", "x"),
        ),
    ],
)
def test_a_web_application(xml: str, told: tuple[str | None, ...]) -> None:
    one = report(xml)["web_applications"][0]
    assert (one["element"], one["name"], one["id"], one["connection"]) == told
    assert one["origin"] == "server.xml:2"
    assert one["connection_origin"] == ("server.xml:2" if told[3] else None)


@pytest.mark.parametrize(
    ("xml", "attls", "verdict"),
    [
        (ENDPOINT.format(9080, -1), (), "plain http is accepted on 9080; nobody is asked for a role"),
        (ENDPOINT.format(-1, -1), (), "no port is open; nobody is asked for a role"),
        (
            f"<featureManager><feature>appSecurity-2.0</feature></featureManager>{ENDPOINT.format(5004, 5002)}",
            (5004,),
            "TLS is done by AT-TLS on 5004, https on 5002; callers need their role",
        ),
    ],
)
def test_what_protects_a_web_application(xml: str, attls: tuple[int, ...], verdict: str) -> None:
    told = report(f"{xml}<webApplication location='o.war'/>", attls)
    assert [one["verdict"] for one in told["web_applications"]] == [verdict]


def test_what_is_left_of_2_0_has_no_verdict() -> None:
    old = "<zosconnect_apiRequesters><apiRequester name='a'/></zosconnect_apiRequesters>"
    for features, names in ((OAS3, []), ("<feature>zosconnect:zosConnect-2.0</feature>", ["a"])):
        effective, _files = texts.effective(f"<server><featureManager>{features}</featureManager>{old}</server>")
        assert [one["name"] for one in requesters(require_secure.report(effective), ports.ports(effective))] == names


def test_other_applications_are_none() -> None:
    assert report('<application type="ear" location="o.ear"/><application location="o.ear"/>')["web_applications"] == []


def test_an_override_changes_the_connection() -> None:
    told = report(application("old"), **{"configDropins/overrides/o.xml": f"<server>{application('new')}</server>"})
    one = told["web_applications"][0]
    assert (one["connection"], one["connection_origin"]) == ("new", "./configDropins/overrides/o.xml:1")


def application(connection: str) -> str:
    properties = f'<appProperties><property name="connectionRef" value="{connection}"/></appProperties>'
    return f'<webApplication id="a" location="o.war">{properties}</webApplication>'
