"""Draws the scenes to train on, and the held-out ones to watch the training with.

    python render.py DATA [--scenes N]

Writes into the folder DATA
    images.npy   [N, P, C] bytes: images cut into patches, row by row; a patch is colour by colour, row by row
    salience.npy   [N, P] bytes: how much a patch varies (mean over the colours of its standard deviation)
    likeness.npy   [N, 2]: numbers that are near for scenes alike in one way, or in another
    captions.npy   [N, captions, T] tokens of several captions of each scene
    held-out.npy   [M, P, C], with questions.json: captions, zero-shot texts and true answers
    words.json     the words that the tokenizer makes tokens of
"""

import argparse
import json
from functools import partial
from multiprocessing import Pool
from pathlib import Path

import numpy as np

import captions
import drawing
import questions
from tokenizer import Tokenizer

SIZE, PATCH, CONTEXT, HELD_OUT, DISTINCT = 80, 8, 24, 1024, 256


def patches(image):
    """An RGB image of SIZE pixels a side -> [P, C] bytes, in the order of a convolution's weights"""
    side = SIZE // PATCH
    pixels = np.asarray(image, np.uint8).reshape(side, PATCH, side, PATCH, 3)
    return pixels.transpose(0, 2, 4, 1, 3).reshape(side * side, 3 * PATCH * PATCH)


def salience(cut):  # [P, C] -> [P]
    return cut.reshape(len(cut), 3, -1).astype(np.float32).std(axis=2).mean(axis=1).astype(np.uint8)


def render(number, split, count):
    scene, generator = questions.scene(split, number)
    texts = [captions.caption(scene, generator) for _ in range(count)]
    return number, questions.likeness(scene), patches(drawing.draw(scene, SIZE)), texts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder to write")
    parser.add_argument("--scenes", type=int, default=100_000)
    parser.add_argument("--captions", type=int, default=12, help="captions a scene")
    parser.add_argument("--processes", type=int, default=2)
    settings = parser.parse_args()
    settings.data.mkdir(parents=True, exist_ok=True)

    words = captions.words()
    tokenizer = Tokenizer(words, CONTEXT)
    shape = (settings.scenes, (SIZE // PATCH) ** 2, 3 * PATCH * PATCH)
    images = np.lib.format.open_memmap(settings.data / "images.npy", "w+", np.uint8, shape)
    varied = np.zeros(shape[:2], np.uint8)
    likeness = np.zeros((settings.scenes, 2), np.int64)
    tokens = np.zeros((settings.scenes, settings.captions, CONTEXT), np.int16)
    with Pool(settings.processes) as pool:
        job = partial(render, split="train", count=settings.captions)
        for number, key, cut, texts in pool.imap_unordered(job, range(settings.scenes), chunksize=64):
            likeness[number] = key
            images[number], varied[number] = cut, salience(cut)
            tokens[number] = [tokenizer.encode(text) for text in texts]
            if (number + 1) % 20_000 == 0:
                print(f"{number + 1} of {settings.scenes} scenes", flush=True)
        held_out = pool.map(partial(render, split="held-out", count=1), range(HELD_OUT), chunksize=16)
    images.flush()
    np.save(settings.data / "salience.npy", varied)
    np.save(settings.data / "likeness.npy", likeness)
    np.save(settings.data / "captions.npy", tokens)
    np.save(settings.data / "held-out.npy", np.stack([cut for _, _, cut, _ in held_out]))
    texts = [own[0] for *_, own in held_out]
    chosen = questions.distinct(texts, DISTINCT)
    asked = questions.questions([questions.scene("held-out", number)[0] for number in range(HELD_OUT)])
    (settings.data / "questions.json").write_text(json.dumps(
        {"distinct": chosen, "captions": [texts[number] for number in chosen], "properties": asked}))
    (settings.data / "words.json").write_text(json.dumps(words))


if __name__ == "__main__":
    main()
