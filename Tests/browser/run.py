#!/usr/bin/env python3
"""Opens a built site from the disk in Chromium and Firefox and checks what a reader would notice.

    Tests/browser/run.py SITE [--program HEADATLAS] [--browsers chromium,firefox] [--axe FILE] [--shots FOLDER]

Needs Debian's chromium, chromium-driver and firefox-esr; Python's standard library otherwise. Prints a line per check
and exits with 1 where one failed. With --shots, it writes an image of every kind of page at three widths, light and dark, to
FOLDER. With --axe, the file of axe-core, every kind of page is held against its rules, light and dark, with all tables of numbers
open. With --program, it also serves a small atlas and looks whether open pages follow its changes.
"""

import argparse
import base64
import json
import pathlib
import re
import shutil
import sys
import time

from marionette import Firefox
from media import check_focus, check_print, check_without_scripts
from tasks import check_tasks
from watched import check_reload
from webdriver import Chromium

WIDTHS = (320, 360, 1024, 1600, 3840)

# The contrast of every visible text with the colour behind it (WCAG 2.2, 1.4.3), worst first.
CONTRAST = """
  function parse(text) {
    const m = text.match(/[\\d.]+/g).map(Number);
    return {r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1};
  }
  function light(c) {
    const f = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b);
  }
  const failures = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || parent.closest("svg, script, noscript")) continue;
    const box = parent.getBoundingClientRect();
    const style = getComputedStyle(parent);
    if (!box.width || style.visibility === "hidden") continue;
    let behind = parent;
    let back = parse(getComputedStyle(behind).backgroundColor);
    while (back.a === 0 && behind.parentElement) {
      behind = behind.parentElement;
      back = parse(getComputedStyle(behind).backgroundColor);
    }
    const [a, b] = [light(parse(style.color)), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24;
    if (ratio < (isLarge ? 3 : 4.5)) {
      failures.push(ratio.toFixed(2) + " " + parent.tagName + "." + parent.className + " "
        + walker.currentNode.textContent.trim().slice(0, 30));
    }
  }
  return failures.sort().slice(0, 3);
"""

# What overflows at the right, outside of elements that scroll.
OVERFLOW = """
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return null;
  const wide = [...document.querySelectorAll("body *")].filter(e =>
    e.getBoundingClientRect().right > root.clientWidth + 0.5 && !e.closest(".scroll, pre"));
  return root.scrollWidth + " > " + root.clientWidth + ": "
    + wide.slice(0, 3).map(e => e.tagName + "." + (e.getAttribute("class") || "")).join(", ");
"""

# Missing names, which screen readers need, and headings that skip a level.
STRUCTURE = """
  const found = [];
  let last = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const level = Number(heading.tagName[1]);
    if (level > last + 1) found.push("h" + level + " after h" + last + ": " + heading.textContent.slice(0, 30));
    last = level;
  }
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  for (const link of document.querySelectorAll("a[href], button")) {
    const name = link.getAttribute("aria-label") || link.textContent.trim()
      || [...link.querySelectorAll("img, [aria-label]")]
        .map(e => e.getAttribute("alt") || e.getAttribute("aria-label")).join("");
    if (!name) found.push("a link without a name: " + link.getAttribute("href"));
  }
  for (const image of document.querySelectorAll("img")) {
    if (!image.hasAttribute("alt") || !image.width || !image.getAttribute("height")) {
      found.push("an image without alternative or size: " + image.getAttribute("src"));
    }
  }
  for (const row of document.querySelectorAll("svg[role=img]")) {
    if (!row.getAttribute("aria-label")) found.push("a drawing without alternative");
  }
  const small = [...document.querySelectorAll("button, .masthead a, .neighbours a, summary")]
    .filter(e => e.getBoundingClientRect().height && e.getBoundingClientRect().height < 23.5 && !e.closest("thead"));
  for (const target of small.slice(0, 3)) found.push("a target lower than 24 px: " + target.textContent.slice(0, 30));
  return found.slice(0, 5);
"""


class Checks:
    def __init__(self):
        self.failed = 0
        self.passed = 0

    def __call__(self, name, problem=None):
        if problem:
            self.failed += 1
            print(f"FAIL {name}: {problem}", flush=True)
        else:
            self.passed += 1
            print(f"ok   {name}", flush=True)


