"""The texts of the atlas: the description pool, curated texts, and the labeller's examples."""

import random

import captions
import world
from captions import (
    ABSENT_COLOURS,
    ABSENT_COUNTS,
    ABSENT_KINDS,
    ABSENT_PATTERNS,
    ABSENT_SETTINGS,
    COUNT_WORDS,
    article,
    plural,
)

ABSURD = [
    "nothing",
    "an idea",
    "justice",
    "silence",
    "music",
    "sleep",
    "the number seven",
    "a thought of yesterday",
    "the silence of the sea",
    "a photo of nothing",
    "a drawing of silence",
    "seven ideas",
    "two ideas",
    "a striped idea",
    "a red thought",
    "a woolly number",
    "the sleep of a chair",
    "a picture of no object",
    "not a picture",
    "yesterday at sunset",
]
BROAD = [
    "an animal",
    "animals",
    "a toy",
    "a fruit",
    "a vehicle",
    "a building",
    "a plant",
    "food",
    "flying animals",
    "a wet day",
    "a cold day",
    "a warm day",
    "a dark picture",
    "a bright picture",
    "a colorful picture",
    "a picture of something round",
    "an old building",
    "a new toy",
    "wood",
    "metal",
    "wool",
    "a wood texture",
    "a metal texture",
    "a wool texture",
    "an empty room",
    "an empty beach",
    "a cold morning",
    "a dark night",
    "a bright day",
]
EXAMPLES = {
    "Object": [
        "a cat", "a house", "a fish", "an umbrella", "a car", "two dogs", "a flower", "trains",
        "a teapot", "an apple",
    ],
    "Colour": [
        "something red", "a blue cat", "a green ball", "a yellow car", "black things", "an orange object",
        "a purple house", "something white", "a brown star", "a gray cat", "pink things",
    ],
    "Pattern": [
        "something striped", "a dotted ball", "a checkered house", "a woolly cat", "a wooden car", "a shiny star",
        "plain things",
    ],
    "Count": ["two cats", "three balls", "four stars", "five cars", "one house", "three houses", "five stars"],
    "Place": [
        "a cat on the left", "a house on the right", "a ball at the top", "a star at the bottom",
        "a car in the center",
    ],
    "Size": [
        "a small cat", "a large house", "a small ball", "a large star", "something large", "something small",
    ],
    "Setting": [
        "a cat on the beach", "a house in the mountains", "the sea", "a car in the city", "a forest",
        "a room", "a ball in the kitchen", "a garden", "underwater", "a meadow", "the desert", "in outer space",
    ],
    "Weather": [
        "a cat in the rain", "a house in the snow", "a foggy day", "a car in autumn", "in the sunshine", "a rainy day",
        "a snowy day", "a ball in the fog", "a sunny day",
    ],
    "Time": [
        "a cat at night", "a house at sunset", "at night", "a car by day", "the beach at sunset", "a star in daylight",
    ],
    "Style": [
        "a drawing of a cat", "pixel art of a house", "a silhouette of a ball", "a sketch of a car", "in pixel style",
        "a drawing of a star", "the silhouette of a cat", "a photo", "a photograph",
    ],
}
CURATED = [
    "a cat",
    "a house",
    "a boat",
    "a rocket",
    "a butterfly",
    "a castle",
    "a train",
    "a guitar",
    "something red",
    "something blue",
    "something yellow",
    "something black",
    "something striped",
    "something dotted",
    "something checkered",
    "something shiny",
    "something wooden",
    "something woolly",
    "two cats",
    "three balls",
    "four stars",
    "five cars",
    "a cat on the left",
    "a house on the right",
    "a ball at the top",
    "a star at the bottom",
    "something large",
    "something small",
    "a photo of the beach",
    "the sea",
    "a forest in autumn",
    "a city at night",
    "in the snow",
    "in the rain",
    "a foggy day",
    "the beach at sunset",
    "in outer space",
    "underwater",
    "pixel art of a house",
    "a silhouette of a cat",
    "a drawing of a flower",
    "a turquoise car",
    "a violin",
    "a photo of nothing",
    "the silence of the sea",
]


