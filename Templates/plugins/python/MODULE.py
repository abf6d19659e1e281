#!/usr/bin/env python3
"""<TITLE>: the probe images that each head puts farthest from its mean."""
import json, sys
import numpy


def tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    return {name: numpy.frombuffer(data[slice(*entry["data_offsets"])], numpy.float32).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def distances(coordinates, basis):
    contributions = coordinates @ basis  # [N, E]: what the head wrote into each embedding
    return numpy.linalg.norm(contributions - contributions.mean(0), axis=1)


def main():
    sys.stdin.readline()  # the version of the protocol
    request = json.loads(sys.stdin.readline())
    print('{"headatlas": "1.0"}')
    for model in request["models"]:
        evidence = json.load(open(model["evidence"] + "/evidence.json"))
        arrays = tensors(model["evidence"] + "/probe-heads.safetensors")
        for head in evidence["heads"] if evidence["probe"] else []:
            found = distances(arrays[head["name"]], arrays[head["name"] + ".basis"])
            best = numpy.argsort(-found, kind="stable")[:request["options"]["count"]]
            items = [{"image": {"set": "probe", "id": evidence["probe"][i]["id"]},
                      "values": [{"name": "distance", "value": float(found[i])}]} for i in best]
            caption = f"{len(items)} of {len(found)} probe images, farthest from the head's mean first"
            print(json.dumps({"section": {"subject": head["subject"], "title": "<TITLE>",
                                          "blocks": [{"imageStrip": {"caption": caption, "items": items}}]}}))
    print('{"end": true}')


if __name__ == "__main__":
    main()
