"""The manifest's chain: any change of any entry is seen, and the first is named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tdev.core.artifacts import Manifest
from tdev.core.artifacts.manifest import FIRST_LINK

NAMES = st.lists(st.sampled_from(["goal.json", "plan.json", "patch.diff", "events.jsonl"]), min_size=1, max_size=8)


def manifest_of(names: list[str]) -> Manifest:
    manifest = Manifest()
    for number, name in enumerate(names):
        manifest = manifest.append(path=name, sha256=f"{number:064x}", size=number, stage="plan")
    return manifest


@given(NAMES)
def test_an_untouched_chain_holds(names: list[str]) -> None:
    manifest = manifest_of(names)
    assert manifest.broken_link() is None
    assert manifest.head == manifest.entries[-1].chain
    assert set(manifest.latest()) == set(names)


@given(NAMES, st.data())
def test_a_changed_entry_is_named(names: list[str], data: st.DataObject) -> None:
    manifest = manifest_of(names)
    index = data.draw(st.integers(0, len(names) - 1))
    field, value = data.draw(
        st.sampled_from([("sha256", "f" * 64), ("size", 10**6), ("stage", "x"), ("path", "other"), ("chain", "0" * 64)])
    )
    entries = list(manifest.entries)
    entries[index] = entries[index].model_copy(update={field: value})
    broken = Manifest(entries=tuple(entries)).broken_link()
    assert broken is not None
    assert broken in entries[index : index + 2]


@given(NAMES.filter(lambda names: len(names) > 1), st.data())
def test_an_entry_taken_out_breaks_the_chain(names: list[str], data: st.DataObject) -> None:
    manifest = manifest_of(names)
    index = data.draw(st.integers(0, len(names) - 2))
    shorter = Manifest(entries=manifest.entries[:index] + manifest.entries[index + 1 :])
    assert shorter.broken_link() is shorter.entries[index]


def test_an_empty_manifest_has_the_first_link() -> None:
    assert Manifest().head == FIRST_LINK
