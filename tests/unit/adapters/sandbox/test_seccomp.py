"""The system call filter, run by a small machine of the kernel's kind, for both architectures."""

from __future__ import annotations

import errno
import platform
import re
import struct
from pathlib import Path

import pytest

from support.machine import lacks
from tdev.adapters.sandbox import bpf
from tdev.adapters.sandbox.seccomp import seccomp_filter
from tdev.adapters.sandbox.syscalls import DENIED

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
CLONE_NEWUSER, CLONE_THREAD_FLAGS = 0x10000000, 0x003D0F00
HEADERS = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}


def answer(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel would do with a call."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    place = accumulator = 0
    while True:
        code, if_true, if_false, operand = struct.unpack_from("=HBBI", program, place * 8)
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x54:
            accumulator &= operand
        elif code in (0x15, 0x25):
            holds = accumulator == operand if code == 0x15 else accumulator > operand
            place += if_true if holds else if_false
        else:
            assert code == 0x06
            return int(operand)


@pytest.fixture(params=[("x86_64", X86_64), ("aarch64", AARCH64)], ids=lambda one: one[0])
def machine(request: pytest.FixtureRequest) -> tuple[str, int]:
    name, audit = request.param
    return name, audit


def test_what_is_named_is_denied_and_reading_is_not(machine: tuple[str, int]) -> None:
    name, audit = machine
    program = seccomp_filter(name)
    for one in DENIED:
        number = getattr(one, name)
        if number is not None:
            assert answer(program, audit, number) == bpf.errno(one.error), one.name
    assert answer(program, audit, {"x86_64": 0, "aarch64": 63}[name], 3) == bpf.ALLOW


def test_other_architectures_are_killed_and_newer_calls_are_unknown(machine: tuple[str, int]) -> None:
    name, audit = machine
    program = seccomp_filter(name)
    assert answer(program, 0x40000003, 1) == bpf.KILL
    assert answer(program, audit, 0x40000000 | 1) == bpf.KILL
    assert answer(program, audit, 463) == bpf.errno(errno.ENOSYS)


@pytest.mark.parametrize(
    ("call", "arguments", "wanted"),
    [
        ("clone", (CLONE_THREAD_FLAGS,), bpf.ALLOW),
        ("clone", (17 | CLONE_NEWUSER,), bpf.errno(errno.EPERM)),
        ("socket", (2, 1 | 0o2000000, 0), bpf.ALLOW),
        ("socket", (10, 2, 17), bpf.ALLOW),
        ("socket", (1, 1, 0), bpf.ALLOW),
        ("socket", (16, 3, 0), bpf.errno(errno.EAFNOSUPPORT)),
        ("socket", (2, 3, 0), bpf.errno(errno.ESOCKTNOSUPPORT)),
        ("socket", (2, 1, 132), bpf.errno(errno.EPROTONOSUPPORT)),
        ("socket", (40, 1, 0), bpf.errno(errno.EAFNOSUPPORT)),
        ("socketpair", (1, 1, 0), bpf.ALLOW),
        ("socketpair", (16, 1, 0), bpf.errno(errno.EAFNOSUPPORT)),
        ("ioctl", (0, 0x5401), bpf.ALLOW),
        ("ioctl", (0, 0x5412), bpf.errno(errno.EPERM)),
        ("ioctl", (0, 0xFFFFFFFF00005412), bpf.errno(errno.EPERM)),
        ("personality", (0xFFFFFFFF,), bpf.ALLOW),
        ("personality", (0x0040000,), bpf.errno(errno.EPERM)),
        ("mknodat", (0, 0, 0o010644, 0), bpf.ALLOW),
        ("mknodat", (0, 0, 0o644, 0), bpf.ALLOW),
        ("mknodat", (0, 0, 0o100600, 0), bpf.ALLOW),
        ("mknodat", (0, 0, 0o060644, 0), bpf.errno(errno.EPERM)),
        ("mknodat", (0, 0, 0o020644, 0), bpf.errno(errno.EPERM)),
        ("mknodat", (0, 0, 0o140644, 0), bpf.errno(errno.EPERM)),
        ("mknodat", (0, 0, 0xABCD0000 | 0o020644, 0), bpf.errno(errno.EPERM)),
    ],
)
def test_calls_whose_arguments_decide(
    machine: tuple[str, int], call: str, arguments: tuple[int, ...], wanted: int
) -> None:
    name, audit = machine
    numbers = {
        "x86_64": {"clone": 56, "socket": 41, "socketpair": 53, "ioctl": 16, "personality": 135, "mknodat": 259},
        "aarch64": {"clone": 220, "socket": 198, "socketpair": 199, "ioctl": 29, "personality": 92, "mknodat": 33},
    }
    assert answer(seccomp_filter(name), audit, numbers[name][call], *arguments) == wanted


def test_the_older_call_that_makes_nodes_is_held_to_the_same() -> None:
    program = seccomp_filter("x86_64")
    answers = [answer(program, X86_64, 133, 0, kind | 0o600, 0) for kind in (0o010000, 0o020000, 0o060000)]
    assert answers == [bpf.ALLOW, bpf.errno(errno.EPERM), bpf.errno(errno.EPERM)]


def test_an_unknown_architecture_has_no_filter() -> None:
    assert seccomp_filter("riscv64") == b""


@pytest.mark.parametrize("name", HEADERS)
def test_numbers_are_those_of_the_kernels_headers(name: str) -> None:
    header = Path("/usr/include", HEADERS[name])
    if not header.is_file() or platform.system() != "Linux":
        lacks("the kernel's headers are not installed")
    rows = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    known = {call: int(number) for call, number in rows}
    told = {one.name: getattr(one, name) for one in DENIED}
    wrong = {call: number for call, number in told.items() if known.get(call, number) != number}
    assert not wrong
    assert sum(call in known for call in told) > 40
