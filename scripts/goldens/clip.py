#!/usr/bin/env python3
"""Makes Tests/Goldens/clip: tiny random checkpoints and what open_clip and a float64 reference say of them.

    scripts/goldens/clip.py [--real FOLDER]      (FOLDER holds ViT-Ti-16/ and photos/)

Made with open_clip 3.3, torch 2.13, Pillow 13.0.0, numpy, safetensors, on a CPU. Each checkpoint is an open_clip model with random
weights (seeded; norms and biases too, so that a mistake in one shows), saved in open_clip layout with the tokenizer
file of Tests/Goldens/tokenizer/small. `golden.safetensors` beside it has, for some of Tests/Goldens/images/originals and TEXTS:

    image_embeddings, text_embeddings       open_clip's own, float32, unit norm
    head_contributions [N,L,H,E], mlp_contributions [N,L+1,E], patch_contributions [L,P,H,E] of the first image
                                            the float64 reference below; the script checks that it sums to open_clip's

For the two trained models only results are kept, no weights: `picture-world.safetensors`, `real.safetensors`, with every 37th
number of the contributions.
"""

import argparse
import json
import pathlib
import shutil

import oracle  # noqa: F401  before open_clip
import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "Tests" / "Goldens" / "clip"
WORLD = ROOT / "content" / "models" / "picture-world"
TOKENIZER = ROOT / "Tests" / "Goldens" / "tokenizer" / "small"  # 707 tokens
IMAGES = ["alpha.png", "grey.jpg", "palette.png", "wide.png", "portrait.jpg", "one-pixel.png"]
TEXTS = ["a red cat", "two blue boats at night", "", "three striped umbrellas on the beach to the left of a tree and a house "
         "and a car and a boat and a fish and a star", "<end_of_text> after the end", "Čapek’s &amp; café 123"]
EVERY = 37


def tower(**more):
    return {"image_size": 32, "layers": 3, "width": 32, "head_width": 8, "patch_size": 8, **more}


TEXT = {"context_length": 24, "vocab_size": 707, "width": 16, "heads": 2, "layers": 2}
CONFIGURATIONS = {
    "quick-gelu": ({"quick_gelu": True, "vision_cfg": tower(), "text_cfg": TEXT}, torch.float32),
    "ratio-and-width": ({"vision_cfg": tower(width=48, head_width=12, mlp_ratio=2.5, layers=2),
                         "text_cfg": {**TEXT, "mlp_ratio": 3.0}}, torch.float16),
    "no-input-norm": ({"vision_cfg": tower(no_ln_pre=True, norm_kwargs={"eps": 1e-6}), "text_cfg": TEXT}, torch.bfloat16),
    "plain": ({"vision_cfg": tower(layers=1, patch_size=16), "text_cfg": {**TEXT, "layers": 1}}, torch.float32),
}
PREPROCESS = {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.25, 0.3], "interpolation": "bicubic", "resize_mode": "shortest"}


def make(name, model_cfg, dtype):
    """Writes the checkpoint and returns its folder."""
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(sum(name.encode()))
    model = open_clip.CLIP(embed_dim=24, **{"quick_gelu": False, **model_cfg})
    state = {}
    for key, value in model.state_dict().items():
        scale = 0.5 if value.ndim < 2 else 1.2 / value.shape[-1] ** 0.5
        noise = torch.randn(value.shape) * scale
        if key.endswith("mlp.c_fc.bias"):  # far beyond what activations usually see
            noise[:4] = torch.tensor([-80.0, -20.0, 20.0, 80.0])
        state[key] = (1 + noise * 0.4 if "ln_" in key and key.endswith("weight") else noise).to(dtype).contiguous()
    save_file(state, folder / "open_clip_model.safetensors")
    config = {"model_cfg": {"embed_dim": 24, **model_cfg}, "preprocess_cfg": PREPROCESS}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
    shutil.copy(TOKENIZER / "bpe_simple_vocab.txt.gz", folder)
    return folder


def load(folder):
    """The open_clip model in float32 whatever its storage, and its preprocessing."""
    config = json.loads((folder / "open_clip_config.json").read_text())
    model = open_clip.CLIP(**{"quick_gelu": False, **config["model_cfg"]})
    state = {k: v.float() for k, v in load_file(folder / "open_clip_model.safetensors").items()}
    model.load_state_dict(state, strict=True)
    model.eval()
    pre = config["preprocess_cfg"]
    size = config["model_cfg"]["vision_cfg"]["image_size"]
    prep = open_clip.image_transform(size, is_train=False, mean=tuple(pre["mean"]), std=tuple(pre["std"]))
    return model, prep, config


def tokens(folder, config, texts):
    context = config["model_cfg"]["text_cfg"]["context_length"]
    (vocabulary,) = folder.glob("bpe_*.txt.gz")
    return open_clip.SimpleTokenizer(bpe_path=str(vocabulary), context_length=context)(texts)


