"""The two towers of the picture-world's CLIP, written for speed on a few CPU cores.

Every parameter has open_clip's name and shape, so a state dict of `PictureWorldCLIP` is an open_clip checkpoint. Only
the way of computing differs: images come as patches already cut out (B images, P patches of C = 3·8·8 values), some
patches may be left out, and the last block of each tower is computed for the one row that is read.
"""

import math
from dataclasses import asdict, dataclass, field

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class VisionShape:
    image_size: int = 80
    layers: int = 6
    width: int = 192
    head_width: int = 48
    patch_size: int = 8

    @property
    def heads(self):
        return self.width // self.head_width

    @property
    def patches(self):
        return (self.image_size // self.patch_size) ** 2


@dataclass(frozen=True)
class TextShape:
    context_length: int = 24
    vocab_size: int = 0
    width: int = 128
    heads: int = 4
    layers: int = 3


@dataclass(frozen=True)
class Shape:
    """What `model_cfg` of open_clip_config.json says."""

    embed_dim: int = 128
    vision_cfg: VisionShape = field(default_factory=VisionShape)
    text_cfg: TextShape = field(default_factory=TextShape)

    def as_dict(self):
        return asdict(self)

    @staticmethod
    def from_dict(values):
        return Shape(values["embed_dim"], VisionShape(**values["vision_cfg"]), TextShape(**values["text_cfg"]))


CAUSAL = torch.full((24, 24), float('-inf')).triu(1)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def split(self, x):  # [B, N, W] -> [B, H, N, D]
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x, is_causal):  # [B, N, W] -> [B, N, W]
        q, k, v = (self.split(part) for part in F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1))
        scores = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5)
        if is_causal:
            scores = scores + CAUSAL[: x.shape[1], : x.shape[1]].to(scores.dtype)
        mixed = scores.softmax(-1).to(v.dtype) @ v
        return self.out_proj(mixed.transpose(1, 2).flatten(2))

    def read(self, x, row, mask):  # [B, N, W], the rows that ask [B, 1, W], what they may see [B, 1, 1, N] -> [B, 1, W]
        width = x.shape[-1]
        q = self.split(F.linear(row, self.in_proj_weight[:width], self.in_proj_bias[:width]))
        k, v = F.linear(x, self.in_proj_weight[width:], self.in_proj_bias[width:]).chunk(2, dim=-1)
        k, v = self.split(k), self.split(v)
        # One query a head: a product and a sum are quicker than a batch of tiny matrix products.
        scores = (q * k).sum(-1, keepdim=True).float() * (k.shape[-1] ** -0.5)  # [B, H, N, 1]
        if mask is not None:
            scores = scores.masked_fill(~mask.transpose(-1, -2), float("-inf"))
        mixed = (scores.softmax(dim=2).to(v.dtype) * v).sum(2, keepdim=True)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, 4 * width))
        self.mlp.add_module("gelu", nn.GELU())
        self.mlp.add_module("c_proj", nn.Linear(4 * width, width))

    def forward(self, x, is_causal=False):
        x = x + self.attn(self.ln_1(x), is_causal)
        return x + self.mlp(self.ln_2(x))

    def read(self, x, index, mask=None):
        """The block's output at one row of each sequence alone. x [B, N, W], index [B, 1, 1] -> [B, W]"""
        index = index.expand(-1, 1, x.shape[-1])
        normed = self.ln_1(x)
        row = x.gather(1, index) + self.attn.read(normed, normed.gather(1, index), mask)
        return (row + self.mlp(self.ln_2(row)))[:, 0]


class Transformer(nn.Module):
    def __init__(self, width, layers, heads):
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads) for _ in range(layers))

    def forward(self, x, index, mask=None, is_causal=False):  # [B, N, W] -> [B, W]
        for block in self.resblocks[:-1]:
            x = block(x, is_causal)
        return self.resblocks[-1].read(x, index, mask)


class ImageTower(nn.Module):
    def __init__(self, shape, embed_dim):
        super().__init__()
        width, scale = shape.width, shape.width**-0.5
        self.conv1 = nn.Conv2d(3, width, shape.patch_size, shape.patch_size, bias=False)
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(scale * torch.randn(shape.patches + 1, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, shape.layers, shape.heads)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(scale * torch.randn(width, embed_dim))

    def forward(self, patches, places=None):
        """patches [B, P, C] normalised, places [B, P] of them in the grid (all, in order, if None) -> [B, E]"""
        position = self.positional_embedding[1:]
        x = F.linear(patches, self.conv1.weight.flatten(1))
        x = x + (position if places is None else position[places])
        first = (self.class_embedding + self.positional_embedding[0]).expand(x.shape[0], 1, -1)
        x = self.ln_pre(torch.cat([first.to(x.dtype), x], 1))
        index = torch.zeros(x.shape[0], 1, 1, dtype=torch.int64)
        return self.ln_post(self.transformer(x, index)) @ self.proj


class PictureWorldCLIP(nn.Module):
    """CLIP in open_clip's layout. The text tower's parameters are at the top, as there."""

    def __init__(self, shape):
        super().__init__()
        text = shape.text_cfg
        self.shape = shape
        self.visual = ImageTower(shape.vision_cfg, shape.embed_dim)
        self.transformer = Transformer(text.width, text.layers, text.heads)
        self.token_embedding = nn.Embedding(text.vocab_size, text.width)
        self.positional_embedding = nn.Parameter(0.01 * torch.randn(text.context_length, text.width))
        self.ln_final = nn.LayerNorm(text.width)
        self.text_projection = nn.Parameter(text.width**-0.5 * torch.randn(text.width, shape.embed_dim))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        for block in self.transformer.resblocks:  # as open_clip starts its text tower
            nn.init.normal_(block.attn.in_proj_weight, std=text.width**-0.5)
            nn.init.normal_(block.attn.out_proj.weight, std=text.width**-0.5 * (2 * text.layers) ** -0.5)
            nn.init.normal_(block.mlp.c_fc.weight, std=(2 * text.width) ** -0.5)
            nn.init.normal_(block.mlp.c_proj.weight, std=text.width**-0.5 * (2 * text.layers) ** -0.5)

    def encode_image(self, patches, places=None):
        return self.visual(patches, places)

    def encode_text(self, tokens):
        """tokens [B, T], read at the end token (the largest number); the tower is causal -> [B, E]"""
        x = self.token_embedding(tokens) + self.positional_embedding[: tokens.shape[1]]
        end = tokens.argmax(1)
        mask = torch.arange(tokens.shape[1]) <= end[:, None]
        x = self.transformer(x, end[:, None, None], mask[:, None, None, :], is_causal=True)
        return self.ln_final(x) @ self.text_projection
