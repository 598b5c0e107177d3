"""What the machine is, how much of it other processes took, and how to be kind to it. From /proc and nvidia-smi."""

import ctypes
import os
import pathlib
import platform
import subprocess

TELLING_FLAGS = (
    "sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_tile", "amx_bf16", "asimd", "sve",
)  # fmt: skip


def _text(path: str) -> str:
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def _fields(path: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in _text(path).splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def description() -> dict:
    """The processor, memory and system, for a reader who wants to know where the numbers are from."""
    processor, memory = _fields("/proc/cpuinfo"), _fields("/proc/meminfo")
    flags = set((processor.get("flags") or processor.get("Features") or "").split())
    release = dict(line.split("=", 1) for line in _text("/etc/os-release").splitlines() if "=" in line)
    return {
        "cpu": processor.get("model name", platform.machine()),
        "cpu_family_model_stepping": [processor.get(key, "?") for key in ("cpu family", "model", "stepping")],
        "cores": len(os.sched_getaffinity(0)),
        "isa": [flag for flag in TELLING_FLAGS if flag in flags],
        "virtual": "hypervisor" in flags,
        "memory_gib": round(int(memory.get("MemTotal", "0 kB").split()[0]) / (1 << 20), 1),
        "os": release.get("PRETTY_NAME", platform.system()).strip('"'),
        "kernel": platform.release(),
    }


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for it: elsewhere it is emulated, which shows nobody's speed."""
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(description()["isa"])


GPU_FIELDS = {
    "name": "name",
    "driver": "driver_version",
    "memory_mib": "memory.total",
    "power_limit_w": "power.limit",
    "highest_clock_mhz": "clocks.max.sm",
    "compute_capability": "compute_cap",
}


def graphics_processors() -> list[dict[str, str]]:
    """What nvidia-smi tells of each NVIDIA GPU; empty where there is none."""
    query = ",".join(GPU_FIELDS.values())
    try:
        answer = subprocess.run(
            ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader,nounits"],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return []
    return [dict(zip(GPU_FIELDS, line.split(", "))) for line in answer.stdout.splitlines() if line.strip()]


def available_bytes() -> int:
    return int(_fields("/proc/meminfo").get("MemAvailable", f"{1 << 40} kB").split()[0]) * 1024


def process_cpu_seconds(pid: int) -> float:
    """User and system time of a process's threads so far; 0 for one that has ended."""
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def end_with_parent() -> None:
    """Run by a new process: the kernel ends it when the one that started it ends, however that comes about."""
    death_signal, killed = 1, 9
    try:
        ctypes.CDLL(None).prctl(death_signal, killed, 0, 0, 0)
    except (OSError, AttributeError):
        pass


def prefer_as_out_of_memory_victim(pid: int) -> None:
    """If memory runs out, the kernel ends a peer (which the table then says), not the run."""
    try:
        pathlib.Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
    except OSError:
        pass


def busy_seconds() -> float:
    """Time that all processors together have worked so far, for any process, or were taken by the hypervisor."""
    user, nice, system, _, _, irq, softirq, steal = map(int, _text("/proc/stat").split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
