"""What happened since somebody looked last, as one file for a browser: no script, nothing fetched, all escaped."""

from __future__ import annotations

from html import escape

from tmuxagents.cli.render import catchup as text
from tmuxagents.output.safe_text import clean
from tmuxagents.services.fleet.catchup import Account, Catchup

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em;
  color: #1a1a1a; background: #fff }
h1 { font-size: 1.2em } h2 { font-size: 1.05em; margin: 1.6em 0 .3em } h2 span { font-weight: normal; color: #595959 }
dl { display: grid; grid-template-columns: 6em 1fr; margin: 0; gap: .15em 0 } dt { color: #595959 }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
.failed { color: #a40000 } .waits { color: #7a4b00; font-weight: 600 }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #161616 } dt, h2 span { color: #a6a6a6 }
  .failed { color: #ff8a8a } .waits { color: #f0c060 } }
"""

# Nothing is loaded and nothing runs, should a browser ever read markup where none is.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(found: Catchup, *, now_ns: int) -> str:
    """The whole file."""
    head = _safe(text.head(found, now_ns))
    agents = "\n".join(_agent(account, now_ns) for account in found.accounts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tmuxagents: catchup</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{head}</h1>
{agents}
</body>
</html>
"""


def _agent(account: Account, now_ns: int) -> str:
    rows = "\n".join(
        f'<dt class="{label}">{label}</dt><dd class="{label}">{_safe(said)}</dd>' for label, said in text.lines(account)
    )
    title = f"<h2>{_safe(account.agent)} <span>{_safe(text.title(account, now_ns))}</span></h2>"
    return f"<section>\n{title}\n<dl>\n{rows}\n</dl>\n</section>"


def _safe(said: str) -> str:
    return escape(clean(said), quote=True)
