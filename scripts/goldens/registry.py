#!/usr/bin/env python3
"""Writes Tests/Goldens/registry.json: what open_clip's own tables say of its pretrained ViTs.

Made with open_clip_torch 3.3.0. Facts alone: names, repositories, sizes, activation, statistics, how images are resized.
Left out: towers that are not CLIP's own (SigLIP, CLIPA, ViTamin), models with a tokenizer other than CLIP's, and names that
only repeat others with `-quickgelu`.

    scripts/goldens/registry.py
"""

import json
import pathlib

import oracle  # noqa: F401  before open_clip
import open_clip
from open_clip import pretrained

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "registry.json"
OTHERS = ("SigLIP", "CLIPA", "worldwide", "quickgelu")


def main():
    models = []
    for architecture, tags in pretrained._PRETRAINED.items():
        if not architecture.startswith("ViT-") or any(word in architecture for word in OTHERS):
            continue
        config = open_clip.get_model_config(architecture)
        vision, text = config["vision_cfg"], config["text_cfg"]
        for tag, facts in tags.items():
            assert facts["interpolation"] == "bicubic"
            models.append({
                "id": f"{architecture}/{tag}", "repository": facts["hf_hub"].rstrip("/"),
                "quick_gelu": bool(config.get("quick_gelu") or facts.get("quick_gelu")),
                "mean": facts["mean"], "std": facts["std"], "resize": facts["resize_mode"],
                "image": [vision["layers"], vision["width"], vision["width"] // vision.get("head_width", 64),
                          int(vision["width"] * vision.get("mlp_ratio", 4)), vision["image_size"], vision["patch_size"]],
                "text": [text["layers"], text["width"], text["heads"], 4 * text["width"], text["context_length"],
                         text["vocab_size"]],
                "joint": config["embed_dim"]})
    OUT.write_text("[\n" + ",\n".join(json.dumps(model) for model in models) + "\n]\n")
    print(f"{len(models)} models")


if __name__ == "__main__":
    main()
