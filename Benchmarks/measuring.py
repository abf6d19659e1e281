"""The code that the benchmarks share: processes that are measured in turn, facts of the machine, and tables."""

import datetime
import json
import math
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

import numpy as np
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TICKS = os.sysconf("SC_CLK_TCK")
# Variables that change the speed of a matrix product, and so belong to a result.
ENVIRONMENT = ("ATEN_", "OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "ONEDNN_", "DNNL_")


class Worker:
    """A process that answers one JSON object a line, and sleeps between requests."""

    everyone = []

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        Worker.everyone.append(self)

    def ask(self, work, **arguments):
        self.process.stdin.write(json.dumps({"do": work, **arguments}, default=str) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with status {self.process.wait()} while it was asked to {work}")
        answer = json.loads(line)
        if "error" in answer:
            raise SystemExit(f"{self.name} was asked to {work}: {answer['error']}")
        return answer

    def measure(self, work, **arguments):
        """The answer, with the share of one core that our other processes and the rest of the machine took meanwhile.

        The kernel counts in hundredths of a second, so that of short work these shares are not known: None.
        """
        time.sleep(0.02)  # threads of the process before spin a few milliseconds
        ours = {worker: worker.cpu() for worker in Worker.everyone}
        machine, steal, start = *machine_cpu(), time.perf_counter()
        answer = self.ask(work, **arguments)
        passed = time.perf_counter() - start
        spent = {worker: worker.cpu() - before for worker, before in ours.items()}
        busy, stolen = machine_cpu()
        waiting = sum(value for worker, value in spent.items() if worker is not self)
        elsewhere = max(0, busy - machine - sum(spent.values()))
        for name, value in (("waiting", waiting), ("others", elsewhere), ("stolen", stolen - steal)):
            answer[name] = round(value / passed, 3) if passed > 0.3 else None
        return answer

    def cpu(self):
        """Seconds of processor time so far, of all threads."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        Worker.everyone.remove(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.close()


def torch_worker():
    return Worker("torch", [sys.executable, HERE / "torch_worker.py"])


def machine_cpu():
    """Seconds that all cores were busy, and that the host took away."""
    fields = [int(field) / TICKS for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return sum(fields[:3]) + fields[5] + fields[6], fields[7]


def keep_to_cores(threads):
    """Keeps this process and those it starts to `threads` cores, so that none has more than another."""
    cores = sorted(os.sched_getaffinity(0))
    if threads > len(cores):
        raise SystemExit(f"--threads {threads}, but {len(cores)} cores")
    os.sched_setaffinity(0, cores[:threads])


def host():
    """The machine and the versions that a result holds for."""
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    names = [line.split(":", 1)[1].strip() for line in cpu.splitlines() if line.startswith("model name")]
    flags = next((line.split(":", 1)[1].split() for line in cpu.splitlines() if line.startswith("flags")), [])
    memory = pathlib.Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0]
    return {
        "processor": names[0] if names else platform.processor(), "cores": os.cpu_count(),
        "vectors": sorted(flag for flag in flags if flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_tile")),
        "memory": int(memory) * 1024, "system": platform.platform(), "python": platform.python_version(),
        "packages": versions(), "commit": commit(),
        "environment": {name: value for name, value in sorted(os.environ.items()) if name.startswith(ENVIRONMENT)},
        "load": os.getloadavg()[0], "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def versions():
    from importlib import metadata
    found = {}
    for name in ("torch", "torchvision", "open_clip_torch", "numpy", "pillow", "safetensors"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    return found


def commit():
    result = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else None


def shared(path):
    """A file or folder beside the repository that some measurements can use; None where it is missing."""
    found = ROOT.parent / "shared" / path
    return found if found.exists() else None


def lines_of(file):
    return [line.strip() for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]


def images_in(folder):
    return sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp"))


def three_digits(value):
    """A number with three significant digits."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - len(str(int(abs(value)))) + 1)}f}" if abs(value) >= 1 else f"{value:.3g}"


def spread(values):
    """`median (minimum–maximum)`"""
    values = sorted(values)
    middle = three_digits(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({three_digits(values[0])}–{three_digits(values[-1])})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def note(text):
    print(text, file=sys.stderr, flush=True)


def write_json(path, value):
    """Writes beside the file and renames, so that a result is always complete."""
    part = pathlib.Path(f"{path}.part")
    part.write_text(json.dumps(value, indent=1) + "\n")
    part.rename(path)


def synthetic_head_file(workspace, **sizes):
    """A synthetic head as a file in the workspace: `coordinates [N, C]`, `basis [C, E]`, `texts [M, E]`."""
    file = pathlib.Path(workspace) / ("head-" + "-".join(str(size) for size in sizes.values()) + ".safetensors")
    if not file.exists():
        save_file(synthetic_head(**sizes), file)
    return file


def synthetic_head(images, texts, width, embedding):
    """A head that varies along some directions more than along others, as heads do; seeded."""
    random = np.random.default_rng(0)
    scale = 1 / np.sqrt(1 + np.arange(width))
    coordinates = (random.standard_normal((images, width)) * scale + random.standard_normal(width) * 0.3) * 0.02
    pool = random.standard_normal((texts, embedding))
    return {
        "coordinates": coordinates.astype(np.float32),
        "basis": random.standard_normal((width, embedding)).astype(np.float32),
        "texts": (pool / np.linalg.norm(pool, axis=1, keepdims=True)).astype(np.float32)}


def resources(command, **arguments):
    """Wall seconds, peak memory in bytes and processor seconds of a command; its stderr is shown where it fails."""
    # A child counts its parent's memory before exec as its own peak, so a small process is started between them.
    small = ("import json, resource, subprocess, sys; r = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
             "u = resource.getrusage(resource.RUSAGE_CHILDREN); "
             "print(json.dumps([r.returncode, u.ru_maxrss * 1024, u.ru_utime + u.ru_stime]))")
    start = time.perf_counter()
    result = subprocess.run([sys.executable, "-S", "-c", small, *map(str, command)], capture_output=True, text=True,
                            check=True, **arguments)
    seconds = time.perf_counter() - start
    status, memory, processor = json.loads(result.stdout)
    if status:
        raise SystemExit(f"{' '.join(map(str, command))} ended with status {status}:\n{result.stderr[-2000:]}")
    return {"seconds": seconds, "peak": memory, "processor": processor}


def world_with_probe(workspace, count, model=None):
    """content's atlas with `count` probe images, hard links to those there are, in a folder without a cache; and with the model of a folder, if any.

    Returns the configuration. The commentary is left out, since it speaks of other numbers, and so are the replies of a labeller and the probe's captions.
    """
    content = ROOT / "content"
    folder = pathlib.Path(workspace) / f"world-{count}{'-' + model.name if model else ''}"
    shutil.rmtree(folder / ".headatlas", ignore_errors=True)
    probe = folder / "probe"
    sources = images_in(content / "images/probe")
    if not (folder / "atlas.yml").exists():
        shutil.rmtree(folder, ignore_errors=True)
        probe.mkdir(parents=True)
        for index in range(count):
            source = sources[index % len(sources)]
            name = probe / f"probe-{index:06d}{source.suffix}"
            try:
                os.link(source, name)
            except OSError:  # another file system, or too many links
                shutil.copy(source, name)
        text = (content / "atlas.yml").read_text(encoding="utf-8")
        text = re.sub(r"^(commentary|pages):.*\n|^labeller:\n(?:  .*\n)*", "", text, flags=re.M)
        text, replaced = re.subn(r"^probe:\n(?:  .*\n)*", "probe:\n  images: probe\n", text, flags=re.M)
        if replaced != 1:
            raise SystemExit(f"{content / 'atlas.yml'}: {replaced} probe sets found, expected one")
        if model:
            text = text.replace("path: models/picture-world", f"path: {json.dumps(str(model.resolve()))}")
        for name in ("models", "images", "texts"):
            (folder / name).symlink_to(content / name)
        (folder / "atlas.yml").write_text(text, encoding="utf-8")  # last: a folder with one is a whole one
    return folder / "atlas.yml"


def exponent(sizes, values):
    """The slope of the least-squares line through log size and log value."""
    x, y = [math.log(size) for size in sizes], [math.log(value) for value in values]
    middle_x, middle_y = statistics.mean(x), statistics.mean(y)
    return (sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y)) / sum((a - middle_x) ** 2 for a in x))


def growth_table(result):
    """A growth result as Markdown: values at the ends, and exponents."""
    rows = []
    for curve in result["curves"]:
        points = sorted(curve["points"], key=lambda point: point["size"])
        sizes = [point["size"] for point in points]
        values = [statistics.median(point["values"]) for point in points]
        slope = f"{exponent(sizes, values):.2f}" if len(sizes) > 1 else ""
        rest = curve.get("intercept")
        if rest is not None:
            left = [(size, value - rest["value"]) for size, value in zip(sizes, values) if value > rest["value"] * 1.02]
            without = f"{exponent(*zip(*left)):.2f}" if len(left) > 2 else ""
            without += f" without {rest['what']}, {three_digits(rest['value'])} {curve['unit']}"
        rows.append((curve["what"], f"{sizes[0]:,}–{sizes[-1]:,} {curve['of']}", f"{three_digits(values[0])}–{three_digits(values[-1])} {curve['unit']}",
                     slope, without if rest is not None else ""))
    return table(("what", "over", "takes", "exponent", "exponent of what grows"), rows)
