#!/bin/sh
# From a private key to a token that is checked, in a folder that is thrown away afterwards.
#
#   cargo build --release && PATH="$PWD/target/release:$PATH" sh docs/examples/lighter-walkthrough.sh
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '# A new private key goes to a file that only you can read; its public key is printed.'
public_key=$(keyward lighter keygen --output key.txt)
echo "$public_key"

echo '# A config with that key for account 5. The key passes through a file, never through an argument.'
umask 077
{
    printf '{"BASE_URL": "https://testnet.zklighter.elliot.ai", "ACCOUNTS": [{"api_key_private_key": "'
    tr -d '\n' < key.txt
    printf '", "account_index": 5, "api_key_index": 253}]}'
} > config.json

echo '# The tokens of the next seven days.'
keyward lighter generate config.json --days 7

echo '# The token to use now, what it says, and whether it is good.'
keyward lighter token 5 | cut -d : -f 1-3
keyward lighter token 5 | keyward lighter inspect
keyward lighter token 5 | keyward lighter verify --public-key "$public_key"

echo '# One token for the next ten minutes, straight from the key.'
keyward lighter sign --account 5 --api-key-index 253 --expires-at $(($(date +%s) + 600)) < key.txt |
    keyward lighter verify --public-key "$public_key" --json