@torch.no_grad()
def reference(model, pixels):
    """Head, MLP and patch contributions in float64, by the formulas of docs/notation.md."""
    v = model.double().visual
    x = v.conv1(pixels.double()).flatten(2).permute(0, 2, 1)
    x = torch.cat([v.class_embedding.expand(len(x), 1, -1), x], 1) + v.positional_embedding
    x = v.ln_pre(x)
    count, length, width = x.shape
    terms, pieces = [x[:, 0]], []
    for block in v.transformer.resblocks:
        heads = block.attn.num_heads
        qkv = block.ln_1(x) @ block.attn.in_proj_weight.T + block.attn.in_proj_bias
        q, k, val = (z.reshape(count, length, heads, -1).transpose(1, 2) for z in qkv.chunk(3, -1))
        alpha = (q @ k.transpose(-1, -2) / (width // heads) ** 0.5).softmax(-1)
        out = block.attn.out_proj.weight.reshape(width, heads, -1)
        pieces.append(torch.einsum("nht,nhtd,whd->nthw", alpha[:, :, 0], val, out)
                      + block.attn.out_proj.bias / (length * heads))
        gathered = (alpha @ val).transpose(1, 2).reshape(count, length, width)
        x = x + gathered @ block.attn.out_proj.weight.T + block.attn.out_proj.bias
        added = block.mlp(block.ln_2(x))
        terms.append(added[:, 0])
        x = x + added
    cls = x[:, 0]
    mean = cls.mean(-1, keepdim=True)
    deviation = (cls.var(-1, unbiased=False, keepdim=True) + v.ln_post.eps).sqrt()
    embedding = v.ln_post(cls) @ v.proj
    norm = embedding.norm(dim=-1, keepdim=True)
    n = 2 * len(pieces) + 1

    def fold(piece, share):
        def lift(z):
            return z.reshape(count, *([1] * (piece.ndim - 2)), 1)
        return ((piece - lift(mean) / (n * share)) * v.ln_post.weight / lift(deviation)
                + v.ln_post.bias / (n * share)) @ v.proj / lift(norm)

    patches = fold(torch.stack(pieces, 1), length * heads)  # N L T H E
    heads_, mlp = patches.sum(2), fold(torch.stack(terms, 1), 1)
    residual = (heads_.sum((1, 2)) + mlp.sum(1) - embedding / norm).abs().max().item()
    assert residual < 1e-13, residual
    return embedding / norm, heads_, mlp, patches[0, :, 1:]


@torch.no_grad()
def golden(folder, files, texts):
    model, prep, config = load(folder)
    pixels = torch.stack([prep(Image.open(file)) for file in files])
    images = model.encode_image(pixels, normalize=True)
    text = model.encode_text(tokens(folder, config, texts), normalize=True)
    exact, heads, mlp, patches = reference(model, pixels)
    worst = (exact - images).abs().max().item()
    assert worst < 5e-6, worst
    print(f"{folder.name}: open_clip is {worst:.1e} from float64")
    return {"image_embeddings": images, "text_embeddings": text, "head_contributions": heads, "mlp_contributions": mlp,
            "patch_contributions": patches}


def write(path, tensors, metadata):
    save_file({k: v.float().contiguous() for k, v in tensors.items()}, path,
              metadata={k: json.dumps(v) for k, v in metadata.items()})


def thin(tensors):
    """Every 37th number of what is large."""
    return {k: v.flatten()[::EVERY].clone() if "contributions" in k else v for k, v in tensors.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--real", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    files = [ROOT / "Tests/Goldens/images/originals" / name for name in IMAGES]
    for name, (model_cfg, dtype) in CONFIGURATIONS.items():
        folder = make(name, model_cfg, dtype)
        write(folder / "golden.safetensors", golden(folder, files, TEXTS), {"images": IMAGES, "texts": TEXTS})
    names = [f"gallery-{i:03d}.jpg" for i in (0, 7, 23, 33, 47)]
    world = golden(WORLD, [ROOT / "content/images/gallery" / n for n in names], TEXTS)
    write(OUT / "picture-world.safetensors", thin(world), {"images": names, "texts": TEXTS})
    if options.real:
        names = [f"photo-{i:02d}" for i in (0, 1, 14, 28, 50)]
        photos = [next(options.real.glob(f"photos/{n}.*")) for n in names]
        texts = ["tabby cat", "a photo of a cat and a dog", "vehicle", TEXTS[5]]
        real = golden(options.real / "ViT-Ti-16", photos, texts)
        write(OUT / "real.safetensors", thin(real), {"images": [p.name for p in photos], "texts": texts})


if __name__ == "__main__":
    main()
