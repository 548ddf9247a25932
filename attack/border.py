"""What leaves: the change in the checkout, committed and judged as the stages do it, and each text people would see."""

from __future__ import annotations

from attack.model import Aftermath, Model, Passage, Scene
from attack.prelude import LOOT, WITNESS
from attack.scene import policy_of
from attack.wall import Wall
from attack.ways.claude import goal_of
from tdev.adapters.git import Git
from tdev.adapters.workspace import clean_clone
from tdev.core.artifacts.verdict import Outcome
from tdev.core.outbound import plain, posted
from tdev.core.run import branch_name, slug
from tdev.errors import TdevError
from tdev.evidence.guard_patch import guard_patch

_PLAIN = ("--no-ext-diff", "--no-textconv")


def leave(aftermath: Aftermath, off: Wall | None) -> None:
    """Note in the aftermath what would be published; without the guard whatever was changed passes."""
    aftermath.passage = _change(aftermath, off)
    aftermath.published = _texts(aftermath)


def _change(aftermath: Aftermath, off: Wall | None) -> Passage:
    """The finished change, taken to a clean clone as a bundle is, and judged there."""
    scene = aftermath.scene
    environment = scene.settings.child_environment
    git = Git(scene.checkout, environment)
    try:
        git.run("rm", "--cached", "--quiet", "--ignore-unmatch", "--", WITNESS, LOOT)
        head = git.commit_all(f"{scene.attack.name}\n\n{aftermath.work.summary if aftermath.work else ''}")
    except TdevError as error:
        return Passage(blocked=f"git did not take it: {error}")
    if not head:
        return Passage()
    clean = clean_clone(scene.source, scene.root / "clean", scene.base, environment)
    clean.run("fetch", "--quiet", "--no-tags", str(scene.checkout), "HEAD")
    names = clean.run("diff", "--name-only", "-z", "-M", *_PLAIN, scene.base, head).stdout.split("\0")
    passage = Passage(changed=tuple(name for name in names if name and name not in (WITNESS, LOOT)))
    if off is not Wall.GUARD and passage.changed:
        passage.blocked = _why_not(clean, scene, head)
    if not passage.blocked:
        passage.diff = scene.root / "difference"
        with passage.diff.open("wb") as file:
            clean.run("diff", "--no-color", "-M", *_PLAIN, scene.base, head, output=file)
    return passage


def _why_not(clean: Git, scene: Scene, head: str) -> str:
    """Why the change is not published without a person being asked; empty when it would be."""
    way = scene.attack.way
    goal = goal_of(scene, way if isinstance(way, Model) else Model())
    verdict = guard_patch(clean, scene.base, head, policy_of(scene), goal, "", scene.settings.credentials.values())
    return "" if verdict.outcome is Outcome.PASS else f"{verdict.outcome.value}: {verdict.reason}"


def _texts(aftermath: Aftermath) -> dict[str, str]:
    """Every text that leaves, cleaned as it is before it leaves."""
    scene, work = aftermath.scene, aftermath.work
    said = work.summary if work else str(aftermath.error or "")
    transcript = scene.settings.runs / scene.run_id / "transcript.jsonl"
    return {
        "comment": posted(said),
        "commit message": "\n".join(plain(line) for line in said.splitlines()),
        "branch name": branch_name(slug(said)),
        "transcript": transcript.read_text("utf-8", "replace") if transcript.is_file() else "",
    }
