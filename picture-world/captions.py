"""Captions of scenes, zero-shot texts for the values of a property, and every word that either can hold."""

import random

import world

COUNT_WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
PLURALS = {"fish": "fish", "butterfly": "butterflies"}
PLACE_TEXTS = {
    "left": ["on the left"],
    "right": ["on the right"],
    "top": ["at the top"],
    "bottom": ["at the bottom"],
    "center": ["in the center", "in the middle"],
}
SETTING_TEXTS = {
    "beach": ["on the beach", "on a beach", "on a sandy beach"],
    "meadow": ["in a meadow", "in the meadow", "in a green meadow"],
    "mountains": ["in the mountains", "in front of mountains"],
    "desert": ["in the desert", "in a desert"],
    "forest": ["in the forest", "in a forest"],
    "sea": ["at sea", "on the sea"],
    "city": ["in the city", "on a city street"],
    "room": ["in a room", "in the living room"],
    "kitchen": ["in the kitchen", "in a kitchen"],
    "garden": ["in the garden", "in a garden"],
    "space": ["in space", "in outer space"],
    "underwater": ["underwater", "under water"],
}
SETTING_NAMES = {
    "mountains": "the mountains",
    "sea": "the sea",
    "city": "a city",
    "space": "outer space",
    "underwater": "an underwater scene",
}
# Settings that take an adjective of the weather: on a rainy beach.
ADJECTIVE_TEXTS = {
    "beach": "on a {} beach",
    "meadow": "in a {} meadow",
    "desert": "in a {} desert",
    "forest": "in a {} forest",
    "city": "in a {} city",
    "garden": "in a {} garden",
}
WEATHER_TEXTS = {
    "sunny": ["in the sunshine"],
    "rainy": ["in the rain"],
    "snowy": ["in the snow", "in falling snow"],
    "foggy": ["in the fog", "in fog"],
    "autumn": ["in autumn"],
}
TIME_TEXTS = {"day": ["by day", "in daylight"], "sunset": ["at sunset"], "night": ["at night"]}
STYLE_STARTS = {
    "photo": ["a photo of", "a photograph of"],
    "drawing": ["a drawing of", "a sketch of"],
    "pixel": ["pixel art of", "a pixel picture of"],
    "silhouette": ["a silhouette of", "the silhouette of"],
}
STYLE_ENDS = {
    "photo": ["in a photo"],
    "drawing": ["in a drawing"],
    "pixel": ["in pixel style"],
    "silhouette": ["in silhouette"],
}
RELATIONS = {
    ("left", "right"): ["to the left of", "left of"],
    ("right", "left"): ["to the right of", "right of"],
    ("top", "bottom"): ["above", "over"],
    ("bottom", "top"): ["below", "under"],
}

# Things the world has not, for the pool of descriptions.
ABSENT_KINDS = [
    "violin",
    "elephant",
    "ladder",
    "horse",
    "sheep",
    "pear",
    "shoe",
    "bridge",
    "clock",
    "drum",
    "spider",
    "tractor",
]
ABSENT_COLOURS = ["turquoise", "golden", "silver"]
ABSENT_PATTERNS = ["transparent", "broken", "glowing"]
ABSENT_COUNTS = ["seven", "twelve", "many"]
ABSENT_SETTINGS = ["in a library", "in a cave", "on a farm", "in a museum"]
OTHER_WORDS = (
    "a an the and of is no not nothing picture scene world with next empty colorful toy object things something animal"
    " animals fruit vehicle building plant food music thought idea silence yesterday sleep number seven ideas justice"
    " round flying old new day night morning dark bright warm cold wet texture pattern red metal wood wool in on at"
).split()
LIMIT = 20


def article(text):
    return ("an " if text[0] in "aeiou" else "a ") + text


def plural(kind):
    return PLURALS.get(kind, kind + "s")


def group(obj, facts):
    """A noun phrase: the kind, and those of count, size, pattern and colour that are in `facts`."""
    words = []
    if "size" in facts and obj["size"]:
        words.append(obj["size"])
    if "pattern" in facts:
        words.append(obj["pattern"])
    if "colour" in facts:
        words.append(obj["colour"])
    if obj["count"] > 1:
        phrase = " ".join(words + [plural(obj["kind"])])
        return f"{COUNT_WORDS[obj['count']]} {phrase}" if "count" in facts else phrase
    return article(" ".join(words + [obj["kind"]]))


def caption(scene, rng, full=False):
    """A caption that tells the kinds and a generous part of the rest; with `full`, all that fits."""
    if not full and rng.random() < 0.05:
        return setting_only(scene, rng)
    told = [group(o, facts_of(o, scene, rng, full)) for o in scene["objects"]]
    objects = scene["objects"]
    if len(objects) == 2 and not full and rng.random() < 0.12:
        pick = rng.randrange(2)
        objects, told = [objects[pick]], [told[pick]]
    text = told[0]
    if len(objects) == 2:
        text = pair(objects, told, rng, full)
    elif rng.random() < 0.5:
        text += " " + rng.choice(PLACE_TEXTS[objects[0]["place"]])
    ends = surroundings(scene, rng, full)
    if not full or scene["style"] != "photo":
        text, ends = styled(scene, rng, text, ends, full)
    for end in ends:
        if len((text + " " + end).split()) <= LIMIT:
            text += " " + end
    return text


