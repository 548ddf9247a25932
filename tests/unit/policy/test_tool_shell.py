"""Which command lines may run; files, links and programs are real, because what a line means depends on them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from tdev.adapters.tool_places import call_on_disk
from tdev.policy.agent import Agent, Bash, NamedTask, Program, Takes
from tdev.policy.blocked_programs import why_blocked
from tdev.policy.decision import Decision
from tdev.policy.model import Scope
from tdev.policy.tool_calls import decide
from tdev.policy.tool_rules import Call, Located, ToolRules

PROGRAMS = (
    Program(
        name="git", subcommands=("status", "log", "diff", "show"), flags=("--oneline", "-#", "--"), takes=Takes.TEXT
    ),
    Program(name="cat"),
    Program(name="ls", flags=("-l", "-a", "-la")),
    Program(name="grep", flags=("-n", "-r", "-e", "--include="), takes=Takes.PATTERN),
    Program(name="mkdir", flags=("-p",), writes=True),
    Program(name="python", subcommands=("-m pytest", "-m ruff check"), flags=("-q", "-x", "-k"), takes=Takes.PATHS),
    Program(name="tool", flags=("--out=", "-v"), takes=Takes.PATHS, writes=True),
    Program(name="date", flags=("-u",), takes=Takes.NOTHING),
    Program(name="planted"),
    Program(name="absent"),
)
ALLOWED = [
    "git status",
    "git log --oneline -5",
    "git show HEAD~1",
    "git diff -- src/a.py",
    "cat src/a.py",
    "cat -",
    "ls -la src",
    "grep -n '$(id)' src/a.py",
    "grep -n /etc/passwd src/a.py",
    "> src/a.py",
    "grep -n '--include=*.py' x .",
    "mkdir -p docs/new",
    "python -m pytest -q src",
    "python -m ruff check src",
    "tool --out=src/o.txt src/a.py",
    "date -u",
    "echo hello",
    "echo $(git log)",
    'echo "it is $(date -u)"',
    "pwd",
    "true",
    "cat src/a.py | grep -n x > docs/out.txt",
    "cat src/a.py 2> /dev/null",
    "cat < src/a.py",
    "git status 2>&1 | cat",
    "(git status; cat src/a.py) && ls || true",
    "MODE=fast cat src/a.py",
    "cat {root}/src/a.py",
    "cat src/../src/a.py",
    "! cat src/a.py",
    "cat <<< 'text'",
    "'cat' src/a.py",
    "ca't' src/a.py",
]
DENIED = [
    # programs
    "rm -rf src",
    "./ls",
    "/bin/ls",
    "src/a.py",
    "../ls",
    "planted",
    "absent",
    "bash -c ls",
    "sh x",
    "env ls",
    "xargs cat",
    "sudo ls",
    "eval ls",
    "exec ls",
    ". src/a.py",
    "source src/a.py",
    "command ls",
    "builtin echo x",
    "time ls",
    "coproc ls",
    "nohup ls",
    "timeout 1 ls",
    "cd src",
    "pushd src",
    "alias ls=id",
    "trap ls EXIT",
    "set -x",
    "enable -n ls",
    "hash -p /tmp/x ls",
    "type ls",
    "printf -v 'a[$(id)]' x",
    "test -v 'a[$(id)]'",
    "read x",
    "let x",
    "python",
    "xcat",
    "'' src",
    "$(echo ls)",
    '"$(echo ls)"',
    "l$(echo s)",
    "CAT src/a.py",
    "curl http://x",
    "nc -l 1",
    "ssh x",
    # words and flags
    "git",
    "git push",
    "git -C / status",
    "git -c core.pager=id log",
    "git --exec-path=/x log",
    "git log --output=/x",
    "git log --outp=src/x",
    "git status push --force",
    "git diff --no-index /etc/passwd src/a.py",
    "git log -p -O/x",
    "git show /etc/passwd",
    "git log ../x",
    "git log link/secret.txt",
    "git log @/etc/passwd",
    "git log x=/etc/passwd",
    "cat -n src/a.py",
    "cat --help",
    "ls -al",
    "ls --color=/x",
    "date now",
    "date -s x",
    "python -c 'import os'",
    "python src/a.py",
    "python -m http.server",
    "python -m pytest --rootdir=/x",
    "python -m pytest -p evil",
    "python -m pytest -qx",
    "python -m pytest @/etc/passwd -q /etc",
    "grep -f src/a.py x",
    "grep -rn x src",
    "grep --include=*.py x .",
    "grep x -- src",
    "tool --out=/x src",
    "tool --out src -o",
    "tool --out=.github/x src/a.py",
    "tool --Out=src/o",
    # paths
    "cat /etc/passwd",
    "cat ../outside/secret.txt",
    "cat link/secret.txt",
    "cat link",
    "cat .git/config",
    "cat .GIT/config",
    "cat ~/x",
    "cat a=/etc/passwd",
    "cat @/etc/passwd",
    "cat +x",
    "mkdir of=.github/x",
    "cat src/a.py /etc/passwd",
    "cat /proc/self/environ",
    "cat src/../../outside/secret.txt",
    "cat ''",
    "grep -n x /etc/passwd",
    "grep -n x link",
    "ls ..",
    "ls /",
    "mkdir .github/x",
    "mkdir /tmp/x",
    "mkdir docs/CLAUDE.md",
    "mkdir link/x",
    "cat $HOME/x",
    "cat *",
    "cat src/*",
    "cat {src/a.py,/etc/passwd}",
    "cat sr?/a.py",
    "cat fifo",
    # redirections
    "echo x > /etc/x",
    "echo x > ../x",
    "echo x > link/x",
    "echo x >> .github/x.yml",
    "echo x > CLAUDE.md",
    "echo x > .git/config",
    "echo x &> /x",
    "echo x >| /x",
    "cat < /etc/passwd",
    "cat < link/secret.txt",
    "echo x > /dev/tcp/1.1.1.1/80",
    "echo x > /dev/stdout",
    "echo x > $x",
    "echo x > '' ",
    "cat <> src/a.py",
    "(echo x; pwd) > /x",
    "echo $(cat /etc/passwd)",
    'echo "$(cat link/secret.txt)"',
    "echo x > hard.txt",
    # variables
    "LD_PRELOAD=x cat src/a.py",
    "PATH=src cat src/a.py",
    "MODE=fast",
    "MODE=/etc/passwd cat src/a.py",
    "MODE=$(id) cat src/a.py",
    "A=1 MODE=x cat src/a.py",
    "MODE=x echo hi",
    "IFS=a cat x",
    "BASH_ENV=src/a.py cat x",
    # one bad part among good ones
    "git status && rm x",
    "git status; id",
    "git status | tee /x",
    "git status || id",
    "(git status; id)",
    "echo $(git status; id)",
    "git status & id",
    "git status &",
    "git status\nid",
    "cat src/a.py | xargs id",
    "git status #\nid",
    "echo `id`",
    "cat <(id)",
    "f() { id; }; f",
    "if true; then id; fi",
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> ToolRules:
    base = tmp_path_factory.mktemp("shell")
    root, programs, outside = base / "checkout", base / "bin", base / "outside"
    for folder in (root / "src", root / "docs", root / ".github", root / ".git", root / "bin", programs, outside):
        folder.mkdir(parents=True)
    (root / "src/a.py").write_text("x = 1\n")
    (outside / "secret.txt").write_text("secret")
    (root / "link").symlink_to(outside)
    (root / "hard.txt").hardlink_to(outside / "secret.txt")
    os.mkfifo(root / "fifo")
    for name in ("git", "cat", "ls", "grep", "mkdir", "python", "tool", "date", "rm", "bash", "id"):
        _program(programs / name)
    _program(root / "bin/planted")
    (programs / "planted").symlink_to(root / "bin/planted")
    return ToolRules(
        root=str(root),
        tools=frozenset({"Bash"}),
        scope=Scope(),
        agent=Agent(bash=Bash(programs=PROGRAMS, variables=("MODE",))),
        search_path=(str(programs), "relative", ""),
    )


def _program(file: Path) -> None:
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)


def judged(line: object, rules: ToolRules, **more: object) -> Decision:
    return decide(call_on_disk("Bash", {"command": line, **more}, rules), rules)


@pytest.mark.parametrize("line", ALLOWED)
def test_these_lines_may_run(rules: ToolRules, line: str) -> None:
    decision = judged(line.replace("{root}", rules.root), rules)
    assert decision.allowed, decision.lines()


@pytest.mark.parametrize("line", [*DENIED, None, 7, ["ls"], ""])
def test_these_may_not(rules: ToolRules, line: object) -> None:
    decision = judged(line, rules)
    assert not decision.allowed, decision.lines()
    assert decision.reason


def test_bash_is_off_unless_policy_offers_it_and_then_runs_only_what_it_names(rules: ToolRules) -> None:
    assert not judged("git status", replace(rules, tools=frozenset({"Read"}))).allowed
    assert not judged("git status", replace(rules, agent=Agent())).allowed
    assert judged("echo x", replace(rules, agent=Agent())).allowed


@pytest.mark.parametrize("more", [{"run_in_background": True}, {"dangerouslyDisableSandbox": True}, {"shell": "zsh"}])
def test_no_switch_of_the_tool_may_be_used(rules: ToolRules, more: dict[str, object]) -> None:
    assert not judged("git status", rules, **more).allowed


def test_a_call_without_the_facts_is_denied(rules: ToolRules) -> None:
    found = {"cat": Located("/usr/bin/cat")}
    assert not decide(Call("Bash", {"command": "cat src/a.py"}), rules).allowed
    assert not decide(Call("Bash", {"command": "cat src/a.py"}, {}, found), rules).allowed


def test_the_reason_tells_what_is_allowed(rules: ToolRules) -> None:
    assert "git must be followed by one of: status, log, diff, show." in judged("git push", rules).reason
    assert "allowed flags: -l, -a, -la" in judged("ls -R", rules).reason
    lines = judged("git status; rm x", rules).lines()
    assert lines[0] == "Bash denied"
    assert any(line.strip().startswith("program 'git' allowed") for line in lines)
    assert any("program 'rm' denied: 'rm' is not among" in line for line in lines)


@pytest.mark.parametrize(
    "name", ["bash", "sudo", "env", "xargs", "eval", "./x", "/bin/ls", "a b", "", "-x", "SUDO", "ssh"]
)
def test_a_policy_can_not_name_these_programs(name: str) -> None:
    with pytest.raises(ValidationError):
        Program(name=name)


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PATH", "PYTHONPATH", "GIT_DIR", "BASH_ENV", "IFS", "1x", "a-b", "é"])
def test_a_policy_can_not_name_these_variables(name: str) -> None:
    with pytest.raises(ValidationError):
        Bash(variables=(name,))


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", ".git/config", "", "a//b", "~/x"])
def test_instructions_are_files_of_the_repository(path: str) -> None:
    with pytest.raises(ValidationError):
        Agent(instructions=(path,))


def test_a_task_needs_a_name_and_words() -> None:
    for wrong in ({"name": "Test", "argv": ("x",)}, {"name": "test", "argv": ()}, {"name": "-x", "argv": ("x",)}):
        with pytest.raises(ValidationError):
            NamedTask.model_validate(wrong)


def test_a_blocked_program_is_known_by_the_end_of_its_path_and_in_any_case() -> None:
    assert why_blocked("/usr/bin/Sudo")
    assert why_blocked("mkfs.ext4")
    assert not why_blocked("pytest")