def page_kinds(site):
    """One page of each kind, by name; of heads and layers the one in the middle, which has two neighbours."""
    patterns = {
        "atlas": "index.html", "model": "model/*/index.html", "layer": "model/*/layer/*/index.html",
        "head": "model/*/head/*/index.html", "property": "property/*/index.html", "image": "image/*/index.html",
        "text": "text/*/index.html", "contrast": "contrast/*/index.html", "plugin": "plugin/*/index.html",
        "part": "property/*/*/index.html", "letter": "az/*/index.html",
    }
    names = ("metrics", "method", "models", "properties", "images", "texts", "contrasts", "plugins",
             "search", "az", "about", "glossary", "compare")
    patterns.update({name: f"{name}/index.html" for name in names})
    pages = {}
    for kind, pattern in patterns.items():
        found = sorted(site.glob(pattern))
        if found:
            # The longest page of its kind; the first and the last lack a neighbour.
            inner = found[1:-1] or found
            pages[kind] = max(inner, key=lambda page: (page.stat().st_size, str(page)))
    return pages


def settle(browser, script, seconds=10):
    """The value of a script once it is true, or its last value."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = browser.run(script)
        except RuntimeError:
            value = None
        if value or time.monotonic() > end:
            return value
        time.sleep(0.1)


def check_page(browser, check, kind, page):
    address = page.as_uri()
    browser.resize(1024, 900)
    browser.open(address)
    browser.run("for (const image of document.images) image.loading = 'eager';")
    settle(browser, "return [...document.images].every(image => image.complete)")
    broken = browser.run(
        "return [...document.images].filter(i => !i.naturalWidth).map(i => i.getAttribute('src')).slice(0, 3)")
    check(f"{browser.name} {kind}: its images load", ", ".join(broken))
    check(f"{browser.name} {kind}: structure", "; ".join(browser.run(STRUCTURE)))
    for width in WIDTHS:
        browser.resize(width, 900)
        shown = browser.run("return innerWidth")
        if browser.name == "firefox" and shown != width:
            continue  # its windows have a minimum width
        check(f"{browser.name} {kind}: nothing overflows at {width} px", browser.run(OVERFLOW))
    browser.resize(1024, 900)
    for theme in ("light", "dark"):
        browser.run("document.documentElement.setAttribute('data-theme', arguments[0])", theme)
        check(f"{browser.name} {kind}: contrast, {theme}", "; ".join(browser.run(CONTRAST)))
    check(f"{browser.name} {kind}: nothing in the console", "; ".join(browser.errors()[:2]))


# What moved while the page loaded, as a part of the window (the layout shift of the Web Vitals).
SHIFT = """
  const observer = new PerformanceObserver(() => {});
  observer.observe({type: "layout-shift", buffered: true});
  return observer.takeRecords().reduce((sum, entry) => sum + entry.value, 0);
"""


def check_shift(browser, check, pages):
    for width in (360, 1280):
        browser.resize(width, 900)
        for kind, page in pages.items():
            browser.open(page.as_uri())
            settle(browser, "return [...document.images].every(image => image.complete || image.loading === 'lazy')")
            time.sleep(0.3)
            moved = browser.run(SHIFT)
            check(f"{browser.name} {kind}: nothing moves while it loads, {width} px", moved > 0.001 and f"{moved:.4f}")


# Leaves what axe-core found on the page, which a later script reads: only that script waits. It loads no style sheets of its own, which
# the pages' policy refuses.
AXE = """
  for (const part of document.querySelectorAll("details")) part.open = true;
  delete document.documentElement.dataset.found;
  axe.run(document, {resultTypes: ["violations"], preload: false}).then(
    result => { document.documentElement.dataset.found = JSON.stringify(result.violations.map(
      rule => `${rule.id} on ${rule.nodes.length}: ${rule.nodes[0].html.slice(0, 120)}`)); },
    error => { document.documentElement.dataset.found = JSON.stringify([String(error)]); });
"""


def check_axe(browser, check, kind, page, source):
    browser.resize(1024, 900)
    for theme in ("light", "dark"):
        browser.open(f"{page.as_uri()}?theme={theme}")
        browser.run(source + AXE)
        found = settle(browser, "return document.documentElement.dataset.found", seconds=60)
        check(f"{browser.name} {kind}: axe, {theme}", "; ".join(json.loads(found)) if found else "no answer in 60 s")


def searched_word(site):
    """A word of a head's title in the data of the search."""
    text = (site / "search" / "data.js").read_text(encoding="utf-8")
    for title in re.findall(r'^\["head","((?:[^"\\]|\\.)*)"', text, re.MULTILINE):
        words = re.findall(r"[A-Za-z]{4,}", title.split(" ", 1)[-1])
        if words and words[0].lower() != "ambiguous":
            return words[0]
    return "ambiguous"


