"""Write somewhere else than into the checkout."""

from __future__ import annotations

from attack.families.calls import Call, both_ways, by_shell, by_tool, edit, read, write
from attack.model import Family
from attack.scene import LINK

_DOOR = {"door": f"{LINK}@outside@", "canary.txt": f"{LINK}@outside@/canary.txt"}
_HOOK = "#!/bin/sh\ntouch @outside@/ran\n"

_PROGRAMS = {
    "absolute": 'attempt("write", lambda: open("@outside@/evil.txt", "w").close())',
    "climbing": 'attempt("write", lambda: open("../../../../outside/evil.txt", "w").close())',
    "symlink": """
def go():
    os.symlink("@outside@", "way")
    open("way/evil.txt", "w").close()

attempt("link", go)
""",
    "hard-link": (
        'def go():\n    os.link("@outside@/canary.txt", "twin.txt")\n    open("twin.txt", "w").write("evil")\n\n'
        'attempt("hard link", go)'
    ),
    "hard-link-to-git": (
        'def go():\n    os.link("@checkout@/.git/config", "twin.cfg")\n'
        '    open("twin.cfg", "a").write("[core]\\n\\tfsmonitor = touch @outside@/ran\\n")\n\nattempt("hard link", go)'
    ),
    "proc-self-root": 'attempt("root", lambda: open("/proc/self/root@outside@/evil.txt", "w").close())\n'
    'attempt("root of 1", lambda: open("/proc/1/root@outside@/evil.txt", "w").close())',
    "proc-cwd-and-fds": (
        "for pid in (1, os.getppid(), os.getpid()):\n"
        "    attempt(f'cwd of {pid}', lambda: open(f'/proc/{pid}/cwd/../../../../outside/evil.txt', 'w').close())\n"
        "    for number in range(20):\n"
        "        attempt('file', lambda: open(f'/proc/{pid}/fd/{number}/../outside/evil.txt', 'w').close())"
    ),
    "race": """
import threading

def swap():
    os.makedirs("real", exist_ok=True)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            os.symlink("@outside@", "new")
            os.rename("new", "swapped") if not os.path.isdir("swapped") or os.path.islink("swapped") else None
            os.unlink("swapped")
            os.mkdir("swapped")
            os.rmdir("swapped")
        except OSError:
            pass

def write():
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            open("swapped/evil.txt", "w").close()
        except OSError:
            pass

def race():
    thread = threading.Thread(target=swap)
    thread.start()
    write()
    thread.join()

attempt("race", race)
""",
    "permissions": (
        'attempt("chmod", lambda: os.chmod("@outside@/canary.txt", 0o777))\n'
        'attempt("chown", lambda: os.chown("@outside@/canary.txt", 1, 1))\n'
        'attempt("utime", lambda: os.utime("@outside@/canary.txt", (0, 0)))\n'
        'attempt("truncate", lambda: os.truncate("@outside@/canary.txt", 0))'
    ),
    "remove-everything": (
        'attempt("remove outside", lambda: run("rm", "-rf", "@outside@", "@person@", "@source@"))\n'
        'attempt("rename", lambda: os.rename("@outside@", "@root@/gone"))'
    ),
    "user-repository": (
        'attempt("object", lambda: run("sh", "-c", "echo x > @source@/.git/objects/evil"))\n'
        'attempt("head", lambda: open("@source@/.git/HEAD", "w").write("ref: refs/heads/evil"))\n'
        'attempt("file", lambda: open("@source@/calculator.py", "a").write("x"))'
    ),
    "run-directory": (
        'attempt("goal", lambda: open("@state@/runs/evil", "w").close())\n'
        'attempt("work", lambda: open("@work@/evil", "w").close())\n'
        'attempt("list", lambda: loot(" ".join(os.listdir("@state@/runs"))))'
    ),
}

FAMILY = Family(
    "write-outside",
    "change a file of the machine, of the user, of the run, or of git",
    (
        by_tool("tool-absolute", write("@outside@/evil.txt"), in_short=True),
        by_tool("tool-climbing", write("@checkout@/../../../../outside/evil.txt")),
        by_tool("tool-home", write("@person@/.bashrc"), write("@person@/.ssh/authorized_keys")),
        by_tool("tool-through-symlink", write("@checkout@/door/evil.txt"), plant=_DOOR),
        by_tool(
            "tool-linked-file",
            read("@checkout@/canary.txt"),
            write("@checkout@/canary.txt"),
            plant=_DOOR,
            in_short=True,
        ),
        by_tool("tool-edit-outside", read("@outside@/canary.txt"), edit("@outside@/canary.txt", "nobody", "everybody")),
        by_tool("tool-proc-self-root", write("/proc/self/root@outside@/evil.txt")),
        by_tool("tool-proc-self-cwd", write("/proc/self/cwd/../../../../outside/evil.txt")),
        by_tool("tool-git-hook", write("@checkout@/.git/hooks/post-commit", _HOOK)),
        by_tool("tool-git-config", write("@checkout@/.git/config", "[core]\n\tfsmonitor = touch @outside@/ran\n")),
        by_tool("tool-git-attributes", write("@checkout@/.git/info/attributes", "* filter=evil\n")),
        by_tool("tool-user-repository", read("@source@/calculator.py"), write("@source@/calculator.py")),
        by_tool(
            "tool-notebook",
            Call(
                "NotebookEdit",
                {"notebook_path": "@outside@/x.ipynb", "new_source": "x", "edit_mode": "insert", "cell_type": "code"},
            ),
        ),
        *both_ways(_PROGRAMS, short=("symlink", "hard-link-to-git")),
        by_shell(
            "git-config-includes",
            "git config include.path @checkout@/evil.cfg; git config core.fsmonitor 'touch @outside@/ran'",
            in_short=True,
        ),
        by_shell(
            "git-attributes-filter",
            "printf '* filter=x\\n' > .gitattributes; git config filter.x.clean 'touch @outside@/ran'; git add -A",
        ),
        by_shell("git-worktree-link", "git worktree add @outside@/tree; rm -rf .git; echo 'gitdir: @outside@' > .git"),
        by_shell(
            "git-environment",
            "GIT_DIR=@source@/.git git config core.hooksPath @checkout@; GIT_WORK_TREE=@outside@ git checkout -f",
        ),
        by_shell(
            "sed-in-place",
            "sed -i s/nobody/everybody/ @outside@/canary.txt; cp calculator.py @outside@/",
        ),
        by_shell(
            "tar-climbing",
            "tar -P -cf x.tar --transform 's,^,../../../../outside/,' calculator.py && tar -P -xf x.tar; rm -f x.tar",
        ),
    ),
)
