"""Writes the curated set of picture-world in the formats of an atlas: curate.py OUT

OUT gets images/gallery and images/masks (gallery.jsonl), images/probe (probe.jsonl), texts/pool.txt, texts/gallery.txt,
texts/examples.yml, and parts.yml: the properties and contrasts for atlas.yml.
"""

import json
import pathlib
import random
import sys

from PIL import Image

import captions
import world
from captions import group, plural
from drawing import draw, masks
from gallery import SCENES
from pool import CURATED, EXAMPLES, pool

CREDIT, LICENCE = "HeadAtlas, picture-world 1", "CC0-1.0"
GALLERY_SIZE, PROBE_SIZE, PROBE_COUNT = 384, 160, 400
GALLERY_SEED, PROBE_SEED = 500_000, 700_000
TABLES = {
    "count": world.COUNTS,
    "colour": world.COLOURS,
    "pattern": world.PATTERNS,
    "kind": world.KINDS,
    "size": world.SIZES,
    "place": world.PLACES,
    "setting": world.SETTINGS,
    "weather": world.WEATHERS,
    "time": world.TIMES,
    "style": world.STYLES,
}


def facts(text):
    """A dictionary of facts from their values, in any order."""
    result = {}
    for word in text.split():
        value = int(word) if word.isdigit() else word
        name = next((name for name, values in TABLES.items() if value in values), None)
        if not name or name in result:
            raise ValueError(f"{word!r} in {text!r}: found {name or 'no fact'}, expected each fact once")
        result[name] = value
    return result


def gallery_scene(line, number):
    """A scene from a line of the gallery: facts of the whole, then of each group; `#7` picks another variant."""
    line, _, variant = line.partition("#")
    whole, *groups = line.split("|")
    forced = facts(whole)
    forced.setdefault("weather", "")
    forced["objects"] = [{"pattern": "plain", "count": 1, **facts(g)} for g in groups]
    return world.sample(random.Random(GALLERY_SEED + number * 100 + int(variant or 0)), forced)


def probe_scene(number):
    """Kinds, settings and styles go round, so that every value has its share."""
    rng = random.Random(PROBE_SEED + number)
    first = {"kind": world.KINDS[number % len(world.KINDS)]}
    return world.sample(
        rng,
        {"setting": world.SETTINGS[number % len(world.SETTINGS)], "objects": [first] + [{}] * (rng.random() < 0.45)},
    )


def record(name, scene, mask_names):
    """What the captions file says of an image, without the facts that do not show, as a line of JSON."""
    objects = []
    for i, obj in enumerate(scene["objects"]):
        told = {"count", "colour"} | ({"pattern"} if obj["pattern"] != "plain" else set())
        entry = {"text": group(obj, told)} | ({"mask": mask_names[i]} if mask_names else {})
        known = ("kind", "colour", "pattern", "count", "place", "size")
        objects.append(entry | {"scene": {k: obj[k] for k in known if obj[k] != ""}})
    return json.dumps({
        "file": name,
        "caption": captions.caption(scene, random.Random(scene["seed"]), full=True),
        "credit": CREDIT,
        "licence": LICENCE,
        "scene": {k: scene[k] for k in ("setting", "weather", "time", "style") if scene[k] != ""},
        "objects": objects,
    }) + "\n"


def save(image, path):
    image.save(path, quality=90, subsampling=0, optimize=True)


def write_gallery(out, scenes):
    for folder in ("gallery", "masks"):
        (out / "images" / folder).mkdir(parents=True, exist_ok=True)
    text = ""
    for i, scene in enumerate(scenes):
        name = f"gallery-{i:03d}"
        save(draw(scene, GALLERY_SIZE), out / f"images/gallery/{name}.jpg")
        names = []
        for j, mask in enumerate(masks(scene, GALLERY_SIZE)):
            names.append(f"../masks/{name}-{j}.png")
            Image.fromarray(mask).convert("1").save(out / f"images/masks/{name}-{j}.png", optimize=True)
        text += record(name + ".jpg", scene, names)
    (out / "images/gallery.jsonl").write_text(text)


