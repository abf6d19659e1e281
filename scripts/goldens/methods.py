#!/usr/bin/env python3
"""Writes Tests/Goldens/methods/goldens.json: the texts by which several methods describe synthetic heads, in float64.

Worked out the long way from the contributions of all images, in the whole joint embedding: SOMP by residuals of all images after
least squares on the texts chosen so far, OLS by trying every text, NNOMP and COMP by scipy's `nnls` on the principal directions of the
contributions, the share explained by projecting contributions on texts that were projected on what the head can write. Blocks are runs of images of
(nearly) equal length. TextSpan is that of `textspan.py`. The heads are those of `textspan.py`, too.
Made with numpy 2.4 and scipy 1.17.

    scripts/goldens/methods.py
"""

import json

import numpy as np
from scipy.optimize import nnls

from textspan import CASES, ROOT, head, text_span

COUNT, DIRECTIONS, TEXTS_OF_POLE, LIKENESS, BLOCKS = 8, 5, 5, .3, 4


def dictionary(texts):
    centred = texts - texts.mean(axis=0)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True)


def rest(rows, chosen):
    """What is left of rows beyond the span of the chosen ones."""
    if not len(chosen):
        return rows
    span, _ = np.linalg.qr(chosen.T)
    return rows - rows @ span @ span.T


def somp(contributions, atoms):
    centred = contributions - contributions.mean(axis=0)
    chosen, leads = [], []
    for _ in range(COUNT):
        scores = ((rest(centred, atoms[chosen]) @ atoms.T) ** 2).sum(axis=0)
        scores[chosen] = -1
        order = np.argsort(-scores, kind="stable")
        chosen.append(int(order[0]))
        leads.append(1 - scores[order[1]] / scores[order[0]])
    return chosen, min(leads)


def ols(contributions, atoms):
    centred = contributions - contributions.mean(axis=0)
    chosen, leads = [], []
    for _ in range(COUNT):
        left = np.array([np.inf if text in chosen else (rest(centred, atoms[chosen + [text]]) ** 2).sum()
                         for text in range(len(atoms))])
        order = np.argsort(left, kind="stable")
        before = (rest(centred, atoms[chosen]) ** 2).sum()
        chosen.append(int(order[0]))
        leads.append(1 - (before - left[order[1]]) / (before - left[order[0]]))
    return chosen, min(leads)


def pole(direction, atoms, likeness):
    chosen, weights, leads = [], np.zeros(0), [1.0]
    while len(chosen) < TEXTS_OF_POLE:
        left = direction - weights @ atoms[chosen]
        products = atoms @ left
        scores = products + (likeness * (atoms @ atoms[chosen].T).mean(axis=1) if chosen else 0)
        scores[chosen] = -np.inf
        scores[products <= 1e-6] = -np.inf
        order = np.argsort(-scores, kind="stable")
        if not np.isfinite(scores[order[0]]):
            break
        if np.isfinite(scores[order[1]]):
            leads.append(abs(1 - scores[order[1]] / scores[order[0]]))
        chosen.append(int(order[0]))
        weights, _ = nnls(atoms[chosen].T, direction)
    found = weights @ atoms[chosen]
    return {"texts": chosen, "weights": weights.tolist(),
            "fidelity": float(found @ direction / np.linalg.norm(found)) if np.any(found) else 0.0}, min(leads)


def poles(contributions, atoms, likeness):
    centred = contributions - contributions.mean(axis=0)
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    found, leads = [], []
    for index in range(min(DIRECTIONS, int((singular > 1e-5 * singular[0]).sum()))):
        for sign in (1, -1):
            one, lead = pole(sign * right[index], atoms, likeness)
            # Which end comes first depends on the basis that the direction is written in.
            found.append({"direction": index, "share": float(singular[index] ** 2 / (singular ** 2).sum()), **one})
            leads.append(lead)
    return found, min(leads)


def explained(chosen, texts, contributions, basis):
    """The share along the first texts, as projected on the span of the basis."""
    _, singular, right = np.linalg.svd(basis, full_matrices=False)
    axes = right[:int((singular > 1e-6 * singular[0]).sum())]
    centred = contributions - contributions.mean(axis=0)
    shares = []
    for count in range(1, len(chosen) + 1):
        rows = texts[chosen[:count]] @ axes.T @ axes
        left, singular, span = np.linalg.svd(rows, full_matrices=False)
        span = span[singular > 1e-6 * singular[0]]
        shares.append(float(((centred @ span.T) ** 2).sum() / (centred ** 2).sum()))
    return shares


def study(case):
    texts, basis, coordinates = head(case)
    contributions = coordinates @ basis
    atoms = dictionary(texts)
    blocks = np.array_split(np.arange(case["images"]), BLOCKS)
    even = contributions[np.concatenate(blocks[0::2])]
    odd = contributions[np.concatenate(blocks[1::2])]

    def ours(rows):
        found = text_span(rows, texts, COUNT, 80)
        return [one["index"] for one in found], min(one["lead"] for one in found)

    methods = {}
    for name, choose, rows in [("textspan", ours, texts),
                               ("somp", lambda rows: somp(rows, atoms), atoms),
                               ("ols", lambda rows: ols(rows, atoms), atoms)]:
        chosen, lead = choose(contributions)
        seen, seen_lead = choose(even)
        methods[name] = {"texts": chosen, "lead": float(min(lead, seen_lead)),
                         "explained": explained(chosen, rows, contributions, basis),
                         "heldOut": explained(seen, rows, odd, basis)}
    both = {}
    for name, likeness in [("nnomp", 0), ("comp", LIKENESS)]:
        found, lead = poles(contributions, atoms, likeness)
        both[name] = {"poles": found, "lead": float(lead)}
    return {"methods": methods, "poles": both}


def main():
    goldens = []
    for case in CASES:
        if case["images"] < 50 or case["width"] < COUNT:
            continue
        found = study(case)
        goldens.append({
            "name": case["name"],
            "recipe": {key: case[key] for key in ("seed", "images", "width", "embedding", "texts", "planted", "dependent")},
            "blocks": BLOCKS, **found,
        })
        print(case["name"], {name: (f"{one['lead']:.1e}", round(one["explained"][4], 3), round(one["heldOut"][4], 3))
                             for name, one in found["methods"].items()},
              {name: f"{one['lead']:.1e}" for name, one in found["poles"].items()})
    out = ROOT / "Tests/Goldens/methods/goldens.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(goldens, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
