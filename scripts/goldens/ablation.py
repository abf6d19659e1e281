#!/usr/bin/env python3
"""Writes Tests/Goldens/ablation/goldens.json: the similarity of images with texts once heads and MLPs are replaced by their means,
and what that does to the ranks of captions and to zero-shot classification, layer by layer and along orders of layers.

Worked out the long way, in float64 and in the joint embedding: what each head and each MLP wrote for every image, its mean over
the probe set, the embedding with the one in place of the other, and its product with every text. The numbers that it is worked out
from are noise rounded to float32, and stand in the file. Made with numpy 2.4.

    scripts/goldens/ablation.py
"""

import json
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS, HEADS, WIDTH, EMBEDDING = 2, 2, 3, 8
GALLERY, PROBE, TEXTS = 6, 9, 4


def main():
    random = np.random.default_rng(20261128)

    def noise(*shape, mean=0.0, scale=0.2):
        return (random.standard_normal(shape) * scale + mean).astype(np.float32).astype(np.float64)

    count = LAYERS * HEADS
    # Means far from 0, so that what is replaced by 0 is told from what is replaced by its mean.
    basis = noise(count, WIDTH + 3, EMBEDDING)
    gallery, probe = noise(count, GALLERY, WIDTH + 3, mean=0.2, scale=0.6), noise(count, PROBE, WIDTH + 3, mean=0.4)
    gallery_mlps, probe_mlps = noise(GALLERY, LAYERS + 1, EMBEDDING), noise(PROBE, LAYERS + 1, EMBEDDING, mean=0.1)
    written = np.einsum("hgc,hce->hge", gallery, basis)
    means = np.einsum("hnc,hce->hne", probe, basis).mean(axis=1)
    embeddings = (written.sum(0) + gallery_mlps.sum(1)).astype(np.float32).astype(np.float64)
    texts = noise(TEXTS, EMBEDDING)
    texts = (texts / np.linalg.norm(texts, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    truth = [0, 3, None, 1, 2, 0]

    def case(heads, mlps):
        left = embeddings.copy()
        for head in heads:
            left += means[head] - written[head]
        for term in mlps:
            left += probe_mlps[:, term].mean(0) - gallery_mlps[:, term]
        scores = left @ texts.T
        answers = scores.argmax(1)
        known = [place for place, answer in enumerate(truth) if answer is not None]
        margins = [None if answer is None else scores[place, answer] - np.delete(scores[place], answer).max()
                   for place, answer in enumerate(truth)]
        return {"heads": heads, "mlps": mlps, "scores": scores.ravel().tolist(), "answers": answers.tolist(),
                "accuracy": sum(answers[place] == truth[place] for place in known) / len(known), "margins": margins}

    # A study: texts are captions, and images may have none; three more texts are classes. Image 4 has neither.
    own_captions, own_classes = [0, 3, None, 1, None, 0], [0, None, 2, 0, None, 2]
    classes = noise(3, EMBEDDING)
    classes = (classes / np.linalg.norm(classes, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    captions = sorted({own for own in own_captions if own is not None})
    asked = [image for image in range(GALLERY) if own_captions[image] is not None or own_classes[image] is not None]

    def measures(left):
        scores = left @ texts.T
        ranks = [1 + sum(bool(scores[image, other] > scores[image, own]) for other in captions)
                 for image, own in enumerate(own_captions) if own is not None]
        right = [int((left[image] @ classes.T).argmax()) == own for image, own in enumerate(own_classes) if own is not None]
        similar = [scores[image, own] for image, own in enumerate(own_captions) if own is not None]
        return {"similarity": float(np.mean(similar)), "reciprocalRank": float(np.mean(1 / np.array(ranks))),
                "firstShare": float(np.mean(np.array(ranks) == 1)), "accuracy": float(np.mean(right))}

    head_changes = written - means[:, None]
    layer_changes = head_changes.reshape(LAYERS, HEADS, GALLERY, EMBEDDING).sum(1)
    mlp_changes = (gallery_mlps - gallery_mlps[asked].mean(0)).swapaxes(0, 1)

    def along(changes, order):
        left, found = embeddings.copy(), [measures(embeddings)]
        for layer in order:
            left = left - changes[layer]
            found.append(measures(left))
        return found

    last, first = list(range(LAYERS))[::-1], list(range(LAYERS))
    study = {
        "ownCaptions": own_captions, "ownClasses": own_classes, "classEmbeddings": classes.ravel().tolist(),
        "images": asked, "whole": measures(embeddings), "heads": [measures(embeddings - change) for change in head_changes],
        "layers": [measures(embeddings - change) for change in layer_changes],
        "mlps": [measures(embeddings - change) for change in mlp_changes[1:]],
        "fromLast": along(layer_changes, last), "fromFirst": along(layer_changes, first),
        "mlpsFromLast": along(mlp_changes[1:], last), "mlpsFromFirst": along(mlp_changes[1:], first),
        "nothing": measures(embeddings - layer_changes.sum(0) - mlp_changes.sum(0))}

    cases = [case(heads, mlps) for heads, mlps in [
        ([], []), ([0], []), ([1], []), ([2], []), ([3], []), ([0, 1], []), ([0, 1, 2, 3], []), ([], [0]), ([], [2]),
        ([3], [1]), ([0, 1, 2, 3], [0, 1, 2])]]
    golden = {
        "layers": LAYERS, "heads": HEADS, "headWidth": WIDTH, "embeddingWidth": EMBEDDING, "images": GALLERY,
        "probeImages": PROBE, "texts": TEXTS, "basis": basis.ravel().tolist(), "gallery": gallery.ravel().tolist(),
        "probe": probe.ravel().tolist(), "galleryMLPs": gallery_mlps.ravel().tolist(),
        "probeMLPs": probe_mlps.ravel().tolist(), "embeddings": embeddings.ravel().tolist(),
        "textEmbeddings": texts.ravel().tolist(), "truth": truth, "cases": cases, "study": study}
    path = ROOT / "Tests/Goldens/ablation/goldens.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