def write_probe(out):
    (out / "images/probe").mkdir(parents=True, exist_ok=True)
    text = ""
    for i in range(PROBE_COUNT):
        scene, name = probe_scene(i), f"probe-{i:03d}.jpg"
        save(draw(scene, PROBE_SIZE), out / "images/probe" / name)
        text += record(name, scene, [])
    (out / "images/probe.jsonl").write_text(text)


def contrasts(scenes):
    """Sixteen gallery images, evenly spread, of two groups that differ in colour; each group in words."""
    found = []
    for i, scene in enumerate(scenes):
        if len(scene["objects"]) == 2:
            a, b = scene["objects"]
            if a["colour"] != b["colour"] and scene["style"] != "silhouette":
                found.append((f"gallery-{i:03d}", *(group(o, {"count", "colour"}) for o in (a, b))))
    return [found[i * len(found) // 16] for i in range(16)]


def write_texts(out, scenes):
    (out / "texts").mkdir(parents=True, exist_ok=True)
    pairs = contrasts(scenes)
    curated = list(dict.fromkeys(CURATED + [t for pair in pairs for t in pair[1:]]))
    everything = pool()
    missing = sorted({w for t in everything + curated for w in t.split()} - set(captions.words()))
    strange = sorted({d for lines in EXAMPLES.values() for d in lines} - set(everything))
    if missing or strange:
        raise ValueError(
            f"words that the tokenizer cannot know: {missing}; examples that are not in the pool: {strange}"
        )
    (out / "texts/pool.txt").write_text("\n".join(everything) + "\n")
    (out / "texts/gallery.txt").write_text("\n".join(curated) + "\n")
    head = (
        "# What the in-context labeller is shown: for each property lines of the pool, as a head that carries it might"
        " have.\n"
    )
    (out / "texts/examples.yml").write_text(
        head
        + "".join(f"- property: {name}\n  descriptions: [{', '.join(lines)}]\n" for name, lines in EXAMPLES.items())
    )
    names = {
        "object": world.KINDS + [plural(k) for k in world.KINDS if plural(k) != k],
        "colour": world.COLOURS,
        "pattern": [p for p in world.PATTERNS if p != "plain"],
        "count": [captions.COUNT_WORDS[c] for c in world.COUNTS[1:]],
        "place": world.PLACES + ["middle"],
        "size": world.SIZES,
        "setting": world.SETTINGS + ["street"],
        "weather": world.WEATHERS + ["sunshine", "rain", "snow", "fog"],
        "time": ["daylight"] + world.TIMES,
        "style": world.STYLES + ["photograph", "sketch"],
    }
    text = "# For atlas.yml.\nproperties:\n" + "".join(
        f"  - id: {k}\n    title: {k.capitalize()}\n    words: [{', '.join(v)}]\n" for k, v in names.items()
    )
    text += "contrasts:\n" + "".join(f"  - {{image: {p}, texts: [{a}, {b}]}}\n" for p, a, b in pairs)
    (out / "parts.yml").write_text(text)
    print(f"{len(everything)} descriptions, {len(curated)} curated texts, {len(pairs)} contrasts")


def check_coverage(scenes):
    """Every value of every property shows at least once."""
    shown = {(k, v) for s in scenes for k, v in s.items() if isinstance(v, str)}
    shown |= {
        (k, o[k]) for s in scenes for o in s["objects"] for k in ("kind", "colour", "pattern", "count", "place", "size")
    }
    missing = [(k, v) for k, values in TABLES.items() for v in values if (k, v) not in shown]
    if missing:
        raise ValueError(f"the gallery never shows {missing}")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    gallery_scenes = [gallery_scene(line, i) for i, line in enumerate(SCENES)]
    check_coverage(gallery_scenes)
    write_texts(target, gallery_scenes)
    write_gallery(target, gallery_scenes)
    write_probe(target)
