"""A program of its own that the bench starts, looks at and stops, always by its process id."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.server import TOP

WITHIN_S = 120
KB = 1024


@dataclass(frozen=True)
class Process:
    """It listens on ``port`` of this machine; ``group`` is of its own."""

    port: int
    group: int

    def memory(self) -> int:
        """Bytes resident of its whole group, a page that two of them share counted once."""
        parts = [_memory(pid) for pid in _pids_of(self.group)]
        largest = max(parts, key=lambda part: part["Rss"])
        others = (part for part in parts if part is not largest)
        return largest["Rss"] + sum(part["Private_Clean"] + part["Private_Dirty"] for part in others)

    def cpu_ms(self) -> float:
        """That its whole group has had of the processors: the same, however busy the machine is."""
        return sum(map(_ticks, _pids_of(self.group))) * 1000 / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(
    command: Sequence[str], port: int, ready: str, environ: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Within, it runs and answers ``ready`` with 200; its words are shown where it does not start."""
    log = Path(os.environ.get("TMPDIR", "/tmp")) / f"meterdesk-bench-{port}.log"  # noqa: S108
    with log.open("wb") as words:
        child = subprocess.Popen(
            command,
            cwd=TOP,
            env={**os.environ, **(environ or {})},
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    try:
        _wait(child, port, ready, log)
        yield Process(port, child.pid)
    finally:
        _stop(child)
        log.unlink()


def _wait(child: "subprocess.Popen[bytes]", port: int, ready: str, log: Path) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not answers(port, ready):
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{child.args!r} does not start: {log.read_text()[-2000:]}")
        time.sleep(0.01)


def answers(port: int, path: str) -> bool:
    """Whether it is answered with 200."""
    asker = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asker.request("GET", path)
        return asker.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asker.close()


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """Gently, and whatever is left of its group after half a minute not gently."""
    try:
        os.killpg(child.pid, signal.SIGTERM)
        child.wait(timeout=30)
    except ProcessLookupError:
        child.wait()
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _pids_of(group: int) -> list[int]:
    pids = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [pid for pid in pids if _group(pid) == group]


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return -1


def _memory(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    parts = (line.split() for line in lines)
    return {name.rstrip(":"): int(size) * KB for name, size, *_ in parts}


def _ticks(pid: int) -> int:
    """In user and in kernel, its threads that ended included."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])
