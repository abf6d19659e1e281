"""The published computations in torch, written as they are described, for comparison with HeadAtlas.

Written from the papers' formulas (arXiv 2310.05916): nothing is streamed, nothing is computed for the CLS row alone, and no
shorter way is taken than the description has. N images, T tokens, L layers, H heads, W width, E joint width.
"""

import torch


def decompose(model, pixels, spatial=False):
    """Contributions of every head and MLP to the unit-norm embeddings of `pixels [N, 3, S, S]`.

    `spatial=False` forms what every head writes at every token, [N, T, H, W], in every layer, and keeps the CLS row.
    `spatial=True` forms what every head moves from every token to every token, [N, T, T, H, W], and keeps the CLS row.
    Returns embeddings [N, E], heads [N, L, H, E] (spatial: [N, L, T, H, E]) and MLPs [N, L+1, E].
    """
    visual = model.visual
    x = visual.conv1(pixels).flatten(2).transpose(1, 2)
    x = torch.cat([visual.class_embedding.expand(len(x), 1, -1), x], 1) + visual.positional_embedding
    x = visual.ln_pre(x)
    heads, mlps = [], [x[:, 0]]
    for block in visual.transformer.resblocks:
        written = attention(block.attn, block.ln_1(x), spatial)
        if spatial:
            heads.append(written[:, 0].clone())  # [N, T, H, W]; a view would keep all of it
            x = x + written.sum(2).sum(2)  # far faster than both at once
        else:
            heads.append(written[:, 0].clone())  # [N, H, W]
            x = x + written.sum(2)
        del written
        added = block.mlp(block.ln_2(x))
        mlps.append(added[:, 0])
        x = x + added
    return fold(visual, x[:, 0], torch.stack(heads, 1), torch.stack(mlps, 1))


def attention(attn, x, spatial):
    """The contribution of every head at every token, [N, T, H, W]; with `spatial`, from every token, [N, T, T, H, W]."""
    count, tokens, width = x.shape
    qkv = x @ attn.in_proj_weight.T + attn.in_proj_bias
    q, k, v = (part.reshape(count, tokens, attn.num_heads, -1).transpose(1, 2) for part in qkv.chunk(3, -1))
    alpha = (q @ k.transpose(-1, -2) / attn.head_dim ** 0.5).softmax(-1)  # [N, H, T, T]
    out = attn.out_proj.weight.reshape(width, attn.num_heads, -1)  # [W, H, D]
    if spatial:
        moved = torch.einsum("nhts,nhsd->ntshd", alpha, v)
        return torch.einsum("ntshd,whd->ntshw", moved, out).add_(attn.out_proj.bias / (tokens * attn.num_heads))
    gathered = torch.einsum("nhts,nhsd->nthd", alpha, v)
    return torch.einsum("nthd,whd->nthw", gathered, out).add_(attn.out_proj.bias / attn.num_heads)


def fold(visual, cls, heads, mlps):
    """Applies `ln_post`, the projection and the final norm to the terms of `cls [N, W]`."""
    mean = cls.mean(-1, keepdim=True)
    deviation = (cls.var(-1, unbiased=False, keepdim=True) + visual.ln_post.eps).sqrt()
    embedding = visual.ln_post(cls) @ visual.proj
    norm = embedding.norm(dim=-1, keepdim=True)
    terms = heads.shape[1] + mlps.shape[1]

    def folded(pieces, share):
        def lifted(value):
            return value.reshape(len(cls), *([1] * (pieces.ndim - 2)), 1)
        centred = pieces - lifted(mean) / (terms * share)
        scaled = centred * visual.ln_post.weight / lifted(deviation) + visual.ln_post.bias / (terms * share)
        return scaled @ visual.proj / lifted(norm)

    share = heads.shape[2:-1].numel()  # T·H parts of a term, or H
    return embedding / norm, folded(heads, share), folded(mlps, 1)


def text_span(contributions, texts, count, rank):
    """The texts that the variance of `contributions [N, E]` is removed along, one after the other.

    Every step scores all `texts [M, E]` by a product with all contributions. The published tool takes a rank of 80. More than
    the head's own dimensions only adds directions of rounding, and costs the same.
    """
    _, _, directions = torch.linalg.svd(contributions, full_matrices=False)
    directions = directions[:rank]
    texts = texts @ directions.T @ directions
    left = contributions - contributions.mean(0)
    chosen = []
    for _ in range(count):
        best = int((left @ texts.T).std(0).argmax())
        direction = texts[best] / texts[best].norm()
        left = left - torch.outer(left @ direction, direction)
        texts = texts - torch.outer(texts @ direction, direction)
        chosen.append(best)
    return chosen
