"""Picture-world 1: its vocabulary and its scenes.

A scene is a dictionary that JSON can hold; its image, masks and captions follow from it alone.
"""

import random

from shapes import BOXES, FLYERS, KIND_PARTS

KINDS = list(KIND_PARTS)
COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black", "brown", "gray"]
PATTERNS = ["plain", "striped", "dotted", "checkered", "shiny", "wooden", "woolly"]
COUNTS = [1, 2, 3, 4, 5]
PLACES = ["left", "right", "top", "bottom", "center"]
SIZES = ["small", "large"]
SETTINGS = [
    "beach",
    "meadow",
    "mountains",
    "desert",
    "forest",
    "sea",
    "city",
    "room",
    "kitchen",
    "garden",
    "space",
    "underwater",
]
WEATHERS = ["sunny", "rainy", "snowy", "foggy", "autumn"]
TIMES = ["day", "sunset", "night"]
STYLES = ["photo", "drawing", "pixel", "silhouette"]

# Where a fact cannot be seen it is the empty string: no weather indoors, no time of day in space.
OUTDOORS = {"beach", "meadow", "mountains", "desert", "forest", "sea", "city", "garden"}
AUTUMNAL = {"meadow", "forest", "city", "garden"}
WEATHERS_OF = {
    s: (
        []
        if s not in OUTDOORS
        else [
            w for w in WEATHERS if (w != "autumn" or s in AUTUMNAL) and not (s == "desert" and w in ("snowy", "rainy"))
        ]
    )
    for s in SETTINGS
}
TIMES_OF = {s: TIMES for s in SETTINGS} | {"space": [], "underwater": ["day", "night"]}
CENTRES = {"left": (26, 52), "right": (74, 52), "top": (50, 27), "bottom": (50, 75), "center": (50, 52)}
SILHOUETTE_COLOURS = ["black"] * 6 + ["purple", "blue", "brown", "red", "green"]


def sample(rng, forced=None):
    """A scene. `forced` holds values to keep: setting, weather, time, style, and `objects`, one or two partial objects.

    A weather or time that the forced setting does not know stays empty. One rng gives one scene.
    """
    forced = dict(forced or {})
    wanted = forced.pop("objects", None) or [{} for _ in range(rng.choices([1, 2], [0.55, 0.45])[0])]
    scene = {"seed": rng.randrange(2**31), "setting": "", "weather": "", "time": "", "style": ""}
    scene["setting"] = forced.get("setting") or rng.choice([s for s in SETTINGS if fits(s, forced)])
    choose_time_and_weather(rng, scene, forced)
    seen = any(o.get("pattern", "plain") != "plain" or o.get("colour", "black") != "black" for o in wanted)
    scene["style"] = forced.get("style") or rng.choices(STYLES, [0.52, 0.2, 0.17, 0 if seen else 0.11])[0]
    scene["light"] = rng.choice([-1, 1])
    scene["objects"] = choose_objects(rng, scene["style"], wanted)
    lay_out(rng, scene)
    return scene


def fits(setting, forced):
    weather, time = forced.get("weather"), forced.get("time")
    return (not weather or weather in WEATHERS_OF[setting]) and (not time or time in TIMES_OF[setting])


def choose_time_and_weather(rng, scene, forced):
    setting = scene["setting"]
    times = [t for t in TIMES_OF[setting] if not (forced.get("weather") == "sunny" and t == "night")]
    if times:
        scene["time"] = (
            forced.get("time") or rng.choices(times, [{"day": 0.6, "sunset": 0.18, "night": 0.22}[t] for t in times])[0]
        )
    weathers = [w for w in WEATHERS_OF[setting] if not (w == "sunny" and scene["time"] == "night")]
    if weathers:
        choices = weathers + ([""] if scene["time"] == "night" else [])
        scene["weather"] = forced.get(
            "weather", rng.choices(choices, [2.2 if w in ("sunny", "") else 1 for w in choices])[0]
        )


def choose_objects(rng, style, wanted):
    places = (
        [None]
        if len(wanted) == 1
        else rng.choice([["left", "right"], ["right", "left"], ["top", "bottom"], ["bottom", "top"]])
    )
    if len(wanted) == 2:
        places = forced_places(rng, wanted, places)
    objects, one = [], rng.choice(SILHOUETTE_COLOURS)
    for want, spot in zip(wanted, places):
        kind = want.get("kind") or rng.choice([k for k in KINDS if k not in [o["kind"] for o in objects]])
        colour = want.get("colour") or (one if style == "silhouette" else rng.choice(COLOURS))
        pattern = want.get("pattern") or (
            "plain" if style == "silhouette" else rng.choices(PATTERNS, [0.34] + [0.11] * 6)[0]
        )
        weights = [0.62, 0.14, 0.1, 0.08, 0.06] if len(wanted) == 1 else [0.78, 0.15, 0.07, 0, 0]
        count = want.get("count") or rng.choices(COUNTS, weights)[0]
        free = PLACES if count == 1 else ["center", "top", "bottom"] + (["left", "right"] if count == 2 else [])
        place = spot or want.get("place") or rng.choice(free)
        size = want.get("size", rng.choice(SIZES) if count <= 2 else "")
        objects.append(
            {
                "kind": kind,
                "colour": colour,
                "pattern": pattern,
                "count": count,
                "place": place,
                "size": size,
                "angle": rng.choice([0, 0, 45, 90, -45]),
            }
        )
    return objects


