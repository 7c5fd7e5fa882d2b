#!/bin/sh
# What a key of your phone may do here, and nothing else: in ~/.ssh/authorized_keys
#     restrict,pty,command="/path/to/phone.sh" ssh-ed25519 AAAA… phone
# `restrict` keeps it from forwarding anything; nothing of tmuxagents listens on a network.
# Words are divided at blanks and nothing in them is expanded: a text needs no quotes.
set -f
IFS=' '
# shellcheck disable=SC2086 # to be divided
set -- $SSH_ORIGINAL_COMMAND
[ "$1" = tmuxagents ] && shift
case "${1-}" in
"") exec tmuxagents chat --plain ;;
chat | ls | last | show | catchup | usage) exec tmuxagents "$@" ;;
say | approve | deny | answer | interrupt) exec tmuxagents "$@" ;;
*)
    echo "phone.sh: '$1' is not for this key: chat, ls, last, show, catchup, usage, say, approve, deny, answer, interrupt" >&2
    exit 2
    ;;
esac
