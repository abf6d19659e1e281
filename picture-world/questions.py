"""Held-out scenes and what is asked of a model about them: zero-shot questions with the true answers."""

import random

import captions
import world

VALUES = {"object": world.KINDS, "colour": world.COLOURS, "pattern": world.PATTERNS, "count": world.COUNTS,
          "place": world.PLACES, "size": world.SIZES, "setting": world.SETTINGS, "weather": world.WEATHERS,
          "time": world.TIMES, "style": world.STYLES}
OF_THE_SCENE = ("setting", "weather", "time", "style")


def scene(split, number):
    """Scene `number` of a split ("train" or "held-out"), and the generator that goes on to write its captions."""
    generator = random.Random(f"picture world, {split}, {number}")
    return world.sample(generator), generator


def answer(scene, name):
    """The true value of a property, or None where the scene has none, or more than one."""
    if name in OF_THE_SCENE:
        value = scene[name]
    else:
        objects = scene["objects"]
        value = objects[0]["kind" if name == "object" else name] if len(objects) == 1 else None
    return value if value in VALUES[name] else None


def likeness(scene):
    """Two numbers: near for scenes alike in all but the objects, and for scenes alike in their first object."""
    facts = {**scene, **scene["objects"][0], "object": scene["objects"][0]["kind"]}
    keys = []
    for names in (("setting", "colour", "style", "time"), ("object", "colour", "pattern")):
        key = len(scene["objects"])
        for name in names:
            values = ["", *VALUES[name]]
            key = key * len(values) + values.index(facts[name])
        keys.append(key)
    return keys


def questions(scenes):
    """For each property: per value the texts that stand for it, the scenes asked about, and their answers as indices."""
    result = {}
    for name, values in VALUES.items():
        truth = [(number, answer(scene, name)) for number, scene in enumerate(scenes)]
        truth = [(number, values.index(value)) for number, value in truth if value is not None]
        result[name] = {"values": [str(value) for value in values],
                        "texts": [captions.texts_for(name, value) for value in values],
                        "scenes": [number for number, _ in truth], "answers": [value for _, value in truth]}
    return result


def distinct(texts, count):
    """Indices of the first `count` texts that are equal to no earlier one."""
    first = {}
    for number, text in enumerate(texts):
        first.setdefault(text, number)
    return sorted(first.values())[:count]
