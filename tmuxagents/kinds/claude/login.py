"""Where Claude Code finds that somebody is logged in."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.kinds.base import Login
from tmuxagents.kinds.claude import launch

# What makes a login needless: a key, a token, another provider.
_VARIABLES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
)
_HELPERS = ("apiKeyHelper", "awsAuthRefresh", "gcpAuthRefresh", "forceLoginMethod")


def login(env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> Login | None:
    """The credentials file, and what the configuration notes of an account or a key."""
    if sys.platform == "darwin" or any(env.get(name) for name in _VARIABLES):
        return None
    for one in settings:
        own = one.get("env")
        if any(one.get(key) for key in _HELPERS) or (isinstance(own, Mapping) and any(own.get(n) for n in _VARIABLES)):
            return None
    configuration = launch.configuration(env)
    return Login(
        {
            launch.config_folder(env) / ".credentials.json": b"claudeAiOauth",
            configuration: b"oauthAccount",
            configuration.with_name(".config.json"): b"primaryApiKey",
        }
    )


_PROVIDERS = {"BEDROCK": "Bedrock", "VERTEX": "Vertex", "FOUNDRY": "Foundry"}
_SECRETS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")


def account(env: Mapping[str, str], settings: Sequence[Mapping[str, Any]]) -> str:
    """The folder of its configuration, which holds its login; and which key, token or provider it has in its place.

    A key is told from others by a digest of 32 bits, which nobody gets it back from. A value in the settings beats the
    environment's.
    """
    known = dict(env)
    for one in settings:
        own = one.get("env")
        known |= {str(name): str(value) for name, value in own.items()} if isinstance(own, Mapping) else {}
    folder = str(launch.config_folder(known))
    provider = next((words for name, words in _PROVIDERS.items() if known.get(f"CLAUDE_CODE_USE_{name}")), "")
    if provider:
        return f"{folder} ({provider})"
    secret = next((known[name] for name in _SECRETS if known.get(name)), "")
    return f"{folder} (key {_mark(secret)})" if secret else folder


def _mark(secret: str) -> str:
    import hashlib

    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:8]
