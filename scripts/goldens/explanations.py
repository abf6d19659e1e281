#!/usr/bin/env python3
"""Writes Tests/Goldens/explanations/goldens.json: which texts predict what a head writes along an axis, from what images show of them, and how well.

Worked out the long way, in float64: what each image shows of each text is an array, the head's own contribution is taken off the embeddings, columns are centred over the images
that choose, the next text is the one with the largest correlation with what is left, and weights come from numpy's `lstsq`, anew for each number of texts. Correlations are numpy's
over the other images. Embeddings, texts and coordinates are noise rounded to float32, with three texts planted in the first head; the second head is all noise. Made with numpy 2.4.

    scripts/goldens/explanations.py
"""

import json
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES, EMBEDDING, WIDTH, TEXTS, COUNT, DRAWS = 61, 12, 5, 40, 5, 4
PLANTED = {7: 1.0, 30: -0.6, 12: 0.4}


def correlation(left, right):
    return float(np.corrcoef(left, right)[0, 1])


def fitted(columns, activation, choosing):
    """The weights of columns by least squares over some images, and the correlation with what they predict over the others."""
    weights = np.linalg.lstsq(columns[choosing], activation[choosing], rcond=None)[0]
    return weights, correlation(columns[~choosing] @ weights, activation[~choosing])


def explanation(head, images, texts, choosing, random, described):
    coordinates, basis, axis = (np.array(head[name]) for name in ("coordinates", "basis", "axis"))
    shown = (images - coordinates @ basis) @ texts.T
    shown -= shown[choosing].mean(0)
    activation = coordinates @ axis
    activation -= activation[choosing].mean()
    chosen, correlations, residual = [], [], activation[choosing]
    while len(chosen) < COUNT:
        scores = np.abs(residual @ shown[choosing]) / np.linalg.norm(shown[choosing], axis=0)
        scores[chosen] = -1
        first, second = np.argsort(scores)[::-1][:2]
        assert scores[first] > 1.001 * scores[second], "the lead is not clear"
        chosen.append(int(first))
        weights, found = fitted(shown[:, chosen], activation, choosing)
        residual = activation[choosing] - shown[choosing][:, chosen] @ weights
        correlations.append(found)
    weights *= np.linalg.norm(shown[choosing][:, chosen], axis=0) / np.linalg.norm(activation[choosing])
    chance = [fitted(shown[:, places], activation, choosing)[1] for places in random]
    return {
        "texts": chosen, "weights": weights.tolist(), "correlations": correlations, "chance": float(np.mean(chance)), "highest": float(np.max(chance)),
        "firstDescription": fitted(shown[:, [described]], activation, choosing)[1],
    }


def main():
    numbers = np.random.default_rng(20261129)

    def noise(*shape):
        return numbers.standard_normal(shape).astype(np.float32).astype(np.float64)

    def unit(rows):
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)

    images, texts = unit(noise(IMAGES, EMBEDDING) + 0.5), unit(noise(TEXTS, EMBEDDING))
    choosing = np.arange(IMAGES) % 3 != 1
    random = [sorted(map(int, numbers.choice(TEXTS, COUNT, replace=False))) for _ in range(DRAWS)]
    heads = []
    for head in range(2):
        basis, coordinates, axis = 0.2 * noise(WIDTH, EMBEDDING), noise(IMAGES, WIDTH) + 1, noise(WIDTH)
        basis = basis.astype(np.float32).astype(np.float64)
        if head == 0:
            planted = sum(weight * (images @ texts[text]) for text, weight in PLANTED.items())
            coordinates = (0.05 * coordinates + 2 * planted[:, None] * axis / (axis @ axis)).astype(np.float32).astype(np.float64)
        heads.append({"basis": basis.tolist(), "coordinates": coordinates.tolist(), "axis": axis.tolist()})
    described = 7
    for head in heads:
        head["expected"] = explanation(head, images, texts, choosing, random, described)
    golden = {
        "images": images.tolist(), "texts": texts.tolist(), "isChoosing": choosing.tolist(), "count": COUNT, "random": random, "described": described,
        "heads": heads,
    }
    folder = ROOT / "Tests" / "Goldens" / "explanations"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "goldens.json").write_text(json.dumps(golden) + "\n")
    print([head["expected"] for head in heads])


if __name__ == "__main__":
    main()
