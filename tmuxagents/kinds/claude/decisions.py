"""What the hook of a request prints to settle it.

Measured on 2.1.197 and 2.1.330: a plan and a question are taken only with `updatedInput` (2.1.330 goes
on showing the plan's dialog without); a question's answers stand in it by the question's own words, free
text like a label, several labels with commas. `interrupt` stops the turn as the dialog's own "No" does;
without it the message is the tool's result and the turn goes on.
"""

from __future__ import annotations

import json
from typing import Any

from tmuxagents.kinds.claude.requests import questions
from tmuxagents.model.condition import Request
from tmuxagents.model.decision import Decision

_NO = "The user said no."


def reply(request: Request, decision: Decision) -> str:
    """One line of JSON."""
    said = {"hookEventName": "PermissionRequest", "decision": _decision(request, decision)}
    # In ASCII: half a character would be no UTF-8, and a line break would end the line.
    return json.dumps({"hookSpecificOutput": said}, separators=(",", ":"))


def _decision(request: Request, decision: Decision) -> dict[str, Any]:
    if not decision.allow:
        return {"behavior": "deny", "message": decision.text or _NO, "interrupt": decision.text is None}
    if not request.given:
        return {"behavior": "allow"}
    given = json.loads(request.given)
    if decision.answers:
        asked = [question.words for question in questions(request)]
        given["answers"] = dict(zip(asked, decision.answers, strict=True))
    return {"behavior": "allow", "updatedInput": given}
