#!/usr/bin/env python3
"""Writes Tests/Goldens/twins/goldens.json: how alike the heads of two models of unequal widths write, over all images, over either half, and
with the images of one model permuted.

Worked out by the definition, in float64 and in the joint embeddings: what each head wrote for every image, the Gram matrix of all images, its
U-centring with row sums (Szekely and Rizzo 2014, arXiv 1310.2926), and the cosine of two such matrices without their diagonals (the unbiased HSIC of Song et al.
2012, JMLR 13, in CKA, arXiv 1905.00414). The numbers that it is worked out from are noise rounded to float32, and stand in the file. That the
mean over all permutations is 0 and the variance 2/(n(n - 3)) is checked for all of six images. Made with numpy 2.4.

    scripts/goldens/twins.py
"""

import itertools
import json
import math
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES, DRAWN, PERMUTED = 27, 21, 128
MODELS = [{"layers": 2, "heads": 2, "headWidth": 3, "embeddingWidth": 8}, {"layers": 1, "heads": 3, "headWidth": 5, "embeddingWidth": 12}]
MASK = (1 << 64) - 1


def shuffled(count, seed, first=None):
    """The first of range(count) in the order of the numbers of splitmix64."""
    state, marked = seed, []
    for place in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        marked.append((mixed ^ (mixed >> 31), place))
    return [place for _, place in sorted(marked)][:first]


def u_centred(written):
    gram = written @ written.T
    count = len(gram)
    np.fill_diagonal(gram, 0)
    rows = gram.sum(1)
    gram -= rows[:, None] / (count - 2) + rows[None] / (count - 2) - rows.sum() / ((count - 1) * (count - 2))
    np.fill_diagonal(gram, 0)
    return gram


def cosine(a, b):
    scale = np.linalg.norm(a) * np.linalg.norm(b)
    return float((a * b).sum() / scale) if scale > 0 else 0.0


def permuted(matrix, order):
    return matrix[np.ix_(order, order)]


def check_chance(random):
    for widths in [(1, 1), (2, 5), (6, 1)]:
        one, other = (u_centred(random.standard_normal((6, width)) ** 3) for width in widths)
        found = [cosine(one, permuted(other, list(order))) for order in itertools.permutations(range(6))]
        assert abs(np.mean(found)) < 1e-12 and abs(np.var(found) - 2 / (6 * 3)) < 1e-12, (np.mean(found), np.var(found))


def main():
    random = np.random.default_rng(20261129)
    check_chance(random)

    def noise(*shape, mean=0.0):
        return (random.standard_normal(shape) + mean).astype(np.float32).astype(np.float64)

    common = noise(IMAGES, 2)
    models = []
    for shape in MODELS:
        count, width = shape["layers"] * shape["heads"], shape["headWidth"] + 3
        basis, coordinates = noise(count, width, shape["embeddingWidth"]), noise(count, IMAGES, width, mean=0.5)
        # The first heads of both models have something in common; the last of the first model writes the same for every image.
        coordinates[:2, :, :2] = (coordinates[:2, :, :2] * 0.5 + 2 * common).astype(np.float32)
        if len(models) == 0:
            coordinates[-1] = coordinates[-1, :1]
        embeddings = noise(IMAGES, shape["embeddingWidth"])
        embeddings = (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
        models.append({**shape, "basis": basis, "coordinates": coordinates, "embeddings": embeddings})

    drawn = shuffled(IMAGES, 1, DRAWN)
    halves = [range(DRAWN), range(DRAWN // 2), range(DRAWN // 2, DRAWN)]
    # By model and by range of images, the matrices of all heads and of the whole embeddings.
    matrices = []
    for model in models:
        written = [*np.einsum("hnc,hce->hne", model["coordinates"], model["basis"]), model["embeddings"]]
        if model is models[0]:
            written[-2] = np.zeros_like(written[-2])
        matrices.append([[u_centred(part[drawn][list(rows)]) for part in written] for rows in halves])

    def best(one, other):
        """The best of permuted heads of another model, of the heads of one."""
        heads = len(one[0]) - 1
        found = []
        for turn in range(math.ceil(PERMUTED / heads)):
            order = shuffled(DRAWN, 1000 + turn)
            others = [permuted(matrix, order) for matrix in other[0][:-1]]
            found += [max(cosine(matrix, others[place]) for place in range(len(others)) if one is not other or place != head)
                      for head, matrix in enumerate(one[0][:-1])]
        return sorted(found)

    pairs = []
    for first, second in [(0, 0), (0, 1), (1, 1)]:
        one, other = matrices[first], matrices[second]
        cosines = [[[cosine(a, b) for b in other[part][:-1]] for a in one[part][:-1]] for part in range(3)]
        pairs.append({"first": first, "second": second, "similarity": cosines[0], "halves": cosines[1:],
                      "embeddings": cosine(one[0][-1], other[0][-1]), "chance": best(one, other)})
    golden = {"images": IMAGES, "drawn": DRAWN, "pairs": pairs,
              "models": [{key: value.ravel().tolist() if isinstance(value, np.ndarray) else value for key, value in model.items()}
                         for model in models]}
    path = ROOT / "Tests/Goldens/twins/goldens.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
