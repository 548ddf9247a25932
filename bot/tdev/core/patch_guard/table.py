"""RULES: every rule of the guard, worst harm first. docs/patch-guard.md has a line for each.

A new rule: a file in rules/, a row here, a field of the same name in policy/guard.py, a line in policies/default.yml.
"""

from __future__ import annotations

from tdev.core.patch_guard.rule import Rule, Treatment
from tdev.core.patch_guard.rules.agents import agent_files
from tdev.core.patch_guard.rules.binaries import binaries
from tdev.core.patch_guard.rules.dependencies import dependency_files
from tdev.core.patch_guard.rules.dot_folders import dot_folders
from tdev.core.patch_guard.rules.entry_points import entry_points
from tdev.core.patch_guard.rules.executables import new_executables
from tdev.core.patch_guard.rules.generated import generated
from tdev.core.patch_guard.rules.git_files import git_files
from tdev.core.patch_guard.rules.hidden import hidden_text
from tdev.core.patch_guard.rules.homoglyphs import homoglyphs
from tdev.core.patch_guard.rules.hooks import hook_files
from tdev.core.patch_guard.rules.licences import licences
from tdev.core.patch_guard.rules.modes import mode_changes
from tdev.core.patch_guard.rules.names import names
from tdev.core.patch_guard.rules.owners import owner_files
from tdev.core.patch_guard.rules.scope import outside_scope
from tdev.core.patch_guard.rules.secrets import secrets
from tdev.core.patch_guard.rules.size import size
from tdev.core.patch_guard.rules.submodules import submodules
from tdev.core.patch_guard.rules.suppressions import suppressions
from tdev.core.patch_guard.rules.symlinks import symlinks
from tdev.core.patch_guard.rules.tests import weakened_tests
from tdev.core.patch_guard.rules.workflows import workflow_files

_BLOCK, _REVIEW = Treatment.BLOCK, Treatment.REVIEW
_LEAVE = "Leave the file as it is."

RULES: tuple[Rule, ...] = (
    Rule("scope", outside_scope, _BLOCK, "Leave the file as it is, or let the policy's scope cover it."),
    Rule("workflows", workflow_files, _BLOCK, _LEAVE),
    Rule("owners", owner_files, _BLOCK, _LEAVE),
    Rule("agents", agent_files, _BLOCK, _LEAVE),
    Rule("hooks", hook_files, _BLOCK, _LEAVE),
    Rule("git_files", git_files, _BLOCK, _LEAVE),
    Rule("dot_folders", dot_folders, _BLOCK, _LEAVE),
    Rule("symlinks", symlinks, _BLOCK, "Make it a file of its own."),
    Rule("submodules", submodules, _BLOCK, "Depend on a release of the other project instead."),
    Rule("secrets", secrets, _BLOCK, "Take the value out and read it from the environment; withdraw a real one."),
    Rule("hidden", hidden_text, _BLOCK, "Take the character out, or write it as an escape."),
    Rule("homoglyphs", homoglyphs, _BLOCK, "Write the word with letters of one script."),
    Rule("names", names, _BLOCK, "Give the file a plain name that no other file has."),
    Rule("binaries", binaries, _BLOCK, "Leave binary files out; text is UTF-8."),
    Rule("generated", generated, _BLOCK, "Leave out what a program makes; break long lines."),
    Rule("size", size, _BLOCK, "Make a smaller change, or raise the limit in the policy."),
    Rule("tests", weakened_tests, _BLOCK, "Mend the code and leave the test as strict as it was."),
    Rule("licences", licences, _BLOCK, "Bring the notice back."),
    Rule("dependencies", dependency_files, _REVIEW, "Ask for a change of dependencies as a goal of its own."),
    Rule("entry_points", entry_points, _REVIEW, "Leave what runs at an installation or build as it is."),
    Rule("executables", new_executables, _REVIEW, "Leave the file without the executable bit."),
    Rule("modes", mode_changes, _REVIEW, "Leave the file's mode as it is."),
    Rule("suppressions", suppressions, _REVIEW, "Mend what the checker found, or name the rule and say why."),
)
