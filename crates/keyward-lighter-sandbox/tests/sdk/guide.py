"""The Python of `docs/guides/from-the-python-sdk.md`: its blocks stand here as they stand there."""

import json
import time
import unittest
from unittest import mock

import lighter
import websockets
from support import OWNER, URL, Case, address


class Guide(Case):
    async def test_guide(self):
        url, slot, account, eth_private_key, owner_address = URL, 253, 5, OWNER, address(OWNER)
        accounts = self.accounts
        # This sandbox puts a key into force at once.
        self.enterContext(mock.patch.object(time, "sleep"))

        private_key, public_key, error = lighter.create_api_key()
        signer = lighter.SignerClient(url, account, {slot: private_key})
        answer, error = await signer.change_api_key(eth_private_key, public_key, api_key_index=slot)
        time.sleep(5)
        error = signer.check_client()
        self.assertIsNone(error)
        await signer.close()

        found = await accounts.accounts_by_l1_address(l1_address=owner_address)
        account = found.sub_accounts[0].index
        signer = lighter.SignerClient(url, account, {slot: private_key})
        error = signer.check_client()
        self.assertIsNone(error)
        self.addAsyncCleanup(signer.close)

        token, error = signer.create_auth_token_with_expiry(10 * 60, api_key_index=slot)
        limits = await accounts.account_limits(account_index=account, authorization=token)
        self.assertEqual(limits.user_tier, "premium")

        order, answer, error = await signer.create_order(
            market_index=0, client_order_index=1, base_amount=1000, price=405000, is_ask=True,
            order_type=signer.ORDER_TYPE_LIMIT, time_in_force=signer.ORDER_TIME_IN_FORCE_POST_ONLY,
        )
        self.assertIsNone(error)
        self.assertEqual(answer.code, 200)

        made = await accounts.tokens_create(
            authorization=token, name="dashboard", account_index=account,
            expiry=int(time.time()) + 30 * 86400, sub_account_access=False,
        )
        listed = await accounts.tokens(authorization=token, account_index=account)
        limits = await accounts.account_limits(account_index=account, authorization=made.api_token)
        await accounts.tokens_revoke(authorization=token, token_id=made.token_id, account_index=account)
        self.assertEqual((len(listed.api_tokens), limits.code), (1, 200))

        await accounts.set_maker_only_api_keys(authorization=token, account_index=account, api_key_indexes=json.dumps([slot]))
        listed = await accounts.get_maker_only_api_keys(authorization=token, account_index=account)
        self.assertEqual(listed.api_key_indexes, [slot])

        async with websockets.connect(url.replace("http", "ws", 1) + "/stream") as socket:
            await socket.recv()
            channel = f"account_all_orders/{account}"
            await socket.send(json.dumps({"type": "subscribe", "channel": channel, "auth": token}))
            message = json.loads(await socket.recv())
        self.assertEqual(message["type"], "subscribed/account_all_orders")


if __name__ == "__main__":
    unittest.main(verbosity=2)
