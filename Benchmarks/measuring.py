"""What the benchmarks share: processes that are measured in turn, facts of the machine, and tables."""

import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TICKS = os.sysconf("SC_CLK_TCK")
# What changes the speed of a matrix product, and so belongs to a result.
ENVIRONMENT = ("OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "ONEDNN_", "DNNL_")


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
    """A file or folder beside the repository that some measurements like to have; None where it is not there."""
    found = ROOT.parent / "shared" / path
    return found if found.exists() else None


def lines_of(file):
    return [line.strip() for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]


def pictures_in(folder):
    return sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix.lower() in (".png", ".jpg", ".jpeg"))


def three_digits(value):
    """A number with three digits that count."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - len(str(int(abs(value)))) + 1)}f}" if abs(value) >= 1 else f"{value:.3g}"


def spread(values):
    """`median (least–most)`"""
    values = sorted(values)
    middle = three_digits(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({three_digits(values[0])}–{three_digits(values[-1])})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def note(text):
    print(text, file=sys.stderr, flush=True)


def write_json(path, value):
    """Writes beside the place and renames, so that a result that is there is a whole one."""
    part = pathlib.Path(f"{path}.part")
    part.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")
    part.rename(path)
