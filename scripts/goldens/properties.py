#!/usr/bin/env python3
"""Writes Tests/Goldens/properties/goldens.json: how much of synthetic heads' variance lies along the words of properties.

Worked out the long way, in float64, from the contributions of all images: the words' embeddings less their mean, their singular
value decomposition, the contributions less their mean projected on the leading right singular vectors. Random subsets of the pool
are drawn as `Control.draw` draws them. The heads are those of `textspan.py`, with words taken from the pool and apart from it.
`leads` is in how many of 100 draws of images and words each property has the highest excess: images in 16 blocks, or one by one, drawn as `bootstraps.py` draws them for the head's place among the cases,
words as `PropertyDraws` draws them, and the contributions of all images that are drawn, as often as they are.
Made with numpy 2.4.

    scripts/goldens/properties.py
"""

import json

import numpy as np

from bootstraps import Places, bootstraps
from textspan import CASES, MASK, ROOT, head

RANK, SUBSETS, BLOCKS = 5, 200, 16


def draw(count, total, seed):
    """`count` places below `total`, in ascending order."""
    keys = []
    for place in range(total):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        keys.append((z ^ (z >> 31), place))
    return sorted(place for _, place in sorted(keys)[:count])


def directions(texts, rank):
    centred = texts - texts.mean(axis=0)
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    return right[:min(rank, int((singular > 1e-6 * singular[0]).sum()))]


def shares(contributions, words, pool):
    centred = contributions - contributions.mean(axis=0)
    total = (centred ** 2).sum()

    def share(span):
        return ((centred @ span.T) ** 2).sum() / total

    own = directions(words, RANK)
    random = [share(directions(pool[draw(len(words), len(pool), len(words) << 32 | number)], len(own)))
              for number in range(SUBSETS)]
    return {"share": float(share(own)), "chance": float(np.mean(random)),
            "lowest": float(np.quantile(random, .025)), "highest": float(np.quantile(random, .975))}


def drawn_words(count, draw, number):
    """The places of the words of a draw, each once: of two or more at least two."""
    places = Places(number << 32 | draw)
    while True:
        found = {places.next(count) for _ in range(count)}
        if len(found) > 1 or count < 2:
            return sorted(found)


def leads(place, contributions, texts, words, known):
    count = min(BLOCKS, len(contributions))
    blocks = np.arange(len(contributions)) * count // len(contributions)
    counts = [0] * len(words)
    for draw, drawn in enumerate(bootstraps(place, count, 0)[0]):
        images = np.concatenate([contributions[blocks == block] for block in drawn])
        centred = images - images.mean(axis=0)
        total, excess = (centred ** 2).sum(), []
        for number, own in enumerate(words):
            span = directions(texts[[own[one] for one in drawn_words(len(own), draw, number)]], RANK)
            chance = known[number]["chance"] * len(span) / len(directions(texts[own], RANK))
            excess.append((((centred @ span.T) ** 2).sum() / total - chance) / (1 - chance))
        first, second = np.sort(excess)[::-1][:2]
        assert first - second > 1e-6, "the lead is not clear"
        counts[int(np.argmax(excess))] += 1
    return counts


def main():
    goldens = []
    for place, case in enumerate(CASES):
        texts, basis, coordinates = head(case)
        contributions = coordinates @ basis
        # Words that the head writes along, others of the pool, few and many.
        places = [list(range(0, 3 * max(case["planted"], 2), 3)), list(range(1, 12, 4)), list(range(2, 40)), [5, 6]]
        goldens.append({
            "name": case["name"],
            "recipe": {key: case[key] for key in ("seed", "images", "width", "embedding", "texts", "planted", "dependent")},
            "words": places,
            "shares": [shares(contributions, texts[own], texts) for own in places],
        })
        goldens[-1]["leads"] = leads(place, contributions, texts, places, goldens[-1]["shares"])
        print(case["name"], [round(one["share"], 3) for one in goldens[-1]["shares"]], goldens[-1]["leads"])
    out = ROOT / "Tests/Goldens/properties/goldens.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(goldens, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
