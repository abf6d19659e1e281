"""Pages where there are no scripts, by the keyboard alone, and on paper."""

import base64
import re

# The width of what is printed on A4 with Chromium's margins, in pixels.
PAPER = 718

# What is of no use on paper, but would be printed.
USELESS = """
  return [...document.querySelectorAll(".masthead nav, .switches, .neighbours, .contents, .skip, .files, .find, button:not(.sort), input")]
    .filter(e => e.getBoundingClientRect().height).slice(0, 3).map(e => e.tagName + "." + e.className).join(", ");
"""


def check_without_scripts(browser, check, pages):
    """Every kind of page has its heading and its end, nothing that only scripts could fill, and what stands in for those that do."""
    browser.protocol("Emulation.setScriptExecutionDisabled", value=True)
    for kind, page in pages.items():
        browser.open(page.as_uri())
        root = browser.protocol("DOM.getDocument", depth=-1)["root"]["nodeId"]
        found = browser.protocol("DOM.getOuterHTML", nodeId=root)["outerHTML"]
        has_all = "<h1>" in found and "</footer>" in found and 'class="sort"' not in found
        if kind in ("search", "compare"):
            has_all = has_all and "needs JavaScript" in found
        check(f"{browser.name} {kind}: reads without scripts", None if has_all else f"{len(found)} characters")
    browser.protocol("Emulation.setScriptExecutionDisabled", value=False)


# What has the focus: what it is, whether it looks otherwise than without it, and whether it is on the screen.
FOCUS = """
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  function look() {
    return [e, ...e.querySelectorAll("path, rect, circle, text")].map(part => {
      const s = getComputedStyle(part);
      return [s.outlineStyle, s.outlineWidth, s.stroke, s.strokeWidth, s.fill, s.textDecorationLine].join();
    }).join(";");
  }
  const box = e.getBoundingClientRect(), focused = look();
  e.blur();
  const plain = look();
  e.focus({preventScroll: true});
  return [e.tagName + " " + (e.getAttribute("aria-label") || e.textContent).trim().slice(0, 30), focused !== plain,
          box.bottom > 0 && box.top < innerHeight];
"""
TABS = 60


def check_focus(browser, check, pages):
    """The key Tab leads through a page from its first link, and a reader sees where it is."""
    browser.resize(1280, 900)
    browser.protocol("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    for kind in ("atlas", "model", "head", "image", "compare"):
        browser.open(pages[kind].as_uri())
        browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
        seen, problem = [], None
        for _ in range(TABS):
            for event in ("keyDown", "keyUp"):
                browser.protocol("Input.dispatchKeyEvent", type=event, key="Tab", code="Tab", windowsVirtualKeyCode=9)
            found = browser.run(FOCUS)
            if found is None:
                break
            name, is_seen, is_shown = found
            seen.append(name)
            if not is_seen or not is_shown:
                problem = f"{name} {'is off the screen' if is_seen else 'does not show that it has the focus'}"
                break
        if not problem and len(set(seen)) < 5:
            problem = f"only {sorted(set(seen))} are reached"
        check(f"{browser.name} {kind}: Tab leads through it in sight", problem)
    browser.protocol("Emulation.setEmulatedMedia", features=[])
    browser.resize(1024, 900)


def check_print(browser, check, pages, overflow, contrast):
    """Every kind of page on paper: dark on white whatever the theme, as wide as the sheet, without what only a screen can use."""
    browser.resize(PAPER, 1000)
    for kind, page in pages.items():
        if kind in ("search", "compare"):
            continue
        browser.open(page.as_uri())
        browser.run("document.documentElement.setAttribute('data-theme', 'dark')")
        browser.protocol("Emulation.setEmulatedMedia", media="print")
        name = f"{browser.name} {kind} on paper"
        back = browser.run("return getComputedStyle(document.body).backgroundColor")
        check(f"{name}: is white", None if back in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)") else back)
        check(f"{name}: nothing overflows", browser.run(overflow))
        check(f"{name}: contrast", "; ".join(browser.run(contrast)))
        check(f"{name}: nothing of no use", browser.run(USELESS))
        browser.protocol("Emulation.setEmulatedMedia", media="")
        if kind == "head":
            sheet = base64.b64decode(browser.protocol("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
            count = len(re.findall(rb"/Type\s*/Page\b", sheet))
            check(f"{name}: begins with a card of its own", None if count > 1 else f"{count} pages")
    browser.resize(1024, 900)
