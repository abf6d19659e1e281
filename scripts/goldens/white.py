#!/usr/bin/env python3
"""Writes Tests/Goldens/clip/white.json: what the heads of tiny random models write when what they read is white noise.

In float64, from the weights alone: with V a head's value weights times ln_1's, each row less its mean, and O its out-projection, less the mean of what
it writes, times ln_post's weights and the projection, the covariance is Oᵀ·V·Vᵀ·O in the joint embedding. Stored is its trace
and its product with a vector of equal numbers of length 1.
Made with numpy 2.4 and safetensors 0.8.

    scripts/goldens/white.py
"""

import json

import numpy as np
from safetensors.numpy import load_file

from textspan import ROOT

FOLDER = ROOT / "Tests/Goldens/clip"
MODELS = ["quick-gelu", "ratio-and-width", "plain"]


def heads(folder):
    configuration = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]["vision_cfg"]
    weights = {name: value.astype(np.float64) for name, value in load_file(folder / "open_clip_model.safetensors").items()}
    width, head_width = configuration["width"], configuration["head_width"]
    projection = weights["visual.ln_post.weight"][:, None] * weights["visual.proj"]
    for layer in range(configuration["layers"]):
        name = f"visual.transformer.resblocks.{layer}"
        values = weights[f"{name}.attn.in_proj_weight"][2 * width:] * weights[f"{name}.ln_1.weight"]
        values = values - values.mean(axis=1, keepdims=True)
        output = weights[f"{name}.attn.out_proj.weight"].T
        output = (output - output.mean(axis=1, keepdims=True)) @ projection
        for start in range(0, width, head_width):
            rows = slice(start, start + head_width)
            covariance = output[rows].T @ values[rows] @ values[rows].T @ output[rows]
            even = np.full(len(covariance), len(covariance) ** -.5)
            yield {"trace": float(np.trace(covariance)), "image": (covariance @ even).tolist()}


def main():
    found = {name: list(heads(FOLDER / name)) for name in MODELS}
    (FOLDER / "white.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print({name: len(one) for name, one in found.items()})


if __name__ == "__main__":
    main()
