#!/usr/bin/env python3
"""Writes Tests/Goldens/textspan/goldens.json: what TextSpan finds in synthetic heads, in float64.

The algorithm is the reference's (arXiv 2310.05916; clip_text_span's `replace_with_iterative_removal`), in our own
words and in its slow form: the contributions are deflated themselves, and scores are standard deviations over images.
Two things are ours: the rank is cut at the numerical rank (singular values below 1e-6 of the largest), and the share of
variance explained is worked out from the reconstruction.

The heads come from a small generator (splitmix64) that the tests have too, so that only answers are stored.
Made with numpy 2.4.

    scripts/goldens/textspan.py
"""

import json
import math
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
MASK = (1 << 64) - 1

CASES = [
    # name, seed, images, coordinates, embedding width, texts, planted texts, dependent basis rows, count, rank
    dict(name="planted", seed=1, images=200, width=12, embedding=32, texts=80, planted=8, dependent=0,
         count=12, rank=80),
    dict(name="random", seed=2, images=150, width=19, embedding=48, texts=120, planted=0, dependent=0,
         count=20, rank=80),
    dict(name="dependent", seed=3, images=90, width=11, embedding=24, texts=60, planted=3, dependent=4,
         count=10, rank=80),
    dict(name="low rank", seed=4, images=120, width=35, embedding=64, texts=100, planted=6, dependent=0,
         count=8, rank=7),
    dict(name="few images", seed=5, images=6, width=20, embedding=40, texts=50, planted=0, dependent=0,
         count=10, rank=80),
    dict(name="as wide as ViT-B", seed=6, images=300, width=67, embedding=128, texts=150, planted=12, dependent=0,
         count=40, rank=80),
]


class Numbers:
    """splitmix64, as uniform numbers in [-1, 1) that float32 holds exactly."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        return (z >> 40) / (1 << 23) - 1.0


def head(case):
    """Texts [M, E], basis [C, E] and coordinates [N, C], float32 numbers in float64 arrays."""
    numbers = Numbers(case["seed"])
    texts = []
    for _ in range(case["texts"]):
        row = [numbers.next() for _ in range(case["embedding"])]
        total = 0.0
        for value in row:
            total += value * value
        texts.append([float(np.float32(value / math.sqrt(total))) for value in row])
    basis = []
    for index in range(case["width"]):
        row = [numbers.next() for _ in range(case["embedding"])]
        if index < case["planted"]:
            row = [0.05 * value + text for value, text in zip(row, texts[3 * index])]
        if index >= case["width"] - case["dependent"]:
            row = [2.0 * a - b for a, b in zip(basis[0], basis[index - 3])]
        basis.append([float(np.float32(value)) for value in row])
    coordinates = [
        [float(np.float32(numbers.next() / (1.0 + 0.5 * index) + 0.25)) for index in range(case["width"])]
        for _ in range(case["images"])
    ]
    return np.array(texts), np.array(basis), np.array(coordinates)


def text_span(contributions, texts, count, rank):
    _, singular, right = np.linalg.svd(contributions, full_matrices=False)
    right = right[:min(rank, int((singular > 1e-6 * singular[0]).sum()))]
    remaining = texts @ right.T @ right
    centred = contributions - contributions.mean(axis=0)
    total = (centred ** 2).sum()
    reconstruction = np.zeros_like(centred)
    found = []
    left = centred.copy()
    first = None
    for _ in range(count):
        scores = (left @ remaining.T).std(axis=0, ddof=1)
        order = np.argsort(-scores, kind="stable")
        best = order[0]
        first = first or scores[best]
        if scores[best] < 1e-6 * first:
            break
        direction = remaining[best] / np.linalg.norm(remaining[best])
        part = np.outer(left @ direction, direction)
        reconstruction += part
        left = left - part
        remaining = remaining - np.outer(remaining @ direction, direction)
        found.append({
            "index": int(best),
            "standardDeviation": float(scores[best]),
            "explainedVariance": float(1 - ((centred - reconstruction) ** 2).sum() / total),
            "lead": float(1 - scores[order[1]] / scores[best]),
        })
    return found


def main():
    for case in CASES:
        texts, basis, coordinates = head(case)
        contributions = coordinates @ basis
        centred = contributions - contributions.mean(axis=0)
        spectrum = np.linalg.svd(centred, compute_uv=False) ** 2
        share = spectrum[spectrum > 0] / spectrum.sum()
        case["totalVariance"] = float(spectrum.sum() / (case["images"] - 1))
        case["effectiveRank"] = float(np.exp(-(share * np.log(share)).sum()))
        case["descriptions"] = text_span(contributions, texts, case["count"], case["rank"])
        leads = sorted(description["lead"] for description in case["descriptions"])
        print(case["name"], len(case["descriptions"]), "descriptions, smallest leads", leads[:3])
    out = ROOT / "Tests/Goldens/textspan/goldens.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(CASES, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
