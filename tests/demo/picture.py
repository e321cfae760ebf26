# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/picture.svg: the server of the demo, drawn from what the demo found (picture.json) and declares (connections.yml).

`picture.py` draws it again; `picture.py REPORT.json` takes over what a demo found (.build/demo/report.json) before.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.report import declared, picture, site

HERE = Path(__file__).resolve().parent
FOUND = HERE / "picture.json"
DRAWN = HERE.parents[1] / "docs" / "picture.svg"
SERVER_DIR = "/var/zosconnect/servers/demo"
HOST = "demo-server"
FIRST_PORT = 5001
# What the picture is made of.
KEPT = ("ports", "endpoints", "zosconnect", "requesters")


def main(reports: list[str]) -> None:
    """Draw, after taking over a report where one is given."""
    for report in reports:
        FOUND.write_text(json.dumps(taken_over(json.loads(Path(report).read_text(encoding="utf-8"))), indent=1) + "\n")
    DRAWN.write_text(drawn(), encoding="utf-8")


def drawn() -> str:
    """Return the picture of what was found and is declared."""
    found = json.loads(FOUND.read_text(encoding="utf-8"))
    all_of_it = declared.joined(site.read({HOST: found["result"]}, time=""), {HOST: connections(found["numbers"])})
    return picture.standalone(all_of_it.servers[0])


def connections(numbers: Mapping[str, int]) -> list[Any]:
    """Return what the demo declares, with the numbers of its ports; those that nobody knows are none."""
    text = (HERE / "connections.yml").read_text(encoding="utf-8")
    text = re.sub(r'"\{\{ demo_ports\.(\w+) \}\}"', lambda found: str(numbers.get(found[1], 0)), text)
    items: list[Any] = yaml.safe_load(text)["zosconnect_connections"]
    return items


def taken_over(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a demo found, without what differs from one run to the next: its folder, and the numbers of ports."""
    (host,) = report["hosts"]
    kept = {name: host[name] for name in KEPT} | {"findings": [], "server_dir": host["server_dir"], "complete": True}
    text = json.dumps(kept).replace(host["server_dir"], SERVER_DIR)
    used = sorted({str(port["port"]) for port in host["ports"]} | set(re.findall(r":(\d{4,5})(?=[/\"])", text)))
    for number, port in enumerate(used, FIRST_PORT):
        text = re.sub(rf"\b{port}\b", str(number), text)
    result = json.loads(text)
    return {"numbers": {port["endpoint"]: port["port"] for port in result["ports"]}, "result": result}


if __name__ == "__main__":
    main(sys.argv[1:])
