#!/usr/bin/env python3
"""Print the auth token to use now, from a file that `keyward lighter generate` has written.

    python3 get_auth_token.py ACCOUNT_INDEX [auth-tokens.json [UNIX_TIME]]

This is all that a reader of the file needs: the standard library and one formula. Unlike
`keyward lighter token` it checks nothing.
"""

import json
import sys
import time

SLOT_SECONDS = 6 * 3600


def main() -> None:
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    account = sys.argv[1]
    path = sys.argv[2] if len(sys.argv) > 2 else "auth-tokens.json"
    now = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())

    with open(path, encoding="utf-8") as file:
        tokens = json.load(file)
    slot = now // SLOT_SECONDS * SLOT_SECONDS
    try:
        print(tokens[account][str(slot)])
    except KeyError:
        sys.exit(f"error: {path}: no token of account {account} for slot {slot}")


if __name__ == "__main__":
    main()
