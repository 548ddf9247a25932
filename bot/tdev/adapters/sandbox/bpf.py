"""Programs for the kernel's seccomp filter: classic BPF, put together from a few words.

Pure. The machine is that of linux/filter.h: one accumulator, jumps forward only, by at most 255 instructions.
A filter reads struct seccomp_data: the system call's number, the architecture, and six arguments of 64 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

ALLOW = 0x7FFF0000
KILL = 0x80000000
_ERRNO = 0x00050000

NUMBER, ARCHITECTURE = 0, 4
"""Offsets in struct seccomp_data."""

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _GREATER = 0x15, 0x25

Program = bytes
"""Instructions of 8 bytes each."""


def argument(index: int) -> int:
    """Offset of the low half of an argument; both architectures are little-endian."""
    return 16 + 8 * index


def load(offset: int) -> Program:
    """Accumulator = 32 bits of the system call's description."""
    return _instruction(_LOAD, offset)


def mask(bits: int) -> Program:
    """Accumulator &= bits."""
    return _instruction(_AND, bits)


def answer(action: int) -> Program:
    """End: ALLOW, KILL, or what `errno` gives."""
    return _instruction(_RETURN, action)


def errno(number: int) -> int:
    """The action that fails the call with an error number."""
    return _ERRNO | number


def when(value: int, then: Program) -> Program:
    """Do `then` if the accumulator equals `value`, else go on behind it."""
    return _instruction(_EQUAL, value, 0, _length(then)) + then


def unless(values: Iterable[int], then: Program) -> Program:
    """Do `then` if the accumulator equals none of `values`, else go on behind it."""
    rest = then
    for value in values:
        rest = _instruction(_EQUAL, value, _length(rest), 0) + rest
    return rest


def above(value: int, then: Program) -> Program:
    """Do `then` if the accumulator, unsigned, is greater than `value`, else go on behind it."""
    return _instruction(_GREATER, value, 0, _length(then)) + then


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> Program:
    """One struct sock_filter; struct.error when a jump is too long."""
    return struct.pack("=HBBI", code, if_true, if_false, operand)


def _length(program: Program) -> int:
    return len(program) // 8
