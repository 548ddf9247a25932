"""The attack suite: the real Claude Code, driven by a scripted model that obeys all hostile text, against the walls.

`python -m attack` from the project's own folder. The way of one attack: families/ says what is tried -> scene builds
the world it is tried in -> ways/ carry it out -> border judges what came of it -> harm looks at the world -> outcome
says whether harm was done, and which wall stopped it. campaign runs them all in processes of their own (worker), those
with the sandbox switched off only inside containment.
"""
