"""Scores a snapshot through open_clip on held-out scenes.

    python evaluate.py SNAPSHOT [--first N] [--scenes N] [--json FILE]

The first 1,024 held-out scenes are those that train.py looks at, and by which settings were chosen; so the scores are of
later ones, which nobody had looked at.

Retrieval: each image among 256 distinct captions, each caption among the 256 images, the best match counts.
Zero-shot: for each property, the value whose texts (their mean embedding) fit the image best; properties of an object
are asked of scenes with one object or one group alone. Beside each stand the chance level, 1 / values, and the share of
the commonest answer, which is what a constant answer would reach.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import captions
import drawing
import questions
from snapshot import open_snapshot

DISTINCT = 256


def embed(encode, inputs, rows=128):
    with torch.no_grad():
        return F.normalize(torch.cat([encode(part) for part in inputs.split(rows)]), dim=-1)


def retrieval(images, texts):  # both [N, E], pair by pair
    similarity, truth = images @ texts.T, torch.arange(len(images))
    return {"choices": len(images), "chance": 1 / len(images),
            "caption of an image": (similarity.argmax(1) == truth).float().mean().item(),
            "image of a caption": (similarity.argmax(0) == truth).float().mean().item()}


def zero_shot(images, question, embed_texts):
    values = F.normalize(torch.stack([embed_texts(texts).mean(0) for texts in question["texts"]]), dim=-1)
    found, truth = (images[question["scenes"]] @ values.T).argmax(1).numpy(), np.array(question["answers"])
    right = found == truth
    return {"accuracy": right.mean().item(), "chance": 1 / len(values),
            "commonest": np.bincount(truth).max().item() / len(truth), "scenes": len(truth),
            "values": {value: {"accuracy": right[truth == number].mean().item(), "scenes": int((truth == number).sum())}
                       for number, value in enumerate(question["values"]) if (truth == number).any()}}


def scores(folder, numbers):
    model, prepare, tokenizer = open_snapshot(folder)
    size = model.visual.image_size[0]
    scenes, texts, images = [], [], []
    for number in numbers:
        scene, generator = questions.scene("held-out", number)
        scenes.append(scene)
        texts.append(captions.caption(scene, generator))
        images.append(prepare(drawing.draw(scene, size)))
    images = embed(model.encode_image, torch.stack(images))

    def embed_texts(texts):
        return embed(model.encode_text, tokenizer(texts))

    chosen = questions.distinct(texts, DISTINCT)
    return {"retrieval": retrieval(images[chosen], embed_texts([texts[number] for number in chosen])),
            "zero-shot": {name: zero_shot(images, question, embed_texts)
                          for name, question in questions.questions(scenes).items()}}


def report(result):
    found = result["retrieval"]
    yield (f"among {found['choices']}: caption of an image {found['caption of an image']:.3f}, "
           f"image of a caption {found['image of a caption']:.3f}, chance {found['chance']:.3f}")
    yield f"{'property':10} accuracy  chance  commonest  scenes  worst values"
    for name, score in result["zero-shot"].items():
        worst = sorted(score["values"].items(), key=lambda item: item[1]["accuracy"])[:3]
        yield (f"{name:10} {score['accuracy']:8.3f}  {score['chance']:6.3f}  {score['commonest']:9.3f}  {score['scenes']:6}  "
               + ", ".join(f"{value} {one['accuracy']:.2f}" for value, one in worst))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--first", type=int, default=2048, help="number of the first held-out scene")
    parser.add_argument("--scenes", type=int, default=2048)
    parser.add_argument("--json", type=Path, help="where to write the scores in full")
    settings = parser.parse_args()
    result = scores(settings.snapshot, range(settings.first, settings.first + settings.scenes))
    print("\n".join(report(result)))
    if settings.json:
        settings.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
