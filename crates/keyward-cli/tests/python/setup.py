"""What the official SDK's example `read-only-auth/setup.py` does, step by step, with the SDK: keys for all accounts.

    setup.py URL ETH_PRIVATE_KEY CONFIG
"""

import asyncio
import json
import sys

import lighter
from eth_account import Account

API_KEY_INDEX = 253


async def main(url: str, eth_private_key: str, path: str) -> None:
    client = lighter.ApiClient(lighter.Configuration(host=url))
    found = await lighter.AccountApi(client).accounts_by_l1_address(l1_address=Account.from_key(eth_private_key).address)
    accounts = []
    for account in found.sub_accounts:
        private_key, public_key, error = lighter.create_api_key()
        assert error is None, error
        signer = lighter.SignerClient(url, account.index, {API_KEY_INDEX: private_key})
        _, error = await signer.change_api_key(eth_private_key, public_key, api_key_index=API_KEY_INDEX)
        assert error is None, error
        error = signer.check_client()
        assert error is None, error
        await signer.close()
        accounts.append(
            {"api_key_private_key": private_key, "account_index": account.index, "api_key_index": API_KEY_INDEX}
        )
    await client.close()
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"BASE_URL": url, "ACCOUNTS": accounts}, file, indent=2, ensure_ascii=False)


asyncio.run(main(*sys.argv[1:]))
