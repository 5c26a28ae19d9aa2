"""The page ``docs/states.md``, made from the transition table: ``python -m kb.entries.diagram > docs/states.md``."""

import sys

from kb.entries.rules import SERVED, TRANSITIONS, Slot, State, Step, Transition

_PAGE = """\
# The states of an entry

Made from the table in `kb/entries/rules.py` by `python -m kb.entries.diagram`; a test compares the two.

An entry has two slots. The *live* slot holds the revision that agents are served, the *work* slot the one that is on
its way to replace it. Each has a state of its own, so a published entry stays on the desk while its next revision is
written and reviewed. Agents are served what is live in one of these states: {served}.

![The states of an entry](images/states.svg)

<details><summary>The same as text</summary>

```mermaid
stateDiagram-v2
{diagram}
```

</details>

| step | slot | from | to | permission |
|---|---|---|---|---|
{rows}

Publishing is the one step that crosses the slots: it empties the work slot and puts the revision live. An import puts
a revision live, or saves it as a draft, from any state. `verify` moves on when every region the revision is scoped to
has been verified; until then the state stays. What was approved for a time is published by the system itself when that
has come and nothing is waited for (`kb/review/operations.py`); what is past its review day is flagged by it
(`kb/validity/operations.py`).

The picture is made by `python -m kb.entries.picture > docs/images/states.svg`, and a test compares that too.
"""


def page() -> str:
    """Return the page, in Markdown."""
    return _PAGE.format(
        served=", ".join(_named(state) for state in State if state in SERVED),
        diagram="\n".join([*_states(), *_arrows()]),
        rows="\n".join(_row(transition) for transition in TRANSITIONS.values()),
    )


def _states() -> list[str]:
    return [f'    state "{_named(state)}" as {state.value}' for state in State]


def _arrows() -> list[str]:
    """Return the arrows of the diagram; an empty work slot is its beginning."""
    return [
        f"    {source.value if source is not None else '[*]'} --> {transition.target.value} : {transition.step.value}"
        for transition in TRANSITIONS.values()
        for source in _sources(transition)
    ]


def _row(transition: Transition) -> str:
    sources = ", ".join(_named(source) if source is not None else "nothing" for source in _sources(transition))
    slots = f"{Slot.WORK} → {Slot.LIVE}" if transition.step is Step.PUBLISH else transition.slot
    return f"| {transition.step} | {slots} | {sources} | {_named(transition.target)} | `{transition.permission}` |"


def _sources(transition: Transition) -> list[State | None]:
    return [source for source in (None, *State) if source in transition.sources]


def _named(state: State) -> str:
    return f"{state.value} {state.label}"


if __name__ == "__main__":
    sys.stdout.write(page())
