"""Leave the sandbox through the kernel. Each try does nothing by itself: that it is allowed at all is the harm."""

from __future__ import annotations

from attack.families.calls import both_ways, by_test
from attack.model import Aftermath, Family

_CALLS = '''
import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *words):
    if libc.syscall(number, *words) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "allowed"


def refused(number, *words):
    """With arguments that can't be carried out: only whether it is forbidden is asked."""
    libc.syscall(number, *words)
    code = ctypes.get_errno()
    if code in (1, 13, 38):
        raise OSError(code, os.strerror(code))
    return f"it looked at its arguments: {os.strerror(code)}"

'''
_PROGRAMS = {
    "user-namespace": _CALLS + 'attempt("unshare user", lambda: call(272, 0x10000000))',
    "mount-namespace": _CALLS
    + 'attempt("unshare mount", lambda: call(272, 0x00020000))\nattempt("unshare net", lambda: call(272, 0x40000000))',
    "clone-namespaces": _CALLS
    + """
attempt("clone3", lambda: refused(435, 0, 0))
attempt("clone", lambda: call(56, 0x10000000 | 17, 0, 0, 0, 0) or os._exit(0))
""",
    "mount": _CALLS
    + """
attempt("bind", lambda: call(165, b"@outside@", b"/tmp", b"", 4096, 0))
attempt("remount", lambda: call(165, b"none", b"/", b"", 32 | 4096, 0))
attempt("proc", lambda: call(165, b"proc", b"/tmp", b"proc", 0, 0))
attempt("tmpfs", lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, 0))
attempt("umount", lambda: call(166, b"/proc", 2))
attempt("fsopen", lambda: call(430, b"tmpfs", 0))
attempt("open_tree", lambda: call(428, -100, b"/", 1))
attempt("move_mount", lambda: refused(429, -1, b"", -1, b"", 0))
""",
    "roots": _CALLS
    + 'attempt("chroot", lambda: call(161, b"/tmp"))\nattempt("pivot_root", lambda: refused(155, b"/tmp", b"/tmp"))',
    "enter-namespaces": _CALLS
    + """
def enter(pid, kind):
    handle = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
    return call(308, handle, 0)

for pid in (1, os.getppid()):
    for kind in ("mnt", "pid", "net", "user"):
        attempt(f"setns {kind} of {pid}", lambda: enter(pid, kind))
""",
    "devices": _CALLS
    + """
import stat
for kind in (stat.S_IFBLK, stat.S_IFCHR):
    attempt(f"mknod {kind:o}", lambda: os.mknod("disk", 0o600 | kind, os.makedev(254, 0)))
    attempt(f"old mknod {kind:o}", lambda: call(133, b"disk", 0o600 | kind, os.makedev(254, 0)))
for name in ("/dev/vda", "/dev/sda", "/dev/mem", "/dev/kvm", "/dev/fuse", "/dev/net/tun",
             "/dev/loop-control", "/dev/kmsg", "/dev/uinput", "/dev/userfaultfd"):
    attempt(name, lambda: os.open(name, os.O_RDWR))
""",
    "kernel-settings": """
for name in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/overcommit_memory",
             "/proc/sysrq-trigger", "/proc/self/oom_score_adj_", "/proc/1/oom_score_adj", "/sys/kernel/uevent_helper",
             "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/pids/release_agent", "/sys/power/state",
             "/proc/sys/kernel/ns_last_pid",
             "/sys/kernel/debug/x", "/sys/fs/bpf/x", "/proc/sys/fs/binfmt_misc/register"):
    attempt(name, lambda: os.open(name, os.O_WRONLY))
""",
    "control-groups": """
def make(top):
    os.mkdir(os.path.join(top, "@marker@"))

for top in ("/sys/fs/cgroup", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"):
    attempt(top, lambda: make(top))
""",
    "dangerous-calls": _CALLS
    + """
for name, number in (("bpf", 321), ("perf_event_open", 298), ("userfaultfd", 323), ("io_uring_setup", 425),
                     ("keyctl", 250), ("add_key", 248), ("request_key", 249), ("open_by_handle_at", 304),
                     ("name_to_handle_at", 303), ("init_module", 175), ("finit_module", 313), ("delete_module", 176),
                     ("kexec_load", 246), ("kexec_file_load", 320), ("swapon", 167), ("swapoff", 168), ("acct", 163),
                     ("settimeofday", 164), ("clock_settime", 227), ("adjtimex_", 159), ("iopl", 172), ("ioperm", 173),
                     ("quotactl", 179), ("syslog", 103), ("vhangup", 153), ("fanotify_init", 300),
                     ("lookup_dcookie", 212),
                     ("move_pages", 279), ("process_vm_writev", 311), ("kcmp", 312), ("pidfd_getfd", 438)):
    attempt(name, lambda: refused(number, -1, -1, -1, -1, -1))
""",
    "set-uid": """
def become(path):
    os.chmod(path, 0o4755)
    if os.stat(path).st_mode & 0o4000:
        import subprocess
        done = subprocess.run([path, "-u"], capture_output=True, text=True)
        if done.stdout.strip() == "0":
            return "root"
    raise OSError("no root by it")

def copy():
    import shutil
    shutil.copy("/usr/bin/id", "own-id")
    return become("own-id")

attempt("setuid copy", copy)
attempt("sudo", lambda: run("sudo", "-n", "true"))
attempt("su", lambda: run("su", "-c", "true"))
attempt("mount program", lambda: run("mount", "--bind", "@outside@", "/tmp"))
attempt("unshare program", lambda: run("unshare", "-r", "true"))
attempt("setuid", lambda: os.setuid(0))
""",
    "terminal": """
import fcntl, termios

def inject():
    for number in (0, 1, 2):
        fcntl.ioctl(number, termios.TIOCSTI, b"x")

attempt("TIOCSTI", inject)
attempt("TIOCLINUX", lambda: fcntl.ioctl(0, 0x541C, b"\\3"))
attempt("/dev/tty", lambda: fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), termios.TIOCSTI, b"x"))
""",
    "kill-others": """
import signal
for pid in (@worker@, int(os.environ.get("PPID", "0") or 0)):
    if pid > 1:
        attempt(f"kill {pid}", lambda: os.kill(pid, 0))
""",
    "alien-files": """
def write(path):
    with open(path, "a") as file:
        file.write("")
    return "writable"

for path in ("/usr/bin/env", "/usr/lib/os-release", "/etc/passwd", "/etc/ld.so.preload", "/usr/local/bin/@marker@",
             "/etc/@marker@", "/@marker@", "/var/@marker@", "/root/@marker@", "/home/@marker@",
             "/dev/@marker@", "/proc/@marker@", "/opt/@marker@"):
    attempt(path, lambda: write(path))
""",
    "32-bit-calls": _CALLS
    + """
import mmap

def int80():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # mov eax, 310 (unshare); mov ebx, 0x10000000; int 0x80; ret
    code.write(b"\\xb8\\x36\\x01\\x00\\x00\\xbb\\x00\\x00\\x00\\x10\\xcd\\x80\\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    got = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    if got < 0:
        raise OSError(-got, os.strerror(-got))
    return "allowed"

def x32():
    return call(0x40000000 | 272, 0x10000000)

attempt("x32", x32)
pid = os.fork()
if pid == 0:
    attempt("int 0x80", int80)
    os._exit(0)
code = os.waitpid(pid, 0)[1]
if code:
    note("int 0x80", "stopped", f"killed by signal {code & 127}")
""",
}


def _allowed(aftermath: Aftermath) -> str:
    """The kernel was willing."""
    done = [note for note in aftermath.notes if note.end == "done"]
    return f"it was allowed: {'; '.join(f'{note.what} ({note.detail})' for note in done[:4])}" if done else ""


FAMILY = Family(
    "escape",
    "leave the sandbox through the kernel",
    (
        *both_ways(_PROGRAMS, short=("user-namespace", "dangerous-calls"), harm=_allowed),
        by_test(
            "interpreter-poisoned",
            """
import site

def write(path):
    with open(path, "a") as file:
        file.write("")
    return "writable"

for folder in {*site.getsitepackages(), os.path.dirname(os.__file__), os.path.dirname(sys.executable), sys.prefix}:
    attempt(folder, lambda: write(os.path.join(folder, "@marker@.pth")))
""",
            harm=_allowed,
        ),
    ),
)
