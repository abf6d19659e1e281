#!/usr/bin/env python3
"""Writes Tests/Goldens/stability: which texts TextSpan chooses in bootstraps of images and of the pool, in float64.

Worked out the long way: the contributions of the images drawn are put together, image by image, and described by `textspan.py`'s TextSpan, which
deflates them and looks at all texts; a pool that was drawn is described the same way. What is drawn comes from the same generator as in
HeadAtlas, splitmix64, by the head's place: seed 2p for blocks of images, 2p + 1 for texts. `goldens.json` has synthetic heads, those of
`textspan.py`; `picture-world.json` all heads of the embedded model, from what headatlas writes of its probe images:

    headatlas encode --model content/models/picture-world --images content/images/probe --texts content/texts/pool.txt --output A
    headatlas moments --model content/models/picture-world --images content/images/probe --output B
    scripts/goldens/bootstraps.py A B

of which it takes contributions, text embeddings and the number of images in each block. Made with numpy 2.4.
"""

import collections
import json
import struct
import sys

import numpy as np

from textspan import CASES, MASK, ROOT, head, text_span

DRAWS, COUNT, RANK, BLOCKS = 100, 10, 80, 8


class Places:
    """splitmix64, as places below a number: the upper half of the product."""

    def __init__(self, seed):
        self.state = seed

    def next(self, below):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        return z * below >> 64


def bootstraps(place, blocks, texts):
    numbers = Places(2 * place)
    images = [[numbers.next(blocks) for _ in range(blocks)] for _ in range(DRAWS)]
    numbers = Places(2 * place + 1)
    pools = [sorted({numbers.next(texts) for _ in range(texts)}) for _ in range(DRAWS)]
    return images, pools


def study(place, contributions, texts, blocks):
    """How many bootstraps choose each text; blocks are arrays of rows."""
    images, pools = bootstraps(place, len(blocks), len(texts))
    counts = {"images": collections.Counter(), "pools": collections.Counter()}
    leads = []

    def add(kind, found, names):
        leads.extend(one["lead"] for one in found)
        counts[kind].update(int(names[one["index"]]) for one in found)

    everything = np.arange(len(texts))
    for drawn in images:
        rows = np.concatenate([blocks[block] for block in drawn])
        add("images", text_span(contributions[rows], texts, COUNT, RANK), everything)
    for drawn in pools:
        add("pools", text_span(contributions, texts[drawn], COUNT, RANK), drawn)
    whole = text_span(contributions, texts, COUNT, RANK)
    return {"whole": [one["index"] for one in whole], "lead": min(leads),
            **{kind: {str(text): count[text] for text in sorted(count)} for kind, count in counts.items()}}


def synthetic():
    goldens = []
    for place, case in enumerate(CASES):
        if case["images"] < 50:
            continue
        texts, basis, coordinates = head(case)
        blocks = np.array_split(np.arange(case["images"]), BLOCKS)
        found = study(place, coordinates @ basis, texts, blocks)
        print(case["name"], f"smallest lead {found['lead']:.1e}", {kind: len(found[kind]) for kind in ("images", "pools")})
        goldens.append({"name": case["name"], "place": place, "blocks": BLOCKS,
                        "recipe": {key: case[key] for key in ("seed", "images", "width", "embedding", "texts", "planted", "dependent")},
                        **found})
    return goldens


def tensors(path, *names):
    types = {"F32": np.float32, "F64": np.float64}
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        for name in names:
            entry = header[name]
            file.seek(8 + size + entry["data_offsets"][0])
            data = file.read(entry["data_offsets"][1] - entry["data_offsets"][0])
            yield np.frombuffer(data, types[entry["dtype"]]).reshape(entry["shape"]).astype(np.float64)


def picture_world(encoded, moments):
    contributions, texts = tensors(encoded, "head_contributions", "text_embeddings")
    counts, = tensors(moments, "counts")
    blocks = np.split(np.arange(len(contributions)), np.cumsum(counts).astype(int)[:-1])
    goldens = []
    for place in range(contributions.shape[1] * contributions.shape[2]):
        layer, number = divmod(place, contributions.shape[2])
        found = study(place, contributions[:, layer, number], texts, blocks)
        print(f"L{layer}.H{number}", f"smallest lead {found['lead']:.1e}", flush=True)
        goldens.append({"name": f"L{layer}.H{number}", **found})
    return goldens


def main():
    out = ROOT / "Tests/Goldens/stability"
    out.mkdir(parents=True, exist_ok=True)
    parts = {"picture-world": lambda: picture_world(*sys.argv[1:])} if sys.argv[1:] else {"goldens": synthetic}
    for name, make in parts.items():
        # One line for each head: thousands of counts would be as many lines.
        lines = ",\n".join(json.dumps(one) for one in make())
        (out / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
