"""The seccomp filter of the sandbox: which system calls its programs can't make.

Pure but for the machine's name. Everything is allowed that is not named: here calls whose arguments decide, in
syscalls.py those that are denied whole. A program of another architecture (32 bits included) is killed at its first
call. bubblewrap loads the filter into everything it starts, itself included.
"""

from __future__ import annotations

import errno
import platform
from functools import cache
from typing import NamedTuple

from tdev.adapters.sandbox import bpf
from tdev.adapters.sandbox.syscalls import DENIED, NEWEST


class _Machine(NamedTuple):
    """What differs between architectures: linux/audit.h and the numbers of calls whose arguments are looked at."""

    audit: int
    clone: int
    socket: int
    socketpair: int
    ioctl: int
    personality: int
    mknod: int | None
    mknodat: int


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, clone=56, socket=41, socketpair=53, ioctl=16, personality=135, mknod=133, mknodat=259
    ),
    "aarch64": _Machine(
        0xC00000B7, clone=220, socket=198, socketpair=199, ioctl=29, personality=92, mknod=None, mknodat=33
    ),
}

_X32_BIT = 0x40000000

_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""

_FAMILIES = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6."""

_KINDS = (1, 2, 5)
"""SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET."""

_PROTOCOLS = (0, 1, 6, 17)
"""Default, ICMP echo without rights, TCP, UDP: no other brings a kernel module in."""

_TERMINAL_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX put characters into a terminal as if they had been typed."""

_PERSONALITIES = (0, 8, 0x20000, 0x20008, 0xFFFFFFFF)
"""Linux itself, its 32-bit and UNAME26 forms, and the question which it is."""

_KIND_OF_FILE = 0xF000
"""S_IFMT: what of a mode says what a file is; the kernel reads 16 bits of it."""

_FILES = (0, 0x1000, 0x8000)
"""A regular file (two ways to say it) and a FIFO; no devices."""


@cache
def seccomp_filter(machine: str = "") -> bytes:
    """The filter for an architecture (this machine's when empty); empty where none is known."""
    name = machine or platform.machine()
    known = _MACHINES.get(name)
    if known is None:
        return b""
    numbers = [(getattr(one, name), one.error) for one in DENIED]
    return b"".join(
        (
            bpf.load(bpf.ARCHITECTURE),
            bpf.unless((known.audit,), bpf.answer(bpf.KILL)),
            bpf.load(bpf.NUMBER),
            bpf.above(_X32_BIT - 1, bpf.answer(bpf.KILL)),
            bpf.above(NEWEST, bpf.answer(bpf.errno(errno.ENOSYS))),
            *(bpf.when(number, bpf.answer(bpf.errno(error))) for number, error in numbers if number is not None),
            bpf.when(known.clone, _clone()),
            bpf.when(known.socket, _socket()),
            bpf.when(known.socketpair, _one_of(0, _FAMILIES[:1], errno.EAFNOSUPPORT)),
            bpf.when(known.ioctl, _ioctl()),
            bpf.when(known.personality, _one_of(0, _PERSONALITIES, errno.EPERM)),
            bpf.when(known.mknod, _node(1)) if known.mknod is not None else b"",
            bpf.when(known.mknodat, _node(2)),
            bpf.answer(bpf.ALLOW),
        )
    )


def _clone() -> bpf.Program:
    """No new namespaces."""
    flags = bpf.load(bpf.argument(0)) + bpf.mask(_NAMESPACES)
    return flags + bpf.unless((0,), bpf.answer(bpf.errno(errno.EPERM))) + bpf.answer(bpf.ALLOW)


def _socket() -> bpf.Program:
    """Plain sockets only: of the host itself, TCP and UDP."""
    kind = bpf.load(bpf.argument(1)) + bpf.mask(0xF)
    return b"".join(
        (
            bpf.load(bpf.argument(0)),
            bpf.unless(_FAMILIES, bpf.answer(bpf.errno(errno.EAFNOSUPPORT))),
            kind,
            bpf.unless(_KINDS, bpf.answer(bpf.errno(errno.ESOCKTNOSUPPORT))),
            _one_of(2, _PROTOCOLS, errno.EPROTONOSUPPORT),
        )
    )


def _ioctl() -> bpf.Program:
    """Nothing is typed into a terminal."""
    denied = bpf.answer(bpf.errno(errno.EPERM))
    wanted = b"".join(bpf.when(number, denied) for number in _TERMINAL_INPUT)
    return bpf.load(bpf.argument(1)) + wanted + bpf.answer(bpf.ALLOW)


def _node(index: int) -> bpf.Program:
    """Programs and their tests make FIFOs; nobody makes a device."""
    kind = bpf.load(bpf.argument(index)) + bpf.mask(_KIND_OF_FILE)
    return kind + bpf.unless(_FILES, bpf.answer(bpf.errno(errno.EPERM))) + bpf.answer(bpf.ALLOW)


def _one_of(index: int, values: tuple[int, ...], error: int) -> bpf.Program:
    """Allowed when an argument is one of the values, else an error."""
    return bpf.load(bpf.argument(index)) + bpf.unless(values, bpf.answer(bpf.errno(error))) + bpf.answer(bpf.ALLOW)
