"""Makes Tests/Goldens/checkpoints: small checkpoints of every format, and what the reference implementations read.

    python scripts/goldens/checkpoints.py       # from the root of the repository

    weights.safetensors    F32, F16 and BF16 tensors, a scalar, an empty one, integers, metadata, names in Unicode
    weights.bin            the floating-point tensors of it as float32, one after the other, names in ascending order
    unaligned.safetensors  a header without padding, so that the numbers start at an odd byte
    formats/               the same weights in every format; expected.bin has them as float32, names in ascending order
    views.pt, views.bin    views of shared storages: offsets, steps, transposes; and their float32, as above
    types.pt, types.bin    a tensor of every element type; and the float32 of the floating-point ones, as above
    refused/               files that must not be read: whole modules, code to run, the format before 1.6, no weights

The same run makes the same bytes, but for addresses in refused/legacy.pt.
Made with safetensors 0.8.0, torch 2.13.0, numpy 2.4.6, Python 3.11.
"""

import argparse
import collections
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

ROOT = Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "checkpoints"


def floats(tensors):
    """The floating-point tensors as bytes of float32, names in ascending order."""
    chosen = [tensors[name].float().numpy().ravel() for name in sorted(tensors) if tensors[name].is_floating_point()]
    return np.concatenate(chosen).astype("<f4").tobytes()


def safetensors_files():
    generator = torch.Generator().manual_seed(20240917)
    tensors = {
        "visual.proj": torch.randn(5, 3, generator=generator),
        "visual.half": torch.randn(2, 3, 2, generator=generator).half(),
        "visual.brain": torch.randn(7, generator=generator).bfloat16(),
        "logit_scale": torch.tensor(4.6052),
        "empty": torch.zeros(0, 4),
        "position_ids": torch.arange(6).reshape(1, 6),
        "na\u00efve \"name\"": torch.tensor([1.5, -2.5]),
    }
    save(tensors, ROOT / "weights.safetensors", metadata={"note": "line\nbreak \u2713"})
    (ROOT / "weights.bin").write_bytes(floats(load_file(ROOT / "weights.safetensors")))

    header = json.dumps({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}, separators=(",", ":"))
    header += " " * (1 - len(header) % 2)
    unaligned = struct.pack("<Q", len(header)) + header.encode() + np.array([1, 2, 3], "<f4").tobytes()
    (ROOT / "unaligned.safetensors").write_bytes(unaligned)
    assert len(header) % 2 == 1 and load_file(ROOT / "unaligned.safetensors")["a"].tolist() == [1, 2, 3]


def save(tensors, path, metadata=None):
    save_file(tensors, path, metadata=metadata)
    path.chmod(0o644)


class Part(nn.Module):
    """Parameters and a buffer, without code: compiled code would carry the paths of its sources."""

    def __init__(self, width):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.zeros(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.logit_scale = nn.Parameter(torch.tensor(0.0))
        self.visual = nn.Module()
        self.visual.conv1 = nn.Module()
        self.visual.conv1.weight = nn.Parameter(torch.zeros(2, 3, 2, 2))
        self.visual.register_buffer("scale", torch.zeros(2))
        # Written through torch.jit._pickle, as a list and as a dictionary with a type tag.
        self.sizes, self.options = [1, 2], {"patch": 14}
        self.visual.resblocks = nn.ModuleList([Part(2), Part(2)])
        # Multiples of 1/8 that float16 and bfloat16 hold exactly, so that every format has the same numbers.
        generator = torch.Generator().manual_seed(20250131)
        for tensor in self.state_dict().values():
            tensor.copy_(torch.randint(-120, 121, tensor.shape, generator=generator) / 8)


def formats(folder):
    folder.mkdir(exist_ok=True)
    state = collections.OrderedDict((name, tensor.clone()) for name, tensor in Model().state_dict().items())
    (folder / "expected.bin").write_bytes(floats(state))
    for name, type in [("f32", torch.float32), ("f16", torch.float16), ("bf16", torch.bfloat16)]:
        converted = {name: tensor.to(type) for name, tensor in state.items()}
        save(converted, folder / f"{name}.safetensors")
        torch.save(collections.OrderedDict(converted), folder / f"{name}.bin")
    torch.save({name: tensor.double() for name, tensor in state.items()}, folder / "f64.pth")
    for protocol in [3, 4, 5]:
        torch.save(state, folder / f"protocol{protocol}.pt", pickle_protocol=protocol)
    training(folder)
    parameters = {"_orig_mod.module." + name: nn.Parameter(tensor) for name, tensor in state.items()}
    parameters["_orig_mod.module.logit_scale"].origin = "kept beside the numbers"
    torch.save({"epoch": 3, "model": parameters}, folder / "compiled.pt")
    # As the most copied fine-tuning script does, with the loss as a tensor.
    torch.save({
        "epoch": 3, "model_state_dict": state, "optimizer_state_dict": torch.optim.AdamW(Model().parameters()).state_dict(),
        "loss": torch.tensor(0.25),
    }, folder / "fine-tuned.pt")
    shards(folder, state)
    torch.jit.save(torch.jit.script(Model().half()), folder / "script.pt")
    rewritten(folder)


def training(folder):
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=np.float64(0.0))
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    torch.save({
        "epoch": 32, "name": "tiny", "args": argparse.Namespace(lr=1e-3, milestones=[1, 2], tag=None),
        "state_dict": {"module." + name: tensor for name, tensor in Model().state_dict().items()},
        "optimizer": optimizer.state_dict(), "best": np.float64(63.3), "scaler": {"scale": 65536.0, "skip": 2**40},
        "milestones": collections.Counter([3, 5]), "device": torch.device("cpu"), "rng": torch.arange(8, dtype=torch.uint8),
        "size": torch.Size([3, 4]), "dtype": torch.bfloat16, "bytes": b"abc", "negative": -5,
    }, folder / "training.ckpt")


