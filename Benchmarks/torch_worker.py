#!/usr/bin/env python3
"""The torch side of the benchmarks: a process that answers requests, one JSON object a line, as Benchmarks/Driver does.

Requests are the functions of `Worker`, by name in `do`; their arguments are the other keys. It measures open_clip, the
decompositions of reference.py, and what a matrix product can give on this machine.
"""

import concurrent.futures
import contextlib
import ctypes
import ctypes.util
import json
import pathlib
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts" / "goldens"))
import oracle  # noqa: E402, F401  before open_clip
import numpy as np  # noqa: E402
import open_clip  # noqa: E402
import reference  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402


def autocast(precision):
    """Runs fp32 as it is, and bf16 as open_clip's `amp_bf16` runs it."""
    return torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else contextlib.nullcontext()


def timed(work):
    start = time.perf_counter()
    value = work()
    return {"seconds": time.perf_counter() - start}, value


class Worker:
    def make(self, architecture, model):
        """Writes open_clip's `architecture` with random weights, seed 0, as a model folder."""
        folder = pathlib.Path(model)
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(0)
        made = open_clip.create_model(architecture)
        config = {"model_cfg": open_clip.get_model_config(architecture), "preprocess_cfg": {
            "mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD,
            "interpolation": "bicubic", "resize_mode": "shortest"}}
        (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
        shutil.copy(next(pathlib.Path(open_clip.__file__).parent.glob("bpe_*.txt.gz")), folder)
        # Last, so that a folder with weights is complete.
        part = folder / "weights.part"
        save_file({name: value.contiguous() for name, value in made.state_dict().items()}, part)
        part.rename(folder / "open_clip_model.safetensors")
        return {}

    def load(self, model, threads):
        torch.set_num_threads(threads)
        self.threads = threads
        folder = pathlib.Path(model)

        def work():
            return open_clip.create_model_and_transforms(f"local-dir:{folder}")

        answer, (self.model, _, self.transform) = timed(work)
        self.model.eval()
        context = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]["text_cfg"]["context_length"]
        (vocabulary,) = folder.glob("bpe_*.txt.gz")
        self.tokenizer = open_clip.SimpleTokenizer(bpe_path=str(vocabulary), context_length=context)
        return answer

    def pixels(self, file):
        self.inputs = load_file(file)["pixels"]
        return {}

    def taken(self, count):
        return self.inputs[torch.arange(count) % len(self.inputs)]

    def embed(self, count, batch, precision):
        """encode_image alone, without contributions."""
        pixels = self.taken(count)

        def work():
            with autocast(precision):
                return [self.model.encode_image(part, normalize=True) for part in pixels.split(batch)]

        answer, parts = timed(work)
        return {**answer, "checksum": float(sum(part.float().abs().sum() for part in parts))}

    def images(self, files, batch, precision):
        """Decoding, preprocessing and encode_image."""
        def work():
            with autocast(precision):
                for start in range(0, len(files), batch):
                    pixels = torch.stack([self.transform(Image.open(file)) for file in files[start:start + batch]])
                    self.model.encode_image(pixels, normalize=True)

        return timed(work)[0]

    def decompose(self, count, batch, spatial, against=None):
        """With `against`, a decomposition of the same images, also the largest differences from it."""
        pixels = self.taken(count)
        answer, parts = timed(lambda: [reference.decompose(self.model, part, spatial) for part in pixels.split(batch)])
        if against is None:
            return answer
        other = load_file(against)
        embeddings, heads, mlps = (torch.cat(pieces) for pieces in zip(*parts))
        heads = heads.sum(2) if spatial else heads
        found = {"image_embeddings": embeddings, "head_contributions": heads, "mlp_contributions": mlps}
        if not spatial:
            found["open_clip's image_embeddings"] = self.model.encode_image(pixels, normalize=True)
        worst = {name: float((value - other[name.split()[-1]][:count]).abs().max()) for name, value in found.items()}
        return {**answer, "worst": worst}

    def texts(self, file, count, batch, precision):
        """Tokenizing and encode_text of `count` lines spread evenly over the file, padded to the context."""
        lines = [line.strip() for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]
        lines = [lines[index * len(lines) // count] for index in range(min(count, len(lines)))]

        def work():
            with autocast(precision):
                for start in range(0, len(lines), batch):
                    self.model.encode_text(self.tokenizer(lines[start:start + batch]), normalize=True)

        return {**timed(work)[0], "numbers": {"texts": len(lines)}}

    def head(self, file, threads):
        """The head's contributions in full, [N, E], as the published tools keep them."""
        torch.set_num_threads(threads)
        stored = load_file(file)
        self.contributions = stored["coordinates"] @ stored["basis"]
        self.descriptions = stored["texts"]
        return {}

    def textspan(self, count, rank):
        answer, chosen = timed(lambda: reference.text_span(self.contributions, self.descriptions, count, rank))
        return {**answer, "indices": chosen}

    def search(self, queries, count):
        """Dot products with all contributions, and the largest of them."""
        def work():
            return [torch.topk(self.contributions @ self.contributions[query], count) for query in range(queries)]

        answer, found = timed(work)
        return {**answer, "indices": found[0].indices.tolist()}

    def peak(self, sizes, threads, precisions):
        """Floating-point operations a second of torch's product in these precisions, and of OpenBLAS's with a product of its own per thread."""
        torch.set_num_threads(threads)
        kinds = {"fp32": torch.float32, "bf16": torch.bfloat16}
        best = {f"torch {precision}": 0 for precision in precisions} | {"OpenBLAS fp32": 0}
        for rows, columns, inner in sizes:
            for precision in precisions:
                name, kind = f"torch {precision}", kinds[precision]
                a, b = torch.rand(rows, inner, dtype=kind), torch.rand(columns, inner, dtype=kind)
                best[name] = max(best[name], speed(lambda: a @ b.T, 2 * rows * columns * inner))
            best["OpenBLAS fp32"] = max(best["OpenBLAS fp32"], openblas_speed(rows, columns, inner, threads))
        return {"numbers": best}

    def memory(self):
        status = pathlib.Path("/proc/self/status").read_text()
        return {"numbers": {"peak": int(status.split("VmHWM:")[1].split()[0]) * 1024}}


def speed(work, operations):
    """The best of five runs, each some tenths of a second long."""
    times = max(1, int(1e10 / operations))
    best = 0
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            work()
        best = max(best, times * operations / (time.perf_counter() - start))
    return best


def openblas_speed(rows, columns, inner, threads):
    name = ctypes.util.find_library("openblas")
    if name is None:
        return 0
    blas = ctypes.CDLL(name)
    blas.openblas_set_num_threads(1)
    shapes = ((rows, inner), (columns, inner), (rows, columns))
    matrices = [[np.random.rand(*shape).astype(np.float32) for shape in shapes] for _ in range(threads)]

    def multiply(index):
        a, b, c = (matrix.ctypes.data_as(ctypes.c_void_p) for matrix in matrices[index])
        blas.cblas_sgemm(101, 111, 112, rows, columns, inner, ctypes.c_float(1), a, inner, b, inner, ctypes.c_float(0),
                         c, columns)

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return speed(lambda: list(pool.map(multiply, range(threads))), threads * 2 * rows * columns * inner)


def main():
    worker = Worker()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            with torch.inference_mode():
                answer = getattr(worker, request.pop("do"))(**request)
        except Exception as error:  # the process that asks says what went wrong
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
