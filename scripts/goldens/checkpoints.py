"""Makes Tests/Goldens/checkpoints: small safetensors files and what the reference implementation reads from them.

    python scripts/goldens/checkpoints.py       # from the root of the repository

    weights.safetensors    F32, F16 and BF16 tensors, a scalar, an empty one, integers, metadata, names in Unicode
    weights.bin            the floating-point tensors of it as float32, one after the other, names in ascending order
    unaligned.safetensors  a header without padding, so that the numbers start at an odd byte

Made with safetensors 0.8.0, torch 2.13.0, numpy 2.4.6.
"""

import json
import struct
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "checkpoints"


def main():
    ROOT.mkdir(parents=True, exist_ok=True)
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
    save_file(tensors, ROOT / "weights.safetensors", metadata={"note": "line\nbreak \u2713"})
    (ROOT / "weights.safetensors").chmod(0o644)
    loaded = load_file(ROOT / "weights.safetensors")
    floats = [loaded[name].float().numpy().ravel() for name in sorted(loaded) if loaded[name].is_floating_point()]
    (ROOT / "weights.bin").write_bytes(np.concatenate(floats).astype("<f4").tobytes())

    header = json.dumps({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}, separators=(",", ":"))
    header += " " * (1 - len(header) % 2)
    unaligned = struct.pack("<Q", len(header)) + header.encode() + np.array([1, 2, 3], "<f4").tobytes()
    (ROOT / "unaligned.safetensors").write_bytes(unaligned)
    assert len(header) % 2 == 1 and load_file(ROOT / "unaligned.safetensors")["a"].tolist() == [1, 2, 3]


if __name__ == "__main__":
    main()
