#!/usr/bin/env python3
"""Writes what a float64 reference says of texts: Tests/Goldens/clip/NAME/towers.safetensors for the tiny checkpoints of clip.py, and
`picture-world-towers.safetensors` and `real-towers.safetensors` for the two trained models.

    scripts/goldens/towers.py [--real FOLDER]      (FOLDER holds ViT-Ti-16/ and photos/)

For the texts and images of clip.py:

    text_heads [M,L,H,E], text_mlps [M,L+1,E]    what heads, MLPs and the end token before the first layer wrote to the end token,
                                                 folded through ln_final and text_projection; the script checks that they sum to
                                                 open_clip's embedding
    cosines [N,M]                                of images and texts, in float64
    table [A,B]                                  of the first image and the second text: the products of all pieces, each the
                                                 start, the heads layer by layer, then the MLPs; the script checks that it sums
                                                 to the cosine

What goes on in the blocks is taken by hooks from open_clip's own modules in float64: the input of each attention's LayerNorm, and
what each MLP gave. Heads are then computed from open_clip's weights. Of the trained models every 37th number is kept of all but the
cosines. Made with open_clip 3.3, torch 2.13, safetensors, on a CPU.
"""

import argparse
import pathlib

import clip  # imports oracle, which comes before open_clip
import torch
from PIL import Image
from safetensors.torch import save_file


@torch.no_grad()
def reference(model, tokens):
    """Embeddings [M,E], heads [M,L,H,E] and MLPs [M,L+1,E] of texts in float64."""
    model = model.double()
    blocks = model.transformer.resblocks
    streams, mlps, last = {}, {}, {}
    hooks = [model.ln_final.register_forward_pre_hook(lambda _, given: last.update(x=given[0]))]
    for place, block in enumerate(blocks):
        hooks.append(block.register_forward_pre_hook(lambda _, given, place=place: streams.update({place: given[0]})))
        hooks.append(block.mlp.register_forward_hook(lambda _m, _g, made, place=place: mlps.update({place: made})))
    embedding = model.encode_text(tokens, normalize=True)
    for hook in hooks:
        hook.remove()
    count, (rows, ends) = len(tokens), (torch.arange(len(tokens)), tokens.argmax(dim=-1))
    pieces = []
    for place, block in enumerate(blocks):
        heads, normed = block.attn.num_heads, block.ln_1(streams[place])
        width = normed.shape[-1]
        q, k, v = (z.reshape(count, -1, heads, width // heads)
                   for z in (normed @ block.attn.in_proj_weight.T + block.attn.in_proj_bias).chunk(3, -1))
        scores = torch.einsum("nhd,nthd->nht", q[rows, ends], k) / (width // heads) ** 0.5
        later = torch.arange(normed.shape[1])[None, :] > ends[:, None]
        weights = scores.masked_fill(later[:, None], -torch.inf).softmax(-1)
        out = block.attn.out_proj.weight.reshape(width, heads, -1)
        pieces.append(torch.einsum("nht,nthd,whd->nhw", weights, v, out) + block.attn.out_proj.bias / heads)
    terms = [streams[0][rows, ends]] + [mlps[place][rows, ends] for place in range(len(blocks))]
    x = last["x"][rows, ends]
    whole = sum(terms) + sum(piece.sum(1) for piece in pieces)
    assert (whole - x).abs().max() < 1e-10 * x.abs().max(), (whole - x).abs().max()
    mean, deviation = x.mean(-1), (x.var(-1, unbiased=False) + model.ln_final.eps).sqrt()
    norm = (model.ln_final(x) @ model.text_projection).norm(dim=-1)
    n = 2 * len(blocks) + 1

    def fold(piece, share):
        def lift(z):
            return z.reshape(count, *([1] * (piece.ndim - 1)))
        return ((piece - lift(mean) / (n * share)) * model.ln_final.weight / lift(deviation)
                + model.ln_final.bias / (n * share)) @ model.text_projection / lift(norm)

    heads, mlps = fold(torch.stack(pieces, 1), pieces[0].shape[1]), fold(torch.stack(terms, 1), 1)
    residual = (heads.sum((1, 2)) + mlps.sum(1) - embedding).abs().max().item()
    assert residual < 1e-12, residual
    return embedding, heads, mlps


def pieces(heads, mlps):
    return torch.cat([mlps[:1], heads.flatten(0, 1), mlps[1:]])


@torch.no_grad()
def golden(folder, files, texts):
    model, prep, config = clip.load(folder)
    tokens = clip.tokens(folder, config, texts)
    single = model.encode_text(tokens, normalize=True)
    pixels = torch.stack([prep(Image.open(file)) for file in files])
    images, image_heads, image_mlps, _ = clip.reference(model, pixels)
    embeddings, heads, mlps = reference(model, tokens)
    worst = (embeddings - single).abs().max().item()
    assert worst < 5e-6, worst
    table = pieces(image_heads[0], image_mlps[0]) @ pieces(heads[1], mlps[1]).T
    cosines = images @ embeddings.T
    assert abs(table.sum() - cosines[0, 1]) < 1e-12
    print(f"{folder.name}: open_clip's texts are {worst:.1e} from float64")
    return {"text_heads": heads, "text_mlps": mlps, "cosines": cosines, "table": table}


def write(path, tensors, every=1):
    save_file({name: (value if name == "cosines" else value.flatten()[::every] if every > 1 else value).float().contiguous()
               for name, value in tensors.items()}, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--real", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    files = [clip.ROOT / "Tests/Goldens/images/originals" / name for name in clip.IMAGES]
    for name in clip.CONFIGURATIONS:
        write(clip.OUT / name / "towers.safetensors", golden(clip.OUT / name, files, clip.TEXTS))
    names = [f"gallery-{i:03d}.jpg" for i in (0, 7, 23, 33, 47)]
    world = golden(clip.WORLD, [clip.ROOT / "content/images/gallery" / name for name in names], clip.TEXTS)
    write(clip.OUT / "picture-world-towers.safetensors", world, clip.EVERY)
    if options.real:
        names = [f"photo-{i:02d}" for i in (0, 1, 14, 28, 50)]
        photos = [next(options.real.glob(f"photos/{name}.*")) for name in names]
        texts = ["tabby cat", "a photo of a cat and a dog", "vehicle", clip.TEXTS[5]]
        write(clip.OUT / "real-towers.safetensors", golden(options.real / "ViT-Ti-16", photos, texts), clip.EVERY)


if __name__ == "__main__":
    main()
