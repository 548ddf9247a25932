"""System calls that no program in a sandbox needs, and their numbers on each architecture that we know.

Numbers: the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. Most of these need a
capability that nothing in the sandbox has; they are denied besides, because each is a way into much code of the kernel.
`clone3` passes its flags in memory, where a filter can't see them, and is answered as by a kernel that has none; the C
library then uses `clone`.
"""

from __future__ import annotations

import errno
from typing import NamedTuple

NEWEST = 456
"""Last number that is looked at; any newer call is answered ENOSYS, as by the kernels before it."""


class Denied(NamedTuple):
    """One system call and the error that answers it."""

    name: str
    """As the kernel calls it."""
    x86_64: int | None
    """Its number; None = there is none."""
    aarch64: int | None
    """Likewise."""
    error: int
    """EPERM, or ENOSYS where programs know another way."""


DENIED = (
    # other processes
    Denied("ptrace", 101, 117, errno.EPERM),
    Denied("process_vm_readv", 310, 270, errno.EPERM),
    Denied("process_vm_writev", 311, 271, errno.EPERM),
    Denied("process_madvise", 440, 440, errno.EPERM),
    Denied("process_mrelease", 448, 448, errno.EPERM),
    Denied("pidfd_getfd", 438, 438, errno.EPERM),
    Denied("kcmp", 312, 272, errno.EPERM),
    # the kernel itself
    Denied("bpf", 321, 280, errno.EPERM),
    Denied("perf_event_open", 298, 241, errno.EPERM),
    Denied("userfaultfd", 323, 282, errno.EPERM),
    Denied("kexec_load", 246, 104, errno.EPERM),
    Denied("kexec_file_load", 320, 294, errno.EPERM),
    Denied("init_module", 175, 105, errno.EPERM),
    Denied("finit_module", 313, 273, errno.EPERM),
    Denied("delete_module", 176, 106, errno.EPERM),
    Denied("create_module", 174, None, errno.EPERM),
    Denied("get_kernel_syms", 177, None, errno.EPERM),
    Denied("query_module", 178, None, errno.EPERM),
    Denied("syslog", 103, 116, errno.EPERM),
    Denied("acct", 163, 89, errno.EPERM),
    Denied("reboot", 169, 142, errno.EPERM),
    Denied("swapon", 167, 224, errno.EPERM),
    Denied("swapoff", 168, 225, errno.EPERM),
    Denied("quotactl", 179, 60, errno.EPERM),
    Denied("quotactl_fd", 443, 443, errno.EPERM),
    Denied("nfsservctl", 180, 42, errno.EPERM),
    Denied("iopl", 172, None, errno.EPERM),
    Denied("ioperm", 173, None, errno.EPERM),
    Denied("modify_ldt", 154, None, errno.EPERM),
    Denied("uselib", 134, None, errno.EPERM),
    Denied("ustat", 136, None, errno.EPERM),
    Denied("sysfs", 139, None, errno.EPERM),
    Denied("_sysctl", 156, None, errno.EPERM),
    Denied("lookup_dcookie", 212, 18, errno.EPERM),
    Denied("vhangup", 153, 58, errno.EPERM),
    # keys
    Denied("add_key", 248, 217, errno.EPERM),
    Denied("request_key", 249, 218, errno.EPERM),
    Denied("keyctl", 250, 219, errno.EPERM),
    # mounts and namespaces
    Denied("mount", 165, 40, errno.EPERM),
    Denied("umount2", 166, 39, errno.EPERM),
    Denied("pivot_root", 155, 41, errno.EPERM),
    Denied("chroot", 161, 51, errno.EPERM),
    Denied("open_tree", 428, 428, errno.EPERM),
    Denied("move_mount", 429, 429, errno.EPERM),
    Denied("fsopen", 430, 430, errno.EPERM),
    Denied("fsconfig", 431, 431, errno.EPERM),
    Denied("fsmount", 432, 432, errno.EPERM),
    Denied("fspick", 433, 433, errno.EPERM),
    Denied("mount_setattr", 442, 442, errno.EPERM),
    Denied("unshare", 272, 97, errno.EPERM),
    Denied("setns", 308, 268, errno.EPERM),
    # files by handle, other programs' files
    Denied("open_by_handle_at", 304, 265, errno.EPERM),
    Denied("name_to_handle_at", 303, 264, errno.EPERM),
    Denied("fanotify_init", 300, 262, errno.EPERM),
    Denied("fanotify_mark", 301, 263, errno.EPERM),
    # clock and name of the machine
    Denied("settimeofday", 164, 170, errno.EPERM),
    Denied("clock_settime", 227, 112, errno.EPERM),
    Denied("clock_adjtime", 305, 266, errno.EPERM),
    Denied("adjtimex", 159, 171, errno.EPERM),
    Denied("sethostname", 170, 161, errno.EPERM),
    Denied("setdomainname", 171, 162, errno.EPERM),
    # placement of memory
    Denied("move_pages", 279, 239, errno.EPERM),
    Denied("migrate_pages", 256, 238, errno.EPERM),
    Denied("mbind", 237, 235, errno.EPERM),
    Denied("set_mempolicy", 238, 237, errno.EPERM),
    Denied("set_mempolicy_home_node", 450, 450, errno.EPERM),
    # what programs do without where the kernel lacks it
    Denied("clone3", 435, 435, errno.ENOSYS),
    Denied("io_uring_setup", 425, 425, errno.ENOSYS),
    Denied("io_uring_enter", 426, 426, errno.ENOSYS),
    Denied("io_uring_register", 427, 427, errno.ENOSYS),
    Denied("memfd_secret", 447, 447, errno.ENOSYS),
)
