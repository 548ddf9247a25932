"""Which names in a repository steer people's programs, so that a change to them is more than a change of code.

Tables of globs, matched without regard to the case of letters: file systems differ in that, and so does what reads
the files. A glob without a slash holds in every folder.
"""

from __future__ import annotations

import functools
import unicodedata

from tdev.core.globs import fits

AGENT_FILES = (
    "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "AGENT.md", "GEMINI.md", "QWEN.md", "CONVENTIONS.md", "WARP.md",
    "SKILL.md", "*.prompt.md", "*.chatmode.md", "*.instructions.md", "*.mdc",
    ".cursorrules", ".windsurfrules", ".clinerules", ".roorules", ".goosehints", ".aiderrules", ".aider*",
    ".mcp.json", "mcp.json", "opencode.json", "copilot-instructions.md",
    "**/.claude/**", "**/.cursor/**", "**/.windsurf/**", "**/.clinerules/**", "**/.roo/**", "**/.gemini/**",
    "**/.codex/**", "**/.continue/**", "**/.junie/**", "**/.kiro/**", "**/.amazonq/**", "**/.augment/**",
    "**/.trae/**", "**/.qwen/**", "**/.opencode/**", "**/.agents/**", "**/.mcp/**",
    "**/.github/instructions/**", "**/.github/prompts/**", "**/.github/agents/**", "**/.github/chatmodes/**",
)  # fmt: skip
"""What coding agents take instructions, tools and servers from."""

WORKFLOW_FILES = (
    ".github/workflows/**", "**/.github/actions/**", "action.yml", "action.yaml", ".gitlab-ci.yml", "**/.gitlab/ci/**",
    "azure-pipelines*.yml", "**/.circleci/**", "Jenkinsfile*", ".travis.yml", ".drone.yml", ".cirrus.yml",
    "appveyor.yml", ".appveyor.yml", "bitbucket-pipelines.yml", "buildspec*.yml", "cloudbuild*.yaml",
    "**/.buildkite/**", "**/.woodpecker/**", ".woodpecker.yml", "**/.forgejo/**", "**/.gitea/**", "**/.teamcity/**",
    "**/.github/dependabot.yml", "renovate.json*", ".renovaterc*",
)  # fmt: skip
"""What runs on a server with the repository's own rights."""

OWNER_FILES = ("CODEOWNERS", "OWNERS", "OWNERS_ALIASES", ".mailmap", "**/.github/settings.yml", "**/.github/tdev.y*ml")
"""Who has to be asked, and what the bots of the repository may do."""

HOOK_FILES = (
    "**/.husky/**", "**/.githooks/**", "**/githooks/**", "**/.git-hooks/**", ".pre-commit-config.y*ml",
    ".pre-commit-hooks.y*ml", "lefthook*.y*ml", ".lefthook*.y*ml", ".huskyrc*", ".lintstagedrc*", ".overcommit.yml",
    "**/.devcontainer/**", "**/.vscode/**", "**/.idea/**", "**/.zed/**", ".envrc", ".direnvrc", "*.code-workspace",
    "sitecustomize.py", "usercustomize.py", "*.pth", "*-nspkg.pth", ".npmrc", ".yarnrc*", ".pnpmfile.cjs", "pip.conf",
    "pip.ini", ".pypirc", ".netrc", ".curlrc", ".wgetrc", ".gdbinit", ".lldbinit", ".inputrc", ".bashrc", ".profile",
    "**/.yarn/**", "**/.pnp.*", "bunfig.toml", "**/.cargo/**",
)  # fmt: skip
"""What programs run or obey by itself, in a checkout that somebody only looks at."""

GIT_FILES = (".gitmodules", ".gitconfig", ".lfsconfig", ".git-blame-ignore-revs")
"""What git itself obeys, beside .gitattributes and .gitignore."""

MANIFEST_FILES = (
    "pyproject.toml", "requirements*.txt", "requirements*.in", "requirements/*.txt", "requirements/*.in",
    "**/requirements/*.txt", "**/requirements/*.in", "constraints*.txt", "setup.cfg", "Pipfile", "environment*.y*ml",
    "package.json", "Cargo.toml", "go.mod", "Gemfile", "*.gemspec", "composer.json", "pom.xml", "build.gradle*",
    "settings.gradle*", "*.csproj", "packages.config", "Directory.Packages.props", "mix.exs", "pubspec.yaml",
    "Package.swift", "deno.json*", "conanfile.*", "vcpkg.json", "*.cabal", "stack.yaml",
)  # fmt: skip
"""What a project depends on, as people write it down."""

LOCK_FILES = (
    "*.lock", "*.lockb", "*-lock.json", "*-lock.yaml", "npm-shrinkwrap.json", "pylock*.toml", "go.sum",
    "Pipfile.lock", "packages.lock.json", "gradle.lockfile", "gradle-wrapper.properties", "Package.resolved",
    "pnpm-lock.yaml", "go.work.sum", "MODULE.bazel.lock",
)  # fmt: skip
"""What a project depends on, as programs write it down."""

BUILD_FILES = (
    "setup.py", "noxfile.py", "tox.ini", "Makefile", "GNUmakefile", "*.mk", "justfile", "Taskfile.y*ml",
    "fabfile.py", "dodo.py", "SConstruct", "CMakeLists.txt", "meson.build", "Rakefile", "build.rs",
    "hatch_build.py", "Dockerfile*", "*.dockerfile", "Containerfile*", "docker-compose*.y*ml",
    "compose*.y*ml", "binding.gyp", "gulpfile.*", "Gruntfile.*", "webpack.config.*", "vite.config.*", "BUILD.bazel",
    "WORKSPACE", "Vagrantfile", "Procfile",
)  # fmt: skip
"""What runs when somebody installs, builds or tests the project."""


def named(path: str, globs: tuple[str, ...]) -> str:
    """The first glob that the path fits, whatever the case of its letters; empty when none does."""
    folded = folded_name(path)
    name = folded.rpartition("/")[2]
    return next((glob for glob in globs if fits(folded if "/" in glob else name, _folded_glob(glob))), "")


def folded_name(text: str) -> str:
    """The name as a file system sees it that knows neither cases nor several ways to write one letter."""
    return unicodedata.normalize("NFKC", text).casefold()


@functools.lru_cache(maxsize=1024)
def _folded_glob(glob: str) -> str:
    return folded_name(glob)