def facts_of(obj, scene, rng, full):
    chance = {"count": 0.95, "colour": 0.85, "pattern": 0.85 if obj["pattern"] != "plain" else 0.12, "size": 0.45}
    if full:
        chance = {"count": 1, "colour": 1, "pattern": obj["pattern"] != "plain", "size": len(scene["objects"]) == 1}
    facts = {f for f, p in chance.items() if rng.random() < p}
    return facts - {"pattern"} if scene["style"] == "silhouette" and obj["pattern"] == "plain" else facts


def pair(objects, told, rng, full):
    order = rng.choice([(0, 1), (1, 0)])
    a, b = (objects[i] for i in order)
    relations = RELATIONS.get((a["place"], b["place"]))
    if relations and (full or rng.random() < 0.65):
        link = relations[0] if full else rng.choice(relations)
    else:
        link = rng.choice(["and", "and", "next to", "with"])
    return f"{told[order[0]]} {link} {told[order[1]]}"


def surroundings(scene, rng, full=False):
    """Phrases for setting, weather and time of day."""
    setting, weather, time = scene["setting"], scene["weather"], scene["time"]
    tell_setting = full or rng.random() < 0.68
    tell_weather = weather and (full or rng.random() < 0.55)
    tell_time = time and (full and time != "day" or rng.random() < (0.3 if time == "day" else 0.65))
    if tell_setting and tell_weather and weather != "autumn" and setting in ADJECTIVE_TEXTS and rng.random() < 0.3:
        parts, tell_weather = [ADJECTIVE_TEXTS[setting].format(weather)], False
    else:
        parts = [rng.choice(SETTING_TEXTS[setting])] if tell_setting else []
    if tell_weather and tell_time and time != "sunset":
        parts.append(f"on {article(weather)} {time}")
    else:
        parts += [rng.choice(WEATHER_TEXTS[weather])] if tell_weather else []
        parts += [rng.choice(TIME_TEXTS[time])] if tell_time else []
    return parts


def styled(scene, rng, text, ends, full):
    style = scene["style"]
    if full or rng.random() < (0.35 if style == "photo" else 0.6):
        if rng.random() < 0.7:
            return f"{rng.choice(STYLE_STARTS[style])} {text}", ends
        return text, ends + [rng.choice(STYLE_ENDS[style])]
    return ("a picture of " + text if rng.random() < 0.1 else text), ends


def setting_only(scene, rng):
    setting = scene["setting"]
    name = SETTING_NAMES.get(setting) or article(setting)
    if scene["weather"] and rng.random() < 0.5:
        name += " " + rng.choice(WEATHER_TEXTS[scene["weather"]])
    if scene["time"] and rng.random() < 0.6:
        name += " " + rng.choice(TIME_TEXTS[scene["time"]])
    start = rng.choice(STYLE_STARTS[scene["style"]] + ["a picture of"])
    return f"{start} {name}" if rng.random() < 0.6 else name


def texts_for(property, value):
    """Zero-shot texts for a value of object, colour, pattern, count, place, size, setting, weather, time, style."""
    kinds = world.KINDS
    if property in ("object", "kind"):
        starts = ("", "a photo of ", "a drawing of ", "a picture of ")
        coloured = [article(f"{colour} {value}") for colour in world.COLOURS]
        return [start + article(value) for start in starts] + coloured + [f"two {plural(value)}"]
    if property in ("colour", "pattern", "size"):
        return [article(f"{value} {kind}") for kind in kinds]
    if property == "count":
        number = COUNT_WORDS.get(value, value)
        return [article(kind) if number == "one" else f"{number} {plural(kind)}" for kind in kinds]
    phrases = {"place": PLACE_TEXTS, "setting": SETTING_TEXTS, "weather": WEATHER_TEXTS, "time": TIME_TEXTS}
    if property in phrases:
        return [f"{article(kind)} {phrase}" for kind in kinds for phrase in phrases[property][value]]
    if property == "style":
        return [f"{start} {article(kind)}" for kind in kinds for start in STYLE_STARTS[value]]
    raise ValueError(
        f"no property {property}: object, colour, pattern, count, place, size, setting, weather, time, style"
    )


def words():
    """Every word of captions, zero-shot texts and the pool, sorted."""
    tables = [PLACE_TEXTS, SETTING_TEXTS, WEATHER_TEXTS, TIME_TEXTS, STYLE_STARTS, STYLE_ENDS, RELATIONS]
    texts = [text for table in tables for row in table.values() for text in row]
    texts += [*SETTING_NAMES.values(), *ADJECTIVE_TEXTS.values(), *ABSENT_SETTINGS, *COUNT_WORDS.values(), *OTHER_WORDS]
    texts += world.KINDS + [plural(k) for k in world.KINDS] + ABSENT_KINDS + [plural(k) for k in ABSENT_KINDS]
    texts += world.COLOURS + world.PATTERNS + world.SIZES + world.WEATHERS + world.TIMES + world.SETTINGS + world.STYLES
    texts += ABSENT_COLOURS + ABSENT_PATTERNS + ABSENT_COUNTS
    return sorted({word for text in texts for word in text.split() if word != "{}"})


if __name__ == "__main__":
    for seed in range(24):
        rng = random.Random(seed)
        print(caption(world.sample(rng), rng))
