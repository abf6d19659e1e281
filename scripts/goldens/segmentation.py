#!/usr/bin/env python3
"""Writes Tests/Goldens/segmentation/goldens.json: the zero-shot segmentation scores of arXiv 2310.05916 for maps of noise and masks.

The scores are worked out from their definitions in float64, by other means than the program's: interpolation along one axis after the
other, pixels counted by boolean arrays, average precision from sorted cumulative sums. The definitions are those of the benchmark in the
authors' repository clip_text_span (compute_segmentations.py, utils/segmentation_utils.py, commit 5c49e9d and b31787c), which follows that of Chefer et al.:

- the map of a text is what all heads' patches add to the similarity with it, less the mean of the maps of all texts;
- it is interpolated to the mask's pixels, bilinear, then numbers below 0 are put to 0 and the rest is scaled to 0 .. 1;
- a pixel is foreground where it is above the mean of these; a map that is the same everywhere marks nothing;
- pixel accuracy is the share of the pixels of all masks that are told right; mIoU the mean over background and foreground of the
  intersection over the union, each summed over all masks; mAP the mean over masks of the average precision of foreground (by the map)
  and background (by 1 - map) together.

With --check the average precision is also compared with scikit-learn's (1.9), which the benchmark uses. Made with numpy 2.4.

    scripts/goldens/segmentation.py [--check]
"""

import json
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]


def interpolated(grid, height, width):
    """Bilinear between the centres of patches, the same beyond the outermost centres."""
    side = grid.shape[0]
    rows = (np.arange(height) + 0.5) * side / height - 0.5
    columns = (np.arange(width) + 0.5) * side / width - 0.5
    tall = np.stack([np.interp(rows, np.arange(side), grid[:, column]) for column in range(side)], axis=1)
    return np.stack([np.interp(columns, np.arange(side), tall[row]) for row in range(height)])


def average_precision(truth, scores):
    order = np.argsort(-scores, kind="stable")
    truth, scores = truth[order], scores[order]
    found, taken = np.cumsum(truth), np.arange(1, len(truth) + 1)
    last = np.append(scores[1:] != scores[:-1], True)  # of pixels that tie
    precision, recall = found[last] / taken[last], found[last] / truth.sum()
    return float(np.sum(np.diff(recall, prepend=0) * precision))


def judged(maps, text, mask):
    """One mask: pixels told right, intersections and unions of background and foreground, and the average precision."""
    side = int(np.sqrt(maps.shape[1]))
    relative = (maps[text] - maps.mean(axis=0)).reshape(side, side)
    pixels = np.maximum(interpolated(relative, *mask.shape), 0)
    spread = pixels.max() - pixels.min()
    scaled = (pixels - pixels.min()) / spread if spread > 0 else None
    found = scaled > scaled.mean() if spread > 0 else np.zeros_like(mask)
    kinds = [(~found, ~mask), (found, mask)]
    both = np.concatenate([(~mask).ravel(), mask.ravel()])
    scores = np.zeros(both.size) if scaled is None else np.concatenate([(1 - scaled).ravel(), scaled.ravel()])
    if "--check" in sys.argv:
        from sklearn.metrics import average_precision_score

        difference = abs(average_precision_score(both, scores) - average_precision(both, scores))
        assert difference < 1e-12, difference
    return {
        "correct": int((found == mask).sum()),
        "intersections": [int((a & b).sum()) for a, b in kinds],
        "unions": [int((a | b).sum()) for a, b in kinds],
        "averagePrecision": average_precision(both, scores),
    }


def main():
    random = np.random.default_rng(20261129)
    cases = []
    for side, height, width, texts, kind in [
        (7, 28, 28, 3, "noise"), (10, 40, 40, 5, "noise"), (4, 17, 23, 2, "noise"), (5, 20, 20, 4, "object"),
        (3, 12, 12, 3, "alike"), (6, 18, 18, 2, "never"), (5, 25, 25, 3, "everywhere"),
    ]:
        maps = random.standard_normal((texts, side * side)) * 0.01
        row, column = np.mgrid[0:height, 0:width]
        mask = (row - height * 0.4) ** 2 + (column - width * 0.6) ** 2 < (0.3 * min(height, width)) ** 2
        if kind == "object":  # the map of the text is that of the object, roughly
            cells = mask[:: height // side, :: width // side]
            maps[1] += 0.05 * cells[:side, :side].ravel()
        if kind == "alike":  # all texts have the same map: nothing is left of it
            maps[:] = maps[0]
        if kind == "never":  # less than the mean everywhere
            maps[1] = maps[0] - 0.02
        if kind == "everywhere":
            mask = np.ones_like(mask)
        maps = maps.astype(np.float32)
        cases.append({
            "side": side, "height": height, "width": width, "text": 1, "maps": maps.ravel().tolist(),
            "mask": mask.astype(int).ravel().tolist(),
            **judged(maps.astype(np.float64), 1, mask),
        })
    pixels = sum(case["height"] * case["width"] for case in cases)
    shares = np.sum([case["intersections"] for case in cases], axis=0) / np.sum([case["unions"] for case in cases], axis=0)
    goldens = {
        "cases": cases,
        "pixelAccuracy": sum(case["correct"] for case in cases) / pixels,
        "meanIntersectionOverUnion": float(shares.mean()),
        "meanAveragePrecision": float(np.mean([case["averagePrecision"] for case in cases])),
    }
    folder = ROOT / "Tests/Goldens/segmentation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "goldens.json").write_text(json.dumps(goldens) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
