#!/usr/bin/env python3
"""Writes Tests/Goldens/clip/NAME/attention.safetensors: the attention of the CLS row, in float64, of the tiny checkpoints of clip.py.

`attention` [L,H,T] is that of the first image of clip.py, the CLS token first, from open_clip's weights by the definition: the
softmax of q·k/√D. Made with open_clip 3.3, torch 2.13, on a CPU.

    scripts/goldens/attention.py
"""

import clip  # imports oracle, which comes before open_clip
import torch
from PIL import Image
from safetensors.torch import save_file


@torch.no_grad()
def attention(model, pixels):
    v = model.double().visual
    x = v.conv1(pixels.double()).flatten(2).permute(0, 2, 1)
    x = torch.cat([v.class_embedding.expand(len(x), 1, -1), x], 1) + v.positional_embedding
    x = v.ln_pre(x)
    found = []
    for block in v.transformer.resblocks:
        heads = block.attn.num_heads
        normed = block.ln_1(x)
        q, k, _ = (z.reshape(*x.shape[:2], heads, -1).transpose(1, 2)
                   for z in (normed @ block.attn.in_proj_weight.T + block.attn.in_proj_bias).chunk(3, -1))
        found.append((torch.einsum("hd,htd->ht", q[0, :, 0], k[0]) / q.shape[-1] ** 0.5).softmax(-1))
        x = block(x)
    return torch.stack(found)


def main():
    for name in clip.CONFIGURATIONS:
        model, prep, _ = clip.load(clip.OUT / name)
        pixels = prep(Image.open(clip.ROOT / "Tests/Goldens/images/originals" / clip.IMAGES[0]))
        save_file({"attention": attention(model, pixels[None]).float().contiguous()},
                  clip.OUT / name / "attention.safetensors")


if __name__ == "__main__":
    main()