def shards(folder, state):
    names = list(state)
    for kind, extension in [("model", "safetensors"), ("pytorch_model", "bin")]:
        inside = folder / f"shards-{extension}"
        inside.mkdir(exist_ok=True)
        places = {}
        for index, part in enumerate([names[:3], names[3:]], 1):
            shard = f"{kind}-{index:05d}-of-00002.{extension}"
            tensors = {name: state[name] for name in part}
            if extension == "bin":
                torch.save(tensors, inside / shard)
            else:
                save(tensors, inside / shard, metadata={"format": "pt"})
            places |= {name: shard for name in part}
        index = {"metadata": {"total_size": sum(t.nbytes for t in state.values())}, "weight_map": places}
        (inside / f"{kind}.{extension}.index.json").write_text(json.dumps(index, indent=2) + "\n")


def rewritten(folder):
    """The same archive from another writer: the pickle deflated, a folder's entry, a comment; and zip64 everywhere."""
    source = zipfile.ZipFile(folder / "f32.bin")
    usual = zipfile.ZIP64_LIMIT
    for name, method, limit in [("deflated.pt", zipfile.ZIP_DEFLATED, usual), ("zip64.pt", zipfile.ZIP_STORED, 1)]:
        zipfile.ZIP64_LIMIT = limit
        with zipfile.ZipFile(folder / name, "w") as target:
            target.writestr(zipfile.ZipInfo("tiny/"), b"")
            for entry in source.infolist():
                information = zipfile.ZipInfo("tiny/" + entry.filename.split("/", 1)[1])
                information.compress_type = method if entry.filename.endswith(".pkl") else zipfile.ZIP_STORED
                with target.open(information, "w", force_zip64=limit == 1) as stream:
                    stream.write(source.read(entry))
            target.comment = b"a comment"
    zipfile.ZIP64_LIMIT = usual


def views():
    base = torch.arange(48, dtype=torch.float32) / 4
    matrix = base.view(6, 8)
    half = torch.arange(60, dtype=torch.float16).view(3, 4, 5)
    tensors = {
        "whole": base,
        "matrix": matrix,
        "transposed": matrix.T,
        "row": matrix[2],
        "column": matrix[:, 3],
        "block": matrix[1:4, 2:7],
        "steps": matrix[::2, 1::3],
        "scalar": matrix[5, 7],
        "nothing": matrix[6:],
        "permuted": half.permute(2, 0, 1),
        "one": half[:, 1:2, :].transpose(0, 1),
        "tied": base,
    }
    torch.save(tensors, ROOT / "views.pt")
    loaded = torch.load(ROOT / "views.pt", weights_only=True)
    assert loaded["transposed"].stride() == (1, 8) and not loaded["permuted"].is_contiguous()
    (ROOT / "views.bin").write_bytes(floats(loaded))


def types():
    tensors = {str(type).removeprefix("torch."): torch.tensor([0, 1, 1, 0]).to(type) for type in [
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
        torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2]}
    torch.save(tensors, ROOT / "types.pt")
    readable = {name: t for name, t in tensors.items() if not name.startswith("float8")}
    (ROOT / "types.bin").write_bytes(floats(readable))


class Evil:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def refused(folder):
    folder.mkdir(exist_ok=True)
    state = {"a": torch.arange(4.0)}
    torch.save(Model(), folder / "module.pt")
    torch.save(state, folder / "legacy.pt", _use_new_zipfile_serialization=False)
    (folder / "bare.pkl").write_bytes(pickle.dumps({"a": [1.0]}))
    for protocol in [2, 4]:
        torch.save({"state_dict": state, "x": Evil(os.system, "true")}, folder / f"system{protocol}.pt",
                   pickle_protocol=protocol)
        torch.save({"state_dict": state, "x": Evil(eval, "1")}, folder / f"eval{protocol}.pt", pickle_protocol=protocol)
    torch.save({"a": torch.zeros(1).expand(1000)}, folder / "expanded.pt")
    torch.save({"a": torch.zeros(2, dtype=torch.complex64)}, folder / "complex.pt")
    torch.save([torch.zeros(2)], folder / "list.pt")
    torch.save({"epoch": 1}, folder / "empty.pt")


def main():
    ROOT.mkdir(parents=True, exist_ok=True)
    safetensors_files()
    formats(ROOT / "formats")
    views()
    types()
    refused(ROOT / "refused")


if __name__ == "__main__":
    main()
