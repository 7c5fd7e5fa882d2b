"""Post what there is to tell to an address of the user's, which never appears in what is said of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

from tmuxagents.drivers.notices.outcome import LIMIT_S, Outcome


def post(address: str, body: bytes, headers: Mapping[str, str], *, within: float = LIMIT_S) -> Outcome:
    """Post it once. No answer `within` that time is a failure, however slowly one trickles in."""
    found: list[Outcome] = []
    # A socket's own limit is for each read of it, and none at all for a name that is looked up.
    thread = Thread(target=lambda: found.append(_post(address, body, headers, within)), daemon=True)
    thread.start()
    thread.join(within)
    return found[0] if found else Outcome(False, f"no answer within {within:g} s", again=True)


def _post(address: str, body: bytes, headers: Mapping[str, str], within: float) -> Outcome:
    import http.client
    import urllib.error
    import urllib.request

    class Stays(urllib.request.HTTPRedirectHandler):
        """What is redirected would be sent on without its body, or to somebody else."""

        def redirect_request(self, *_: Any) -> None:
            return None

    url, own = _without_password(address)
    request = urllib.request.Request(url, data=body, headers={**headers, **own}, method="POST")
    try:
        with urllib.request.build_opener(Stays).open(request, timeout=within) as answer:
            return Outcome(True, f"answered {answer.status}")
    except urllib.error.HTTPError as error:
        error.close()
        # What is wrong with the request stays wrong; "too many" and the server's own trouble do not.
        return Outcome(False, f"answered {error.code}", again=error.code in (408, 425, 429) or error.code >= 500)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        return Outcome(False, f"not reached: {type(reason).__name__}", again=True)


def _without_password(address: str) -> tuple[str, dict[str, str]]:
    """The address as it is asked for, and the header that says who asks."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    if parts.username is None:
        return address, {}
    who = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return parts._replace(netloc=host).geturl(), {"Authorization": f"Basic {base64.b64encode(who).decode()}"}
