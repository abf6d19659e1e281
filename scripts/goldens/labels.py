#!/usr/bin/env python3
"""Writes Tests/Goldens/labels/embeddings.json: what a small text tower makes of every text that the labeller asks for
when it is shown examples.yml and given lines of pool.txt, both beside the result.

The tower is that of picture-world's version 0, a world of 16 kinds of object, 10 colours and 3 patterns: its pool of 536 lines
and their embeddings are small enough to keep, and unlike the embedded model's they do not change with it.

The embeddings are turned onto their 48 leading principal directions (not centred, so that inner products stay) and
rounded to 8 bits with one scale, which keeps the file small.

Made with open_clip_torch 3.3.0, torch 2.13 (CPU).

    scripts/goldens/labels.py MODEL      (the folder of picture-world's model, version 0)
"""

import base64
import json
import pathlib
import re
import sys

import oracle  # noqa: F401  before open_clip
import numpy as np
import torch
from open_clip.model import CLIP
from open_clip.tokenizer import SimpleTokenizer
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = pathlib.Path(sys.argv[1])
GOLDENS = ROOT / "Tests/Goldens/labels"
DIRECTIONS = 48
FUNCTION_WORDS = {"a", "the", "in", "on", "at", "by", "of", "and", "to", "picture", "scene"}


def content(line):
    return [word for word in dict.fromkeys(line.split()) if word not in FUNCTION_WORDS]


def without(line, word):
    return " ".join(other for other in line.split() if other != word)


def wanted():
    """The lines, the lines without each of their words, and every word in the first two gaps of each property."""
    lines = (GOLDENS / "pool.txt").read_text(encoding="utf-8").split("\n")
    lines = [line for line in lines if line]
    words = sorted({word for line in lines for word in content(line)})
    texts = set(lines) | {without(line, word) for line in lines for word in content(line)}
    for match in re.finditer(r"descriptions: \[(.*)\]", (GOLDENS / "examples.yml").read_text("utf-8")):
        gaps = []
        for line in (line.strip() for line in match.group(1).split(",")):
            for word in content(line):
                gap = " ".join("_" if other == word else other for other in line.split())
                if gap not in gaps:
                    gaps.append(gap)
        for gap in gaps[:4]:
            texts |= {gap.replace("_", word) for word in words} | {without(gap, "_")}
    return sorted(texts)


@torch.no_grad()
def embed(texts):
    config = json.loads((MODEL / "open_clip_config.json").read_text("utf-8"))["model_cfg"]
    model = CLIP(embed_dim=config["embed_dim"], vision_cfg=config["vision_cfg"], text_cfg=config["text_cfg"])
    model.load_state_dict({k: v.float() for k, v in load_file(MODEL / "open_clip_model.safetensors").items()})
    model.eval()
    tokenizer = SimpleTokenizer(str(MODEL / "bpe_simple_vocab.txt.gz"), context_length=24)
    return model.encode_text(tokenizer(texts), normalize=True).double().numpy()


def main():
    texts = wanted()
    embeddings = embed(texts)
    _, singular, right = np.linalg.svd(embeddings, full_matrices=False)
    turned = embeddings @ right[:DIRECTIONS].T
    scale = np.abs(turned).max() / 127
    out = GOLDENS / "embeddings.json"
    golden = {
        "directions": DIRECTIONS,
        "scale": float(scale),
        "texts": texts,
        "values": base64.b64encode(np.round(turned / scale).astype(np.int8).tobytes()).decode(),
    }
    out.write_text(json.dumps(golden, indent=0) + "\n", encoding="utf-8")
    kept = (singular[:DIRECTIONS] ** 2).sum() / (singular ** 2).sum()
    print(len(texts), "texts,", out.stat().st_size, "bytes,", f"{kept:.4f} of the squared length kept")


if __name__ == "__main__":
    main()
