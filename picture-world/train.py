"""Trains the picture-world's CLIP from scratch on the images and captions that render.py wrote.

    python train.py DATA OUT [--steps N] [--batch B] …       (see --help; resumes from OUT/checkpoint.pt)

The loss is the plain softmax contrastive one, on pairs of an image and one of its captions, and nothing else. Two
processes of one thread each share every batch and add up their gradients: on a busy machine this wastes far less than
two threads that wait for each other at every operation. While training, part of each image's patches is left out
(flat ones more often); the last steps see whole images. The rate rises, stays, and falls to zero over the last part:
so the number of steps can still be changed by a restart before the fall begins. A run is determined by its seed, its
settings and the step numbers, whatever the clock says and however often it is resumed.
"""

import argparse
import functools
import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F

from model import PictureWorldCLIP, Shape, TextShape, VisionShape
from tokenizer import Tokenizer

MEAN, STD = 0.5, 0.25


class Pairs:
    """Rendered scenes, read from disk as they are needed."""

    def __init__(self, folder, settings):
        self.images = np.load(folder / "images.npy", mmap_mode="r")  # [N, P, C] bytes
        self.salience = np.load(folder / "salience.npy")  # [N, P] bytes, how much a patch varies
        self.captions = np.load(folder / "captions.npy")  # [N, captions, T]
        self.likeness = np.load(folder / "likeness.npy")  # [N, 2], near for scenes that are alike
        self.settings = settings

    def __len__(self):
        return len(self.images)

    @functools.lru_cache(maxsize=8)
    def order(self, epoch, likeness):
        """Every scene once: in any order, or in groups of scenes that are hard to tell apart by that likeness."""
        generator = np.random.default_rng([self.settings.seed, 0, epoch])
        shuffled = generator.permutation(len(self))
        if likeness is None:
            return shuffled
        ordered = shuffled[np.argsort(self.likeness[shuffled, likeness], kind="stable")]
        ordered = np.roll(ordered, generator.integers(len(self)))
        rest = len(self) % self.settings.alike
        groups = generator.permutation(ordered[rest:].reshape(-1, self.settings.alike))
        return np.concatenate([groups.ravel(), ordered[:rest]])

    def choose(self, step):
        """The scenes of a step, which caption of each, and a generator for the rest."""
        batch, turn, likeness = self.settings.batch, step, None
        if step >= self.settings.alike_from:
            likeness = 0
        if step >= self.settings.both_from:
            turn, likeness = divmod(step, 2)
        first, scenes = turn * batch, []
        for epoch in range(first // len(self), (first + batch - 1) // len(self) + 1):
            start = first - epoch * len(self)
            scenes.append(self.order(epoch, likeness)[max(0, start) : start + batch])
        generator = np.random.default_rng([self.settings.seed, 1, step])
        return np.concatenate(scenes), generator.integers(self.captions.shape[1], size=batch), generator

    def places(self, scenes, keep, generator):
        """`keep` patches of each image, drawn without replacement, a patch's weight growing with its variance."""
        keys = 2 * np.log(self.salience[scenes] + 2.0) + generator.gumbel(size=(len(scenes), self.salience.shape[1]))
        return np.argpartition(-keys, keep - 1, axis=1)[:, :keep]


def normalised(images):
    return (torch.from_numpy(images).to(torch.bfloat16) / 255 - MEAN) / STD


def embed_images(model, images, rows=128):
    """images [N, P, C] bytes -> unit-norm [N, E]"""
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        parts = [model.encode_image(normalised(images[i : i + rows])) for i in range(0, len(images), rows)]
    return F.normalize(torch.cat(parts).float(), dim=-1)


def embed_texts(model, tokens):
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        return F.normalize(model.encode_text(torch.from_numpy(np.asarray(tokens, np.int64))).float(), dim=-1)


class HeldOut:
    """A quick look at scenes that are not trained on; evaluate.py is the real measure."""

    def __init__(self, folder, tokenizer):
        self.images = np.load(folder / "held-out.npy")
        asked = json.loads((folder / "questions.json").read_text())
        self.distinct = asked["distinct"]
        self.captions = [tokenizer.encode(text) for text in asked["captions"]]
        self.properties = asked["properties"]
        for question in self.properties.values():
            question["texts"] = [[tokenizer.encode(text) for text in texts] for texts in question["texts"]]

    def scores(self, model):
        images = embed_images(model, self.images)
        found = (images[self.distinct] @ embed_texts(model, self.captions).T).argmax(1)
        scores = {"top-1": (found == torch.arange(len(found))).float().mean().item()}
        for name, question in self.properties.items():
            values = torch.stack([embed_texts(model, texts).mean(0) for texts in question["texts"]])
            answers = (images[question["scenes"]] @ F.normalize(values, dim=-1).T).argmax(1)
            scores[name] = (answers == torch.tensor(question["answers"])).float().mean().item()
        return scores


def contrastive_loss(images, texts, scale):
    """images and texts [B, E], unit norm, pair by pair"""
    logits = scale * images @ texts.T
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2, logits


def optimisers(model, settings):
    """Muon for the matrices of the blocks, AdamW for the rest."""
    named = list(model.named_parameters())
    matrices = [p for name, p in named if "resblocks" in name and p.ndim == 2]
    if not settings.muon:
        matrices = []
    chosen = {id(p) for p in matrices}
    decayed = [p for name, p in named if id(p) not in chosen and p.ndim >= 2 and "embedding" not in name]
    plain = [p for name, p in named if id(p) not in chosen and (p.ndim < 2 or "embedding" in name)]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    result = [torch.optim.AdamW(groups, lr=settings.rate, betas=(0.9, 0.98), fused=True)]
    if matrices:
        result.append(torch.optim.Muon(matrices, lr=settings.matrix_rate, weight_decay=0.05, momentum=0.95,
                                       adjust_lr_fn="match_rms_adamw"))
    return result


def rate_share(step, settings):
    fall = round(settings.steps * settings.fall)
    return min(1.0, (step + 1) / settings.warm_up, (settings.steps - step) / max(1, fall))


def gathered(own, rank, processes):
    """Every process's embeddings, in order; gradients flow to this process's own alone. [b, E] -> [B, E]"""
    if processes == 1:
        return own
    parts = [torch.empty_like(own) for _ in range(processes)]
    dist.all_gather(parts, own.detach().contiguous())
    parts[rank] = own
    return torch.cat(parts)


def train_step(model, data, step, settings, rank):
    scenes, captions, generator = data.choose(step)
    whole = step >= settings.steps * (1 - settings.whole)
    places = None if whole else data.places(scenes, settings.keep, generator)
    mine = slice(rank * settings.batch // settings.processes, (rank + 1) * settings.batch // settings.processes)
    tokens = data.captions[scenes, captions].astype(np.int64)
    tokens = torch.from_numpy(tokens[:, : int(tokens.argmax(1).max()) + 1][mine])
    if whole:
        patches, places = data.images[scenes[mine]], None
    else:
        places = places[mine]
        patches, places = data.images[scenes[mine][:, None], places], torch.from_numpy(places)
    with torch.autocast("cpu", torch.bfloat16):
        images, texts = model.encode_image(normalised(patches), places), model.encode_text(tokens)
    images, texts = (F.normalize(x.float(), dim=-1) for x in (images, texts))
    scale = model.logit_scale.clamp(max=float(np.log(100))).exp()
    if rank > 0:
        scale = scale.detach()  # each process differentiates the whole loss, and one scale's gradient is enough
    loss, logits = contrastive_loss(gathered(images, rank, settings.processes),
                                    gathered(texts, rank, settings.processes), scale)
    loss.backward()
    return loss.item(), (logits.argmax(1) == torch.arange(len(logits))).float().mean().item()


def save(path, model, optimisers, step, settings):
    partial = path.with_suffix(".partial")
    torch.save({"shape": model.shape.as_dict(), "model": model.state_dict(), "step": step, "settings": vars(settings),
                "optimisers": [o.state_dict() for o in optimisers]}, partial)
    os.replace(partial, path)


def work(rank, settings):
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    if settings.processes > 1:
        dist.init_process_group("gloo", init_method=f"file://{settings.out.resolve()}/meeting", rank=rank,
                                world_size=settings.processes)
    data = Pairs(settings.data, settings)
    tokenizer = Tokenizer(json.loads((settings.data / "words.json").read_text()), data.captions.shape[2])
    held_out = HeldOut(settings.data, tokenizer)
    shape = Shape(settings.embedding, VisionShape(layers=settings.layers, width=settings.width,
                                                  head_width=settings.head_width),
                  TextShape(context_length=data.captions.shape[2], vocab_size=len(tokenizer), width=settings.text_width))
    model = PictureWorldCLIP(shape)
    parameters = list(model.parameters())
    gradients = torch.zeros(sum(p.numel() for p in parameters))  # one buffer, so that one exchange adds them all up
    for parameter, part in zip(parameters, gradients.split([p.numel() for p in parameters])):
        parameter.grad = part.view_as(parameter)
    steppers = optimisers(model, settings)
    checkpoint = settings.out / "checkpoint.pt"
    start = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        for stepper, values in zip(steppers, state["optimisers"]):
            stepper.load_state_dict(values)
        start = state["step"]
    if rank == 0:
        print(f"{len(data)} scenes, {sum(p.numel() for p in parameters)} parameters, from step {start}; {vars(settings)}",
              flush=True)
    began, losses, hits = time.time(), [], []
    for step in range(start, settings.steps):
        gradients.zero_()
        loss, hit = train_step(model, data, step, settings, rank)
        if settings.processes > 1:
            dist.all_reduce(gradients)
        gradients *= min(1.0, settings.clip / (gradients.norm().item() + 1e-6))
        for stepper, rate in zip(steppers, (settings.rate, settings.matrix_rate)):
            for group in stepper.param_groups:
                group["lr"] = rate * rate_share(step, settings)
            stepper.step()
        losses.append(loss)
        hits.append(hit)
        done = step + 1
        if rank == 0 and (done % settings.log_every == 0 or done == settings.steps):
            seconds = (time.time() - began) / (done - start)
            print(f"step {done}  loss {np.mean(losses):.3f}  batch top-1 {np.mean(hits):.3f}  scale "
                  f"{model.logit_scale.exp().item():.1f}  {seconds:.3f} s/step  "
                  f"{seconds * (settings.steps - done) / 60:.0f} min left", flush=True)
            losses, hits = [], []
        if rank == 0 and (done % settings.look_every == 0 or done == settings.steps):
            print(f"step {done}  held out  " + "  ".join(f"{k} {v:.3f}" for k, v in held_out.scores(model).items()),
                  flush=True)
            save(checkpoint, model, steppers, done, settings)
    if settings.processes > 1:
        dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="the folder that render.py wrote")
    parser.add_argument("out", type=Path, help="folder for checkpoint.pt")
    parser.add_argument("--steps", type=int, default=4400)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--matrix-rate", type=float, default=3e-3, help="Muon's, for the matrices of the blocks")
    parser.add_argument("--warm-up", type=int, default=100, help="steps")
    parser.add_argument("--fall", type=float, default=0.4, help="share of the steps in which the rate falls to zero")
    parser.add_argument("--alike", type=int, default=32, help="batches are made of groups of so many scenes much alike")
    parser.add_argument("--alike-from", type=int, default=600, help="from this step on, alike in all but the objects")
    parser.add_argument("--both-from", type=int, default=1600, help="from this step on, every other time in the objects")
    parser.add_argument("--keep", type=int, default=47, help="patches kept, while some are left out")
    parser.add_argument("--whole", type=float, default=0.08, help="share of the steps, at the end, with whole images")
    parser.add_argument("--clip", type=float, default=1.0, help="largest norm of the gradient")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--head-width", type=int, default=48)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--text-width", type=int, default=128)
    parser.add_argument("--embedding", type=int, default=128)
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--look-every", type=int, default=250)
    settings = parser.parse_args()
    settings.out.mkdir(parents=True, exist_ok=True)
    (settings.out / "meeting").unlink(missing_ok=True)
    if settings.processes == 1:
        work(0, settings)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the processes end with this one
        mp.spawn(work, args=(settings,), nprocs=settings.processes, daemon=True)


if __name__ == "__main__":
    main()