def check_search(browser, check, site):
    word = searched_word(site)
    address = (site / "search" / "index.html").as_uri()
    browser.open(f"{address}?q={word}")
    titles = settle(browser, "return [...document.querySelectorAll('#results a')].map(a => a.textContent)") or []
    hit = any(word.lower() in title.lower() for title in titles)
    check(f"{browser.name} search: ?q={word} finds it", None if hit else f"found {titles[:3]}")
    browser.open(f"{address}?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    injected = browser.run("return document.querySelectorAll('#results img, main img').length")
    check(f"{browser.name} search: a query is never markup", injected and "an element was made")
    browser.open(address)
    browser.run("""
      const input = document.getElementById("query");
      input.value = arguments[0];
      input.dispatchEvent(new Event("input"));
      input.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", bubbles: true}));
    """, word)
    focused = browser.run("return document.activeElement.closest('#results') !== null")
    check(f"{browser.name} search: the arrow leads to the first result", None if focused else "the focus is elsewhere")
    before = browser.run("return location.href")
    browser.run("document.activeElement.click()")
    settle(browser, f"return location.href !== {before!r} && document.readyState === 'complete'")
    title = settle(browser, "return document.querySelector('main:not(:has(#search)) h1') !== null")
    check(f"{browser.name} search: a result leads to its page", None if title else "there is no page")
    check(f"{browser.name} search: nothing in the console", "; ".join(browser.errors()[:2]))


def check_evidence_in_search(browser, check, site):
    """Heads by the evidence for a property, however their names and the words are written."""
    text = (site / "search" / "data.js").read_text(encoding="utf-8")
    found = re.findall(r'^\["head","(L\d+\.H\d+)[^\n]*\[\["([A-Za-z]{5,})",(\d\.\d+)\]', text, re.MULTILINE)
    if not found:
        return
    _, word, _ = max(found, key=lambda entry: float(entry[2]))
    head, _, _ = max((entry for entry in found if entry[1] == word), key=lambda entry: float(entry[2]))
    address = (site / "search" / "index.html").as_uri()
    titles = "return [...document.querySelectorAll('#results a')].map(a => a.textContent)"
    spoilt = word[:2] + word[3:]
    for query in (word, spoilt, "the " + word):
        browser.open(f"{address}?q={query.replace(' ', '%20')}")
        heads = [title for title in settle(browser, titles) or [] if re.match(r"L\d+\.H", title)]
        check(f"{browser.name} search: ?q={query} has the head with most evidence first",
              None if heads and heads[0].startswith(head + " ") else f"found {heads[:2]}, expected {head}")
    layer, number = re.findall(r"\d+", head)
    for query in (f"L{layer}H{number}", f"{layer}.{number}", f"l0{layer}.h0{number}"):
        browser.open(f"{address}?q={query}")
        first = (settle(browser, titles) or [""])[0]
        check(f"{browser.name} search: ?q={query} is {head}", None if first.startswith(head) else f"found {first}")


def check_compare(browser, check, site, pages):
    """Heads side by side: from a head's page by its key, further ones by name, the whole choice in the address."""
    name = f"{browser.name} compare"
    columns = "return [...document.querySelectorAll('#side thead th a')].map(a => a.textContent)"
    browser.open(pages["head"].as_uri())
    press(browser, "c")
    first = settle(browser, columns) or []
    check(f"{name}: c on a head's page leads to it", None if len(first) == 1 else f"columns {first}")
    keys = re.findall(r'^\["([^"]+)",\d+,"(L\d+\.H\d+)"', (site / "compare/data.js").read_text("utf-8"), re.MULTILINE)
    other, title = next(found for found in keys if first and not first[0].startswith(found[1] + " "))
    browser.run("""
      const input = document.getElementById("add");
      input.value = arguments[0];
      input.dispatchEvent(new Event("change"));
    """, title.replace("L", "").replace("H", ""))
    both = settle(browser, f"return (() => {{ {columns} }})().length === 2 && (() => {{ {columns} }})()") or []
    check(f"{name}: a name adds a head", None if len(both) == 2 and both[1].startswith(title) else f"columns {both}")
    address = browser.run("return location.href.split('?')[0].split('#')[0] + location.hash")
    check(f"{name}: the address has both", None if "," in address and other in address else address)
    browser.open("about:blank")
    browser.open(address)
    again = settle(browser, columns) or []
    check(f"{name}: the address shows both again", None if again == both else f"columns {again}")
    browser.run("for (const image of document.images) image.loading = 'eager';")
    settle(browser, "return [...document.images].every(image => image.complete)")
    broken = browser.run("return [...document.images].filter(i => !i.naturalWidth).length")
    check(f"{name}: its images load", broken and f"{broken} do not")
    for width in WIDTHS:
        browser.resize(width, 900)
        if browser.name == "firefox" and browser.run("return innerWidth") != width:
            continue
        check(f"{name}: nothing overflows at {width} px", browser.run(OVERFLOW))
    browser.resize(1024, 900)
    for theme in ("light", "dark"):
        browser.run("document.documentElement.setAttribute('data-theme', arguments[0])", theme)
        check(f"{name}: contrast of two heads, {theme}", "; ".join(browser.run(CONTRAST)))
    browser.run("document.querySelector('#side thead button').click()")
    left = settle(browser, f"return (() => {{ {columns} }})().length === 1 && (() => {{ {columns} }})()")
    check(f"{name}: a head is removed", None if left == both[1:] else f"columns {left}")
    check(f"{name}: nothing in the console", "; ".join(browser.errors()[:2]))
    images = sorted((site / "image").glob("*/index.html"))[:2]
    if len(images) < 2:
        return
    # Images, from the page of one by its key, the second by its name; heads beside them in a table of their own.
    browser.open(images[0].as_uri())
    press(browser, "c")
    side = "return [...document.querySelectorAll('#side-images thead th a')].map(a => a.textContent)"
    one = settle(browser, side) or []
    browser.open("about:blank")
    browser.open((site / "compare" / "index.html").as_uri() + f"#/image:{images[0].parent.name},image:{images[1].parent.name},{other}")
    two = settle(browser, f"return (() => {{ {side} }})().length === 2 && (() => {{ {side} }})()") or []
    check(f"{name}: c on an image's page leads to it", None if one and one == two[:1] else f"columns {one}, {two}")
    heads = browser.run(columns)
    check(f"{name}: images and heads have tables of their own", None if len(heads) == 1 else f"columns {heads}")
    rows = browser.run("return [...document.querySelectorAll('#side-images tbody th a')].map(a => a.textContent)")
    check(f"{name}: images have the heads of their captions", None if len(rows) > 2 and len(set(rows)) == len(rows) else f"rows {rows}")
    for width in (320, 1024):
        browser.resize(width, 900)
        check(f"{name}: nothing overflows beside images at {width} px", browser.run(OVERFLOW))
    check(f"{name}: nothing of images in the console", "; ".join(browser.errors()[:2]))


def check_first_screen(browser, check, pages):
    """The verdict, the images at both ends and the evidence stand on the first screen of a head's page."""
    browser.resize(1280, 900)
    browser.open(pages["head"].as_uri())
    browser.run("for (const image of document.images) image.loading = 'eager';")
    settle(browser, "return [...document.images].every(image => image.complete)")
    for name, selector in (("verdict", ".verdict > p"), ("images", ".opening .plate .strip:last-of-type ul"),
                           ("evidence", ".opening .panel .bars")):
        below = browser.run(f"const e = document.querySelector({selector!r}); return e && e.getBoundingClientRect().bottom")
        if below is not None:
            check(f"{browser.name} head: {name} on the first screen", None if below <= 900 else f"ends at {below:.0f} px")
    browser.resize(1024, 900)


def check_taking(browser, check, pages):
    """Every link to a figure opens a drawing that shows its own images, and what is cited can be read."""
    for kind in ("atlas", "model", "head", "image"):
        if kind not in pages:
            continue
        browser.open(pages[kind].as_uri())
        links = browser.run(
            "return [...document.querySelectorAll('.files a[href$=\".svg\"]')].map(link => link.href.split('?')[0])")
        check(f"{browser.name} {kind}: its figures can be taken", None if links else "no link to an SVG file")
        for link in (links[0], links[-1]) if links else ():
            name = link.rsplit("/", 1)[-1]
            browser.open(link)
            root = browser.run("""
              const root = document.documentElement;
              return root.namespaceURI === "http://www.w3.org/2000/svg" && root.localName === "svg"
                && root.querySelector("title").textContent !== "" && root.getBoundingClientRect().width >= 400;
            """)
            check(f"{browser.name} {kind}: {name} is a drawing", None if root else "another document")
            outside = browser.run("""
              const edge = document.documentElement.viewBox.baseVal.width;
              return [...document.querySelectorAll("text, image")].filter(e => {
                const box = e.getBoundingClientRect();
                return box.right > edge + 1 || box.left < -1;
              }).map(e => e.textContent.slice(0, 30)).slice(0, 3);
            """)
            check(f"{browser.name} {kind}: {name} keeps inside its paper", "; ".join(outside))
    browser.open(pages["head"].as_uri())
    browser.run("document.querySelector('.cite summary').click()")
    cited = browser.run("return document.querySelector('.cite pre').checkVisibility() && document.querySelector('.cite pre').textContent")
    check(f"{browser.name} head: has an entry for a bibliography", None if cited and cited.startswith("@misc{") else f"found {cited}")
    browser.resize(360, 900)
    check(f"{browser.name} head: nothing overflows at 360 px with the entry open", browser.run(OVERFLOW))
    browser.resize(1024, 900)
    check(f"{browser.name} taking: nothing in the console", "; ".join(browser.errors()[:2]))


def check_theme(browser, check, pages):
    theme = "return document.documentElement.getAttribute('data-theme')"
    browser.open(pages["atlas"].as_uri())
    before = settle(browser, "return document.getElementById('theme').textContent")
    browser.run("document.getElementById('theme').click()")
    chosen = browser.run(theme)
    check(f"{browser.name} theme: the switch to {before.lower()}",
          None if chosen == before.lower() else f"found {chosen}")
    background = browser.run("return getComputedStyle(document.body).backgroundColor")
    browser.run("document.querySelector('.masthead nav a').click()")
    settle(browser, "return /models.index\\.html/.test(location.href) && document.readyState === 'complete'")
    found = browser.run(theme)
    same = browser.run("return getComputedStyle(document.body).backgroundColor") == background
    check(f"{browser.name} theme: the next page has it too", None if found == chosen and same else f"found {found}")
    address = browser.run("return location.href")
    check(f"{browser.name} theme: the address does not carry it on", "theme=" in address and f"found {address}")
    browser.run("document.querySelector('main .body a').click()")
    settle(browser, "return /model.[^/]+.index\\.html/.test(location.href) && document.readyState === 'complete'")
    found = browser.run(theme)
    check(f"{browser.name} theme: and the one after", None if found == chosen else f"found {found}")
    browser.run("document.getElementById('theme').click()")
    address = browser.run("return location.href")
    browser.open(address)
    found = browser.run(theme)
    check(f"{browser.name} theme: switched back, it stays back after reloading",
          None if found != chosen else f"found {found} at {address}")


def press(browser, key):
    browser.run("""document.body.dispatchEvent(
      new KeyboardEvent("keydown", {key: arguments[0], bubbles: true, cancelable: true}))""", key)


def check_keys(browser, check, pages):
    browser.open(pages["head"].as_uri())
    expected = browser.run("return document.querySelector('a[rel=next]').href.split('?')[0]")
    press(browser, "ArrowRight")
    arrived = settle(browser, f"return location.href.split('?')[0] === {expected!r}")
    check(f"{browser.name} keys: → opens the next head", None if arrived else browser.run("return location.href"))
    settle(browser, "return document.readyState === 'complete'")
    press(browser, "?")
    is_open = browser.run("return !!document.querySelector('dialog[open]')")
    check(f"{browser.name} keys: ? shows the keys", None if is_open else "no dialog")
    browser.run("document.querySelector('dialog').close()")
    press(browser, "/")
    arrived = settle(browser, "return /search.index\\.html/.test(location.href)")
    check(f"{browser.name} keys: / leads to the search", None if arrived else browser.run("return location.href"))
    check(f"{browser.name} keys: nothing in the console", "; ".join(browser.errors()[:2]))


def press_here(browser, key):
    """A key on what has the focus."""
    browser.run("""document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", {key: arguments[0], bubbles: true, cancelable: true}))""", key)


def map_under_cursor(browser):
    """What the map that has the focus says, and its number at that place in the table below."""
    return browser.run("""
      const map = document.activeElement.querySelector(".map") || document.activeElement;
      const figure = map.closest("figure"), spoken = document.querySelector("[aria-live=polite].unseen");
      const words = map.querySelector(".readout").textContent, found = words.match(/^row (\\d+), column (\\d+): (\\S+), /);
      const cursor = map.querySelector(".cursor path");
      const table = figure.querySelectorAll("table.patches")[[...figure.querySelectorAll(".map")].indexOf(map)];
      const power = Number(figure.querySelector(".twin").getAttribute("data-power") || 0);
      const number = text => Number(text.replace("\u2212", "-"));
      const all = [...table.rows].flatMap(row => row.cells[1].textContent.trim().split(/\\s+/).map(number));
      const at = found && (found[1] - 1) * table.rows.length + Number(found[2]) - 1;
      return {words, spoken: spoken && spoken.textContent, cursor: cursor && cursor.getAttribute("d"),
        row: found && found[1] - 1, column: found && found[2] - 1, side: table.rows.length,
        isRight: !!found && Math.abs(number(found[3]) - all[at] * 10 ** power) < 1e-9 * 10 ** Math.max(0, power),
        end: found && (all[at] < 0 ? "lowest" : "highest"), count: all.length,
        rank: found && all.filter(value => all[at] < 0 ? value < all[at] : value > all[at]).length + 1};
    """)


def rank_words(found):
    """The rank of a patch as the page should say it."""
    names = ["", "second ", "third ", "fourth ", "fifth ", "sixth ", "seventh ", "eighth ", "ninth ", "tenth "]
    rank = found["rank"]
    ending = "th" if rank // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    name = names[rank - 1] if rank <= len(names) else f"{rank}{ending} "
    return f", the {name}{found['end']} of {found['count']}"


def check_maps(browser, check, pages):
    """A cursor over the patches of maps, which says what is there, and the choice between crisp and smooth, which is remembered."""
    for kind in ("image", "contrast"):
        if kind not in pages:
            continue
        name = f"{browser.name} maps, {kind}"
        browser.open(pages[kind].as_uri())
        address = browser.run("return location.href")
        settle(browser, "return document.querySelector('.map .readout') !== null")
        browser.run("""const map = document.querySelector("figure.maps .map");
          (map.closest("a") || map).focus({focusVisible: true})""")
        outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        check(f"{name}: the focus is seen", "no outline" if outline == "none" else None)
        press_here(browser, "ArrowRight")
        found = map_under_cursor(browser)
        check(f"{name}: an arrow begins at the highest patch",
              None if found["isRight"] and "the highest of" in found["words"] else str(found))
        check(f"{name}: it is said, too", None if found["spoken"] == found["words"] else str(found))
        step = ("ArrowLeft", "ArrowUp") if found["row"] else ("ArrowLeft", "ArrowDown")
        for key in step + step[::-1]:
            before = found
            press_here(browser, key)
            found = map_under_cursor(browser)
            row = before["row"] + {"ArrowUp": -1, "ArrowDown": 1}.get(key, 0)
            column = max(0, before["column"] + {"ArrowLeft": -1}.get(key, 0))
            row = min(max(row, 0), before["side"] - 1)
            is_there = (found["row"], found["column"]) == (row, column) and found["isRight"]
            is_there = is_there and found["cursor"] == f"M{column} {row}h1v1h-1z"
            check(f"{name}: {key} moves by one patch, or stays at the edge", None if is_there else f"{before} {found}")
            check(f"{name}: its rank is said", None if rank_words(found) in found["words"] else str(found))
        check(f"{name}: the page stays", None if browser.run("return location.href") == address else "another page")
        press_here(browser, "Escape")
        press_here(browser, "ArrowUp")
        found = map_under_cursor(browser)
        has_left = not found["words"] and not found["spoken"] and not found["cursor"]
        check(f"{name}: Escape leaves", None if has_left else str(found))
    smooth = "return document.body.classList.contains('smooth')"
    pressed = "return document.getElementById('smooth').getAttribute('aria-pressed')"
    press(browser, "s")
    check(f"{browser.name} maps: s makes them smooth",
          None if browser.run(smooth) and browser.run(pressed) == "true" else "they are crisp")
    path = browser.run("return location.pathname")
    browser.run("document.querySelector('a[rel=next], a[rel=prev]').click()")
    settle(browser, f"return location.pathname !== {path!r} && document.getElementById('smooth') !== null")
    check(f"{browser.name} maps: and so are those of the next page",
          None if settle(browser, smooth) else "they are crisp")
    browser.open(browser.run("return location.href.split('?')[0]"))
    remembered = browser.run(smooth)
    # Without an address that has the choice, Firefox keeps it for each file alone.
    check(f"{browser.name} maps: the choice is remembered",
          None if remembered or browser.name == "firefox" else "they are crisp")
    browser.run("document.getElementById('smooth').click()")
    again = browser.run(smooth)
    check(f"{browser.name} maps: the button turns it", None if again != remembered else "nothing changed")
    browser.open(browser.run("return location.href.split('?')[0]"))
    check(f"{browser.name} maps: and that is remembered, too",
          None if browser.run(smooth) == again else "it was forgotten")
    if again:
        press(browser, "s")
    check(f"{browser.name} maps: nothing in the console", "; ".join(browser.errors()[:2]))


def check_tables(browser, check, pages):
    for page in pages.values():
        browser.open(page.as_uri())
        if browser.run("return document.querySelectorAll('thead th.n .sort').length") == 0:
            continue
        values = """
          const head = document.querySelector("thead th.n .sort").closest("th");
          return [...head.closest("table").tBodies[0].rows].map(row =>
            Number(row.cells[head.cellIndex].textContent.replace(/[\\u2007\\u2008]/g, "").replace("\\u2212", "-")))
            .filter(value => !isNaN(value));
        """
        browser.run("document.querySelector('thead th.n .sort').click()")
        numbers = browser.run(values)
        is_sorted = numbers == sorted(numbers, reverse=True)
        check(f"{browser.name} tables: a click sorts, the largest first", None if is_sorted else str(numbers))
        return


def take_images(browser, pages, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for kind, page in pages.items():
        for width in (360, 1024, 1600):
            browser.resize(width, 900)
            browser.open(page.as_uri())
            browser.run("for (const image of document.images) image.loading = 'eager';")
            settle(browser, "return [...document.images].every(image => image.complete)")
            for theme in ("light", "dark"):
                browser.run("document.documentElement.setAttribute('data-theme', arguments[0])", theme)
                name = f"{browser.name}-{kind}-{width}-{theme}.png"
                (folder / name).write_bytes(base64.b64decode(browser.screenshot()))


def open_browser(name):
    programs = {"chromium": ("chromedriver", "chromium"), "firefox": ("firefox-esr",)}[name]
    found = [shutil.which(program) for program in programs]
    if not all(found):
        sys.exit(f"{name}: {' and '.join(programs)} not found; install Debian's chromium, chromium-driver, firefox-esr")
    return Chromium(*found) if name == "chromium" else Firefox(*found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--browsers", default="chromium,firefox")
    parser.add_argument("--axe", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path)
    options = parser.parse_args()
    site = options.site.resolve()
    if not (site / "index.html").is_file():
        sys.exit(f"{site}: no index.html; expected the folder of a built site")
    pages = page_kinds(site)
    axe = options.axe.read_text(encoding="utf-8") if options.axe else None
    check = Checks()
    for name in options.browsers.split(","):
        browser = open_browser(name)
        try:
            for kind, page in pages.items():
                check_page(browser, check, kind, page)
                if axe:
                    check_axe(browser, check, kind, page, axe)
            check_search(browser, check, site)
            check_evidence_in_search(browser, check, site)
            check_compare(browser, check, site, pages)
            check_first_screen(browser, check, pages)
            check_tasks(browser, check, settle, site)
            check_taking(browser, check, pages)
            check_theme(browser, check, pages)
            check_keys(browser, check, pages)
            check_maps(browser, check, pages)
            check_tables(browser, check, pages)
            if name == "chromium":
                check_without_scripts(browser, check, pages)
                check_focus(browser, check, pages)
                check_print(browser, check, pages, OVERFLOW, CONTRAST)
                check_shift(browser, check, pages)
            if options.program:
                check_reload(browser, check, settle, options.program.resolve())
            if options.shots:
                take_images(browser, pages, options.shots)
        finally:
            browser.close()
    print(f"{check.passed} checks passed, {check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
