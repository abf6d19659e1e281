#!/usr/bin/env python3
"""Head twins: which heads of all models of an atlas write most alike, by linear CKA over the probe set."""
import json
import sys

import numpy


def tensors(path):
    """The arrays of a safetensors file, by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    return {name: numpy.frombuffer(data[slice(*entry["data_offsets"])], numpy.float32).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def features(coordinates, basis):
    """An array Z [N, D+3] with Z Z^T = X X^T, where X [N, E] is what the head wrote, less its mean."""
    basis = basis.astype(numpy.float64)
    values, vectors = numpy.linalg.eigh(basis @ basis.T)
    coordinates = coordinates.astype(numpy.float64)
    return (coordinates - coordinates.mean(0)) @ (vectors * numpy.sqrt(numpy.maximum(values, 0)))


def alikeness(heads):
    """Linear CKA of every pair of heads, [H, H]; 0 where one of both writes the same for every image."""
    widths = numpy.cumsum([0] + [head.shape[1] for head in heads])
    everything = numpy.concatenate(heads, axis=1)
    norms = numpy.array([numpy.linalg.norm(head.T @ head) for head in heads])
    result = numpy.zeros((len(heads), len(heads)))
    for place, head in enumerate(heads):
        shared = numpy.add.reduceat(((head.T @ everything) ** 2).sum(0), widths[:-1])
        scale = norms[place] * norms
        result[place] = numpy.divide(shared, scale, out=numpy.zeros(len(heads)), where=scale > 0)
    return result


def say(**message):
    print(json.dumps(message), flush=True)


def section(model, subject, title, **block):
    say(section={"subject": subject, "model": model["id"], "title": title, "order": 150, "blocks": [block]})


def main():
    sys.stdin.readline()
    request = json.loads(sys.stdin.readline())
    say(headatlas="1.0")
    known, arrays = [], []
    for model in request["models"]:
        evidence = json.load(open(model["evidence"] + "/evidence.json"))
        stored = tensors(model["evidence"] + "/probe-heads.safetensors")
        for head in evidence["heads"]:
            known.append((evidence["model"], head))
            arrays.append(features(stored[head["name"]], stored[head["name"] + ".basis"]))
    images = len(arrays[0]) if arrays else 0
    if images > 1 and len(arrays) > 1:
        report(request, known, alikeness(arrays), images)
    say(end=True)


def report(request, known, cka, images):
    numpy.fill_diagonal(cka, -1)
    models = [model["id"] for model, _ in known]
    several = len(set(models)) > 1
    scope = "heads of all models" if several else "other heads"
    for place, (model, head) in enumerate(known):
        best = numpy.argsort(-cka[place], kind="stable")[:request["options"]["count"]]
        best = [other for other in best if other != place]
        rows = [[{"text": known[other][1]["name"], "subject": known[other][1]["subject"]}, known[other][0]["title"],
                 known[other][1]["label"], {"number": round(float(cka[place, other]), 6), "decimals": 3}] for other in best]
        section(model, head["subject"], "Twins", table={
            "caption": f"The {len(rows)} of {len(known) - 1} {scope} that write most like this one, by linear CKA over "
                       f"{images} probe images",
            "columns": [{"title": "Head"}, {"title": "Model"}, {"title": "Label"},
                        {"title": "CKA", "note": "1: the same up to rotation and scale; 0: nothing shared", "isNumeric": True}],
            "rows": rows})
    for model in {model["id"]: model for model, _ in known}.values():
        own = [place for place, id in enumerate(models) if id == model["id"]]
        others = [place for place, id in enumerate(models) if id != model["id"]] if several else range(len(known))
        largest = [round(float(cka[place, others].max()), 6) for place in own]
        section(model, model["subject"], "Heads that have a twin", headGrid={
            "caption": f"{model['title']}: the largest linear CKA of each head with a head of "
                       + ("another model" if several else "the model") + f", over {images} probe images",
            "model": model["id"], "layers": model["layers"], "heads": model["heads"], "measure": "CKA, 0 to 1",
            "values": largest, "labels": [known[place][1]["label"] for place in own]})
        say(values={f"{model['id']}/largest": f"{max(largest):.3f}"})


if __name__ == "__main__":
    main()
