"""What a reader comes to an atlas for, done from its front page: each within two clicks and one screen.

A task is a list of steps and what answers it. A click is on a link that stands on the first screen of the page it is on, at 1280
by 900 pixels; typing a word into the search of the front page and pressing Enter is a step of its own. The answer stands on the
first screen of the page, or of where a link within the page leads.
"""

import json

WIDTH, HEIGHT, CLICKS = 1280, 900, 2

# Where an element that is seen stands, its top and its bottom; null where it is not there, or not on the screen where it must be.
PLACE = """
  const found = [...document.querySelectorAll(arguments[0])]
    .filter(e => e.getBoundingClientRect().height && (!arguments[1] || e.textContent.includes(arguments[1])));
  if (!found.length) return null;
  const box = found[0].getBoundingClientRect();
  return arguments[2] && (box.top < 0 || box.bottom > arguments[2]) ? null : [box.top, box.bottom];
"""

CLICK = """
  [...document.querySelectorAll(arguments[0])]
    .filter(e => e.getBoundingClientRect().height && (!arguments[1] || e.textContent.includes(arguments[1])))[0].click();
"""

LOADED = "return document.readyState === 'complete' && [...document.images].every(i => i.complete || i.loading === 'lazy')"

# Steps: ("type", words), or ("click", selector, words in it or None). Answers: (selector, words in it or None).
# The head, the property, the image and the words are those of the embedded atlas.
TASKS = [
    ("what L5.H1 does, and whether to believe it",
     [("type", "5.1"), ("click", "#results a", "L5.H1")],
     [(".verdict > p", "comes back"), (".opening .plate .strip:last-of-type ul", None), (".opening .panel .bars", "Colour")]),
    ("which heads carry colour",
     [("click", "main a", "A property"), ("click", "main a", "Colour")],
     [("main table.bars a", "L5.H1"), ("main table.bars a", "L4.H0")]),
    ("find night",
     [("type", "night")],
     [("#results li", "L5.H3")]),
    ("which heads match this image to its caption",
     [("click", "main a", "An image"), ("click", "main a[href*='gallery-000']", None)],
     [("main h2", "its caption comes from"), ("main table.bars a", "L5.H1")]),
    ("compare two heads",
     [("click", "main a", "Two heads"), ("add", "5.1"), ("add", "5.3")],
     [("#side thead", "L5.H3"), ("#side ul", None)]),
    ("the same idea in another head or model",
     [("type", "5.1"), ("click", "#results a", "L5.H1"), ("click", ".contents a", "Heads that write alike")],
     [("section[id*='heads-that-write-alike'] table a", "L")]),
    ("cite and load the numbers",
     [("click", "header a", "About")],
     [("main a[href$='heads.csv']", None), ("main pre", "@misc")]),
    ("a figure for a talk",
     [("type", "5.1"), ("click", "#results a", "L5.H1")],
     [(".opening .files a[href$='.svg']", "Take this figure")]),
]


def press_enter(browser, words):
    """Types into the search of the front page, and sends it."""
    browser.run("""
      const input = document.getElementById("find");
      input.value = arguments[0];
      input.dispatchEvent(new Event("input"));
      input.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
    """, words)


def add_head(browser, words):
    browser.run("""
      const input = document.getElementById("add");
      input.value = arguments[0];
      input.dispatchEvent(new Event("change"));
    """, words)


def place(browser, settle, selector, words, height=None):
    """Where an element stands, once it does: on the screen, where a height is given."""
    arguments = ", ".join(json.dumps(argument) for argument in (selector, words, height))
    return settle(browser, f"return (function () {{ {PLACE} }})({arguments})", seconds=3)


def check_tasks(browser, check, settle, site):
    """The eight tasks, in the atlas that has their head, image and words."""
    if not (site / "image/gallery-000/index.html").is_file():
        return
    browser.resize(WIDTH, HEIGHT)
    for name, steps, answers in TASKS:
        browser.open((site / "index.html").as_uri())
        clicks, problem = 0, None
        for kind, *rest in steps:
            settle(browser, LOADED)
            if kind == "type":
                press_enter(browser, rest[0])
            elif kind == "add":
                place(browser, settle, "#add", None)
                add_head(browser, rest[0])
            else:
                if not place(browser, settle, *rest, HEIGHT):
                    problem = f"{rest} stands at {place(browser, settle, *rest)} px"
                    break
                clicks += 1
                browser.run(CLICK, *rest)
        settle(browser, LOADED)
        for selector, words in answers if not problem else ():
            # A page may still scroll to where a link within it leads.
            if not place(browser, settle, selector, words, HEIGHT):
                found = place(browser, settle, selector, words)
                problem = f"{selector} with {words} stands at {found} px" if found else f"no {selector} with {words}"
        if not problem and clicks > CLICKS:
            problem = f"more than {CLICKS} clicks"
        check(f"{browser.name} task: {name}, {clicks} clicks", problem)
