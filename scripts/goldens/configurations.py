#!/usr/bin/env python3
"""Writes Tests/Goldens/configurations.json: what is said of each configuration that open_clip ships.

Made with open_clip_torch 3.3.0. Facts alone, no file of theirs is copied: each name with the setting for which it is refused, or
null where the model is a CLIP with two transformers of open_clip's own, which is read.

    scripts/goldens/configurations.py [PROGRAM]

With the program it also writes each configuration into a folder of its own in a temporary place, has `models list` read all of them, and
says where that disagrees with the table.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import oracle  # noqa: F401  before open_clip
import open_clip
from open_clip.model import CLIPTextCfg, CLIPVisionCfg

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "configurations.json"
FOLDER = pathlib.Path(open_clip.__file__).parent / "model_configs"
# Settings of open_clip's own transformers that change what is computed and are not supported.
SETTINGS = {
    "vision_cfg": (CLIPVisionCfg, ["attentional_pool", "pos_embed_type", "pool_type", "ls_init_value", "qk_norm"]),
    "text_cfg": (CLIPTextCfg, ["embed_cls", "no_causal_mask", "pool_type", "proj_type", "proj_bias", "ls_init_value"]),
}


def reason(config):
    vision, text = config["vision_cfg"], config["text_cfg"]
    if vision.get("timm_model_name"):
        return "vision_cfg.timm_model_name"
    if isinstance(vision.get("layers"), list):
        return "vision_cfg.layers"
    if "multimodal_cfg" in config:
        return "multimodal_cfg"
    for key in ("hf_model_name", "hf_tokenizer_name"):
        if text.get(key):
            return f"text_cfg.{key}"
    for part, (defaults, keys) in SETTINGS.items():
        for key in keys:
            if config[part].get(key, getattr(defaults, key)) != getattr(defaults, key):
                return f"{part}.{key}"
    return None


def disagreements(program, table):
    with tempfile.TemporaryDirectory() as folder:
        for name in table:
            (pathlib.Path(folder) / name).mkdir()
            config = {"model_cfg": json.loads((FOLDER / f"{name}.json").read_text()), "preprocess_cfg": {}}
            (pathlib.Path(folder) / name / "open_clip_config.json").write_text(json.dumps(config))
            # There must be weights, which a list of models does not look into.
            (pathlib.Path(folder) / name / "open_clip_model.safetensors").touch()
        lines = subprocess.run([program, "models", "list", folder], capture_output=True, text=True).stdout.splitlines()
        said = {line.split(": ")[0].rsplit("/", 1)[-1]: line for line in lines}
        for name, expected in table.items():
            line = said.get(name, "nothing")
            found = line.split("open_clip_config.json: ")[-1] if "cannot be used" in line else None
            if (found is None) != (expected is None) or expected and not found.startswith(f"model_cfg.{expected} "):
                yield f"{name}: expected {expected}, said {line}"


def main():
    table = {path.stem: reason(json.loads(path.read_text())) for path in sorted(FOLDER.glob("*.json"))}
    OUT.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(key)}" for name, key in table.items()) + "\n}\n")
    print(len(table), "configurations,", sum(key is None for key in table.values()), "of them read")
    if len(sys.argv) > 1:
        wrong = list(disagreements(sys.argv[1], table))
        print("\n".join(wrong + [f"{len(wrong)} disagreements"]))
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