def forced_places(rng, wanted, places):
    """Two places that keep what is wanted and face each other."""
    across = {
        "left": "right",
        "right": "left",
        "top": "bottom",
        "bottom": "top",
        "center": rng.choice(["left", "right"]),
    }
    first, second = wanted[0].get("place"), wanted[1].get("place")
    if first:
        return [first, second or across[first]]
    return [across[second], second] if second else places


def lay_out(rng, scene):
    """Where each single object stands: x and y of its foot and its larger extent, in hundredths of the image."""
    pair = len(scene["objects"]) == 2
    for obj in scene["objects"]:
        cx, cy = CENTRES[obj["place"]]
        if pair and obj["place"] in ("left", "right"):
            cy = 54
        wide, tall = {"left": (4, 9), "right": (4, 9), "top": (11, 3), "bottom": (11, 3), "center": (5, 4)}[
            obj["place"]
        ]
        cx, cy = cx + rng.uniform(-wide, wide), cy + rng.uniform(-tall, tall)
        size = item_size(rng, obj, pair)
        items = []
        for dx, dy in spread(rng, obj, size, pair):
            item_w, item_h = extent(obj["kind"], size)
            x = clamp(cx + dx + rng.uniform(-2, 2), item_w / 2 + 4, 96 - item_w / 2)
            top = clamp(cy + dy + rng.uniform(-2, 2) - item_h / 2, 3, 95 - item_h)
            shy = obj["kind"] in ("house", "castle", "cake", "cup", "teapot")
            items.append(
                {
                    "x": round(x, 2),
                    "y": round(top + item_h, 2),
                    "size": round(size * rng.uniform(0.95, 1.05), 2),
                    "flip": 1 if shy else rng.choice([-1, 1]),
                    "tilt": round(rng.uniform(-5, 5) * (obj["kind"] in FLYERS), 1),
                    "shade": round(rng.uniform(-0.08, 0.08), 3),
                }
            )
        obj["items"] = items
    scene["horizon"] = round(horizon(rng, scene["objects"]), 2)


def item_size(rng, obj, pair):
    count, small = obj["count"], obj["size"] == "small"
    if count == 1:
        return rng.uniform(29, 33) if small else (rng.uniform(42, 46) if pair else rng.uniform(50, 58))
    if count == 2:
        return rng.uniform(24, 26) if small else (rng.uniform(29, 32) if pair else rng.uniform(38, 42))
    return {3: 23 if pair else rng.uniform(28, 31), 4: 26, 5: 25}[count]


def spread(rng, obj, size, pair):
    """Offsets of the single objects of a group from its centre."""
    count, place = obj["count"], obj["place"]
    w, h = extent(obj["kind"], size)
    if count == 1:
        return [(0, 0)]
    if count == 2:
        if place in ("left", "right"):
            step = min(h + 4, 38) / 2
            return [(-4, -step), (4, step)]
        step = max(w + 4, 26) / 2
        return [(-step, 2), (step, -2)]
    if count == 3 and pair and place in ("left", "right"):
        return [(0, -h - 2), (-w / 2 - 1, 3), (w / 2 + 1, h * 0.6)] if w < 20 else [(-5, -h - 3), (5, 0), (-5, h + 3)]
    if count == 3:
        return [(-max(w + 3, 28), 2), (0, -3), (max(w + 3, 28), 2)]
    step_x, step_y = max(w + 3, 29), min(h + 4, 30)
    if place != "center":
        step_y = min(step_y, 25)
    top, low = -step_y / 2, step_y / 2
    if count == 4:
        return [(-step_x / 2 - 5, top), (step_x / 2 - 5, top), (-step_x / 2 + 5, low), (step_x / 2 + 5, low)]
    return [(-step_x / 2, top), (step_x / 2, top), (-step_x, low), (0, low), (step_x, low)]


def extent(kind, size):
    b = BOXES[kind]
    m = max(b.width(), b.height())
    return b.width() * size / m, b.height() * size / m


def horizon(rng, objects):
    """High enough that what stands, stands on the ground."""
    feet = [i["y"] for o in objects for i in o["items"] if o["kind"] not in FLYERS]
    if not feet:
        return rng.uniform(56, 68)
    return clamp(min(feet) - rng.uniform(5, 16), 20, 64)


def clamp(v, low, high):
    return max(low, min(high, v)) if low <= high else (low + high) / 2


if __name__ == "__main__":
    import json

    print(json.dumps(sample(random.Random(0)), indent=1))
