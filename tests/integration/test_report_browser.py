# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report in a real browser: it fits on each screen, its text stands out, its links lead, and it asks nobody."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import lxml.html
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "report"))

from reported import HOSTILE, explained, finding, read

from ansible_collections.zosconnect.security.plugins.plugin_utils.report import html

pytestmark = pytest.mark.browser

SECONDS = 120
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# What the page cannot say of itself, because it runs no script: a copy without its policy does.
LOOK = """
<script>
const seen = getComputedStyle, all = [...document.body.querySelectorAll("*")];
const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => { const f = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
const ground = e => { for (; e; e = e.parentElement) { const c = rgb(seen(e).backgroundColor);
  if (c.length == 3 || c[3] > .5) return c; } return [255, 255, 255]; };
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
const own = e => [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim());
const shown = all.filter(e => !e.closest("svg") && own(e) && e.getBoundingClientRect().width > 1);
const out = { width: innerWidth, page: document.documentElement.scrollWidth,
  wide: all.filter(e => !e.closest(".skip, thead") && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80)),
  faint: shown.filter(e => contrast(rgb(seen(e).color), ground(e)) < 4.5).map(e => e.outerHTML.slice(0, 80)),
  lost: [...document.querySelectorAll("a")].filter(a => !document.querySelector(CSS.escape ? "#" + CSS.escape(a.hash.slice(1)) : a.hash)).map(a => a.hash),
  cut: [...document.querySelectorAll("svg[role=img] text")].filter(t => { const b = t.getBBox(), m = t.ownerSVGElement.viewBox.baseVal;
    return b.x + b.width > m.width + 1; }).map(t => t.textContent),
  drawn: document.querySelectorAll("svg[role=img] use").length,
  background: seen(document.body).backgroundColor };
parent.postMessage(JSON.stringify(out), "*");
</script>
"""
# What a reader of the page with a screen reader or without a mouse would stumble over.
AXE = """
<script>
axe.run(document).then(found => {
  document.body.textContent = JSON.stringify(found.violations.map(one => [one.id, one.nodes[0].html])); });
</script>
"""
# A window has at least 500 pixels; a frame may have fewer, as a telephone has.
FRAME = """
<!doctype html><title>waits</title><body>
<script>onmessage = e => { document.body.textContent = e.data; };</script>
<iframe src="copy.html" width="{width}" height="900" style="border:0"></iframe>
"""


def hostile() -> dict[str, Any]:
    """A server whose names are chosen to break a page."""
    result = explained()
    (one,), (call,) = result["requesters"], result["endpoints"]
    result["requesters"] = [{**one, "name": name, "verdict": name} for name in HOSTILE]
    result["endpoints"] = [{**call, "id": name, "url": f"https://{name}"} for name in HOSTILE]
    result["findings"] += [finding(message=name, excerpt=name, remedy=[{"do": name}]) for name in HOSTILE]
    return result


def chromium(folder: Path, page: Path, *options: str) -> str:
    """Open a page in a browser of its own; return what it is then."""
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder}/profile",
    ]
    run = subprocess.run(
        [*command, *options, page.as_uri()], capture_output=True, text=True, check=True, timeout=SECONDS, cwd=folder
    )
    return run.stdout


def looked_at(folder: Path, text: str, *options: str, width: int = 800) -> dict[str, Any]:
    assert POLICY in text
    (folder / "copy.html").write_text(text.replace(POLICY, "").replace("</body>", f"{LOOK}</body>"), encoding="utf-8")
    page = folder / "frame.html"
    page.write_text(FRAME.replace("{width}", str(width)), encoding="utf-8")
    options = ("--window-size=1400,1000", "--virtual-time-budget=10000", "--dump-dom", *options)
    tree = lxml.html.document_fromstring(chromium(folder, page, *options))
    seen: dict[str, Any] = json.loads(tree.xpath("string(//body)"))
    return seen


@pytest.mark.parametrize("kind", ["one", "many", "hostile"])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_it_fits_stands_out_and_leads(tmp_path: Path, width: int, kind: str) -> None:
    given = {"one": {"alpha": explained()}, "many": None, "hostile": {"alpha": hostile()}}[kind]
    seen = looked_at(tmp_path, html.render(read(given)), width=width)
    assert (seen["width"], seen["page"]) == (width, width)
    assert {name: seen[name] for name in ("wide", "faint", "lost", "cut")} == {
        "wide": [],
        "faint": [],
        "lost": [],
        "cut": [],
    }
    assert seen["drawn"] > 5


def test_in_the_dark(tmp_path: Path) -> None:
    seen = looked_at(tmp_path, html.render(read()), "--blink-settings=preferredColorScheme=0")
    assert (seen["background"], seen["faint"]) == ("rgb(18, 24, 31)", [])


def barriers(folder: Path, text: str, *options: str) -> list[tuple[str, str]]:
    """Return what axe finds: the rule, and the first element that breaks it."""
    script = (
        (resources.files("axe_core_python") / "axe.min.js")
        .read_text(encoding="utf-8")
        .replace("</script", "<\\/script")
    )
    page = folder / "axe.html"
    text = text.replace(POLICY, "").replace("</body>", f"<script>{script}</script>{AXE}</body>")
    page.write_text(text, encoding="utf-8")
    dom = chromium(folder, page, "--virtual-time-budget=60000", "--dump-dom", *options)
    return [(rule, html) for rule, html in json.loads(lxml.html.document_fromstring(dom).xpath("string(//body)"))]


@pytest.mark.parametrize("colours", [(), ("--blink-settings=preferredColorScheme=0",)], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["one", "many", "hostile"])
def test_nobody_is_kept_out(tmp_path: Path, kind: str, colours: tuple[str, ...]) -> None:
    given = {"one": {"alpha": explained()}, "many": None, "hostile": {"alpha": hostile()}}[kind]
    assert barriers(tmp_path, html.render(read(given)), *colours) == []


@pytest.mark.chosen
def test_axe_would_say_it(tmp_path: Path) -> None:
    text = html.render(read()).replace("</body>", '<main><img src="data:,"></main></body>')
    assert "image-alt" in [rule for rule, _element in barriers(tmp_path, text)]


@pytest.mark.chosen
def test_the_page_asks_nobody_even_if_somebody_put_something_into_it(tmp_path: Path) -> None:
    """The policy holds what the template would let through."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        inside = f'<img src="{address}/i"><script>document.title="ran"</script>'
        inside += f'<link rel="stylesheet" href="{address}/s">'
        text = html.render(read())
        page = tmp_path / "page.html"
        page.write_text(text.replace("</body>", f"{inside}</body>"), encoding="utf-8")
        tree = lxml.html.document_fromstring(chromium(tmp_path, page, "--dump-dom"))
        listener.settimeout(0.5)
        with pytest.raises(TimeoutError):
            listener.accept()
        assert tree.xpath("string(//title)") == "z/OS Connect security: 4 servers"
        # And without it, it would have asked.
        page.write_text(page.read_text(encoding="utf-8").replace(POLICY, ""), encoding="utf-8")
        process = subprocess.Popen(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                f"--user-data-dir={tmp_path}/again",
                "--dump-dom",
                page.as_uri(),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            listener.settimeout(SECONDS)
            listener.accept()[0].close()
        finally:
            process.kill()
            process.wait()
    shutil.rmtree(tmp_path / "again", ignore_errors=True)