def pool():
    """The descriptions, each once: single properties, pairs of them, near-misses and nonsense.

    No whole captions: a line that says five things fits many heads and names none.
    """
    rng = random.Random(11)
    texts = [*singles(rng), *scenes(), *near_misses(rng), *BROAD, *ABSURD]
    texts += CURATED + [d for lines in EXAMPLES.values() for d in lines]
    return list(dict.fromkeys(texts))


def singles(rng):
    """One property at a time, each value with several kinds of object."""
    kinds = world.KINDS
    main = ["cat", "house", "ball", "car", "star"]
    for kind in kinds:
        yield from (article(kind), plural(kind), f"a photo of {article(kind)}", f"a drawing of {article(kind)}")
    for values, count in ((world.COLOURS, 9), (world.PATTERNS, 9), (world.SIZES, 14)):
        for value in values:
            yield f"something {value}"
            yield f"{value} things"
            yield article(f"{value} object")
            yield from (article(f"{value} {kind}") for kind in main + rng.sample(kinds, count))
    for count in world.COUNTS:
        things = (lambda kind: kind) if count == 1 else plural
        yield from (f"{COUNT_WORDS[count]} {things(kind)}" for kind in main + rng.sample(kinds, 7))
    for table in (captions.PLACE_TEXTS, captions.SETTING_TEXTS, captions.WEATHER_TEXTS, captions.TIME_TEXTS):
        for phrases in table.values():
            yield phrases[0]
            yield f"something {phrases[0]}"
            yield from (f"{article(kind)} {phrases[0]}" for kind in main + rng.sample(kinds, 3))
    for style in world.STYLES:
        yield from captions.STYLE_ENDS[style]
        for start in captions.STYLE_STARTS[style]:
            yield from (f"{start} {article(kind)}" for kind in main + rng.sample(kinds, 3))


def scenes():
    """Settings by themselves, in each weather and at each time."""
    for setting in world.SETTINGS:
        name = captions.SETTING_NAMES.get(setting) or article(setting)
        plain = name.split(" ", 1)[1] if " " in name else name
        yield from (name, f"a photo of {name}", f"a drawing of {name}", f"a picture of {name}")
        if setting == "beach":
            yield from ("the beach at sunset", "a photo of the beach")
        yield from (f"{name} {captions.WEATHER_TEXTS[w][0]}" for w in world.WEATHERS_OF[setting])
        if setting in captions.ADJECTIVE_TEXTS:
            yield from (article(f"{w} {plain}") for w in world.WEATHERS_OF[setting])
        yield from (f"{name} {captions.TIME_TEXTS[t][0]}" for t in world.TIMES_OF[setting] if t != "day")
    for weather in world.WEATHERS:
        yield article(f"{weather} day")
        if weather != "sunny":
            yield article(f"{weather} night")


def near_misses(rng):
    """What the world has not, in its own grammar."""
    for kind in ABSENT_KINDS:
        yield from (
            article(kind),
            article(f"{rng.choice(world.COLOURS)} {kind}"),
            f"{article(kind)} {rng.choice(captions.SETTING_TEXTS[rng.choice(world.SETTINGS)])}",
        )
    for value in ABSENT_COLOURS + ABSENT_PATTERNS:
        yield from (article(f"{value} {kind}") for kind in ["car", "cat", "house"] + rng.sample(world.KINDS, 2))
    for value in ABSENT_COUNTS:
        yield from (f"{value} {plural(kind)}" for kind in ["cat", "star"] + rng.sample(world.KINDS, 2))
    for place in ABSENT_SETTINGS:
        yield from (f"{article(kind)} {place}" for kind in ["cat", "house"] + rng.sample(world.KINDS, 1))
