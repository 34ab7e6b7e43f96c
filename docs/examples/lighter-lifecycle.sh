#!/bin/sh
# The life of an API key, from its registration to its rotation, at a venue on this machine, in a folder that is thrown away
# afterwards.
#
#   cargo build --release && PATH="$PWD/target/release:$PATH" sh docs/examples/lighter-lifecycle.sh
set -eu
umask 077

folder=$(mktemp -d)
cd "$folder"
mkfifo exports
keyward lighter sandbox --port 0 > exports &
sandbox=$!
trap 'kill $sandbox; rm -rf "$folder"' EXIT

echo '# A venue with two accounts of an Ethereum key. It prints where it is, and that key: the whole world knows it.'
eval "$(head -n 2 exports)"

echo '# A new API key for each account, registered in slot 253.'
keyward lighter setup
keyward lighter check

echo '# Tokens for a day, and a read that the venue allows to their holders only.'
keyward lighter generate --days 1
keyward lighter token 3 > token.txt
keyward lighter ro list --token-file token.txt

echo '# A read-only token for a dashboard. It is shown once; here it goes to a file.'
keyward lighter ro create --account 3 --name dashboard --days 30 --output dashboard.txt
keyward lighter ro list --token-file dashboard.txt

echo '# Something has leaked: new keys. The tokens of the old ones are dead, the read-only token is not.'
keyward lighter rotate
if keyward lighter ro list --token-file token.txt; then
    echo 'the old token still opens the account' >&2
    exit 1
fi
keyward lighter ro list --token-file dashboard.txt

echo '# So it is revoked too.'
keyward lighter ro revoke 1 --account 3
if keyward lighter ro list --token-file dashboard.txt; then
    echo 'the revoked token still opens the account' >&2
    exit 1
fi

echo '# The new keys go on where the old ones were: the nonce counts both registrations.'
keyward lighter generate --days 1
keyward lighter token 3 | keyward lighter ro list --token-file -
keyward lighter nonce 3 253
