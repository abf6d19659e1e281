#!/usr/bin/env python3
"""Writes Tests/Goldens/clip/positions.json: positional embeddings that open_clip resized, and what they were.

Made with open_clip_torch 3.3.0 and torch 2.15.0 on a CPU. The numbers are random (seeded) and float32, written so that they
are read as the same; the first row of a grid is that of the class token.

    scripts/goldens/positions.py
"""

import json
import pathlib
import types

import oracle  # noqa: F401  before open_clip
import torch
from open_clip.model import resize_pos_embed, resize_text_pos_embed

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "clip" / "positions.json"
WIDTH = 2
GRIDS = [(7, 12), (12, 7), (10, 12), (6, 9), (16, 3), (4, 1), (1, 5), (2, 3)]
SEQUENCES = [(77, 32), (24, 16), (16, 24), (5, 77), (7, 1), (1, 4)]


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]


def main():
    generator = torch.Generator().manual_seed(7)
    cases = []
    for old, new in GRIDS:
        state = {"visual.positional_embedding": torch.randn(old * old + 1, WIDTH, generator=generator)}
        before = numbers(state["visual.positional_embedding"])
        resize_pos_embed(state, types.SimpleNamespace(visual=types.SimpleNamespace(grid_size=(new, new))))
        cases.append({"kind": "grid", "from": old, "to": new, "before": before,
                      "after": numbers(state["visual.positional_embedding"])})
    for old, new in SEQUENCES:
        state = {"positional_embedding": torch.randn(old, WIDTH, generator=generator)}
        before = numbers(state["positional_embedding"])
        resize_text_pos_embed(state, types.SimpleNamespace(positional_embedding=torch.zeros(new, WIDTH)))
        cases.append({"kind": "sequence", "from": old, "to": new, "before": before,
                      "after": numbers(state["positional_embedding"])})
    OUT.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(len(cases), "cases,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
