"""How a child process gives up all that decoding a picture does not need; in full on Linux."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ERRNO = 0x00050000
SECCOMP_RET_ALLOW = 0x7FFF0000
EPERM = 1
FILES_MAX = 8
NICENESS = 10
CPU_S_MIN = 0.05
CPU_SAMPLING = 1.25  # what samples may come to for one second on a busy machine

# Numbers from the kernel's syscall tables. What is absent is refused: files, sockets, processes.
ALLOWED = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10,
            "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
            "ioctl": 16, "sched_yield": 24, "mremap": 25, "madvise": 28, "setitimer": 38,
            "getpid": 39, "exit": 60,
            "getrlimit": 97, "getrusage": 98, "times": 100, "setrlimit": 160, "gettid": 186,
            "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228,
            "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234, "newfstatat": 262,
            "prlimit64": 302, "getrandom": 318, "rseq": 334,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "read": 63, "write": 64, "close": 57, "newfstatat": 79, "fstat": 80, "lseek": 62,
            "mmap": 222, "mprotect": 226, "munmap": 215, "brk": 214, "rt_sigaction": 134,
            "rt_sigprocmask": 135, "rt_sigreturn": 139, "ioctl": 29, "setitimer": 103, "sched_yield": 124,
            "mremap": 216, "madvise": 233, "getpid": 172, "exit": 93, "getrlimit": 163,
            "getrusage": 165, "times": 153, "setrlimit": 164, "gettid": 178, "futex": 98,
            "sched_getaffinity": 123, "restart_syscall": 128, "clock_gettime": 113,
            "clock_nanosleep": 115, "exit_group": 94, "tgkill": 131, "prlimit64": 261,
            "getrandom": 278, "rseq": 293,
        },
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine(memory_bytes_max: int, parent: int) -> bool:
    """Bound this process for good, its life to that of `parent`; says if syscalls are filtered."""
    _limit(resource.RLIMIT_AS, memory_bytes_max)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, FILES_MAX)
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
    return _filter_syscalls(libc)


def step_back() -> None:
    """Let whatever else runs here go first: somebody waits for an event loop, and for this later."""
    os.nice(NICENESS)


def allow_cpu(cpu_s: float) -> None:
    """Let this process use about `cpu_s` seconds of CPU from now on; past it the kernel ends it.

    A timer counts from now. RLIMIT_CPU counts from the start by samples, which on a busy machine are
    some per cent too much: of a child that has worked for a minute, nothing would be left.
    """
    signal.setitimer(signal.ITIMER_PROF, max(CPU_S_MIN, cpu_s * CPU_SAMPLING))


def _limit(what: int, value: int) -> None:
    try:
        resource.setrlimit(what, (value, value))
    except (ValueError, OSError):
        # macOS refuses RLIMIT_AS, and a container may forbid raising a lower limit
        return


def _filter_syscalls(libc: ctypes.CDLL) -> bool:
    architecture, numbers = ALLOWED.get(platform.machine(), (0, {}))
    if not numbers:
        return False
    code = _program(architecture, sorted(numbers.values()))
    program = _Program(len(code) // 8, code)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    done: int = libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return done == 0


def _program(architecture: int, allowed: list[int]) -> bytes:
    """A classic BPF program: refuse another architecture, allow these calls, refuse the rest."""
    load, equal, give = 0x20, 0x15, 0x06
    steps = [
        (load, 0, 0, 4),
        (equal, 0, len(allowed) + 1, architecture),
        (load, 0, 0, 0),
        *((equal, len(allowed) - index, 0, number) for index, number in enumerate(allowed)),
        (give, 0, 0, SECCOMP_RET_ERRNO | EPERM),
        (give, 0, 0, SECCOMP_RET_ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
