"""What the official SDK's example `read-only-auth/generate.py` does, with the SDK: tokens for one day.

    generate.py CONFIG OUTPUT
"""

import asyncio
import json
import sys
import time

import lighter

SLOT_SECONDS = 6 * 3600
TOKEN_SECONDS = 8 * 3600


async def main(path: str, output: str) -> None:
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    tokens = {}
    for account in config["ACCOUNTS"]:
        slot = account["api_key_index"]
        signer = lighter.SignerClient(
            config["BASE_URL"], account["account_index"], {slot: account["api_key_private_key"]}
        )
        first = int(time.time()) // SLOT_SECONDS * SLOT_SECONDS
        of_account = tokens[str(account["account_index"])] = {}
        for start in range(first, first + 4 * SLOT_SECONDS, SLOT_SECONDS):
            token, error = signer.create_auth_token_with_expiry(TOKEN_SECONDS, timestamp=start, api_key_index=slot)
            assert error is None, error
            of_account[str(start)] = token
        await signer.close()
    with open(output, "w", encoding="utf-8") as file:
        json.dump(tokens, file, indent=2, ensure_ascii=False)


asyncio.run(main(*sys.argv[1:]))
