#!/usr/bin/env python3
"""Writes Tests/Goldens/properties/goldens.json: how much of synthetic heads' variance lies along the words of properties.

Worked out the long way, in float64, from the contributions of all images: the words' embeddings less their mean, their singular
value decomposition, the contributions less their mean projected on the leading right singular vectors. Random subsets of the pool
are drawn as `Control.draw` draws them. The heads are those of `textspan.py`, with words taken from the pool and apart from it.
Made with numpy 2.4.

    scripts/goldens/properties.py
"""

import json

import numpy as np

from textspan import CASES, MASK, ROOT, head

RANK, SUBSETS = 5, 200


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


def main():
    goldens = []
    for case in CASES:
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
        print(case["name"], [round(one["share"], 3) for one in goldens[-1]["shares"]])
    out = ROOT / "Tests/Goldens/properties/goldens.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(goldens, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
