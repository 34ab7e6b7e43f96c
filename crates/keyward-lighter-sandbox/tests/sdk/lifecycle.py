"""The story of a key: registered, used, rotated; tokens and read-only tokens along the way."""

import asyncio
import json
import time
import unittest

import lighter
from support import MASTER, OTHER_MASTER, OTHER_OWNER, OWNER, SUB, URL, Case, address, new_key


class Lifecycle(Case):
    async def test_status_and_info_are_answered(self):
        root = lighter.RootApi(self.api)
        status = await root.status()
        self.assertEqual((status.status, status.network_id), (1, 1))
        self.assertLess(abs(status.timestamp - time.time()), 3600)
        self.assertRegex((await root.info()).contract_address, "^0x[0-9a-fA-F]{40}$")

    async def test_setup_registers_a_key_for_every_account_of_the_owner(self):
        """The flow of the SDK's example `setup.py`: accounts by address, then key, ChangePubKey and check for each."""
        found = await self.accounts.accounts_by_l1_address(l1_address=address(OWNER))
        self.assertEqual([account.index for account in found.sub_accounts], [MASTER, SUB])
        self.assertEqual([account.account_type for account in found.sub_accounts], [0, 1])
        self.assertEqual(found.sub_accounts[0].code, 0)

        slot = 253
        for account in found.sub_accounts:
            private_key, public_key = new_key()
            signer = self.signer(account.index, {slot: private_key})
            before = await self.next_nonce(signer, slot)
            answer, error = await signer.change_api_key(OWNER, public_key, api_key_index=slot)
            self.assertIsNone(error)
            self.assertEqual(answer.code, 200)
            self.assertRegex(answer.tx_hash, "^[0-9a-f]{80}$")

            listed = await self.accounts.apikeys(account_index=account.index, api_key_index=slot)
            (entry,) = listed.api_keys
            self.assertEqual(entry.public_key, public_key.removeprefix("0x"))
            self.assertEqual((entry.account_index, entry.api_key_index), (account.index, slot))
            self.assertEqual(entry.nonce, before + 1)
            self.assertGreater(entry.transaction_time, 0)
            self.assertIsNone(signer.check_client())

    async def test_address_is_found_in_any_case(self):
        for text in (address(OWNER).lower(), "0x" + address(OWNER)[2:].upper()):
            found = await self.accounts.accounts_by_l1_address(l1_address=text)
            self.assertEqual(len(found.sub_accounts), 2)

    async def test_account_is_found_by_index_and_by_address(self):
        by_index = await self.accounts.account(by="index", value=str(MASTER))
        self.assertEqual([account.index for account in by_index.accounts], [MASTER])
        self.assertEqual(by_index.total, 1)
        self.assertEqual(by_index.accounts[0].account_index, MASTER)
        by_address = await self.accounts.account(by="l1_address", value=address(OWNER))
        self.assertEqual([account.index for account in by_address.accounts], [MASTER, SUB])

    async def test_check_client_tells_another_key(self):
        signer = await self.register()
        impostor = self.signer(MASTER, {signer.slot: new_key()[0]})
        self.assertIn("does not match", impostor.check_client())

    async def test_all_keys_of_an_account_are_listed_without_a_prefix(self):
        signer = await self.register()
        listed = await self.accounts.apikeys(account_index=MASTER)
        everything = await self.accounts.apikeys(account_index=MASTER, api_key_index=255)
        self.assertEqual(listed.api_keys, everything.api_keys)
        self.assertIn(signer.slot, [entry.api_key_index for entry in listed.api_keys])
        for entry in listed.api_keys:
            self.assertRegex(entry.public_key, "^[0-9a-f]{80}$")

    async def test_lowest_and_highest_slot_can_be_registered(self):
        for slot in (0, 3, 254):
            await self.register(OTHER_MASTER, OTHER_OWNER, slot=slot)

    async def test_token_opens_gated_reads(self):
        signer = await self.register()
        token = self.token(signer)
        limits = await self.accounts.account_limits(authorization=token, account_index=MASTER)
        self.assertEqual((limits.code, limits.user_tier), (200, "premium"))
        orders = await self.orders.account_active_orders(authorization=token, account_index=MASTER, market_id=0)
        self.assertEqual((orders.code, orders.orders), (200, []))

    async def test_default_token_lives_ten_minutes(self):
        signer = await self.register()
        token, error = signer.create_auth_token_with_expiry()
        self.assertIsNone(error)
        self.assertLess(abs(int(token.split(":")[0]) - time.time() - 600), 60)
        await self.accounts.account_limits(authorization=token, account_index=MASTER)

    async def test_token_is_taken_from_header_query_and_form(self):
        signer = await self.register()
        token = self.token(signer)
        read = f"/api/v1/accountLimits?account_index={MASTER}"
        for path, headers in [(read, {"authorization": token}), (read, {"AUTHORIZATION": token}), (f"{read}&auth={token}", None)]:
            status, body = await self.raw("GET", path, headers)
            self.assertEqual((status, body["code"]), (200, 200), path)
        status, body = await self.raw(
            "POST", "/api/v1/tokens/revoke", form=[("account_index", str(MASTER)), ("token_id", "0"), ("auth", token)]
        )
        self.assertEqual((status, body["code"]), (400, 61005))

    async def test_rotation_ends_the_old_tokens_at_once_and_keeps_the_nonce_and_the_read_only_tokens(self):
        signer = await self.register()
        _, _, error = await self.order(signer)
        self.assertIsNone(error)
        token = self.token(signer)
        read_only = await self.accounts.tokens_create(
            authorization=token,
            name="survivor",
            account_index=MASTER,
            expiry=int(time.time()) + 2 * 86400,
            sub_account_access=False,
        )

        before = await self.next_nonce(signer)
        private_key, public_key = new_key()
        rotated = self.signer(MASTER, {signer.slot: private_key})
        _, error = await rotated.change_api_key(OWNER, public_key, api_key_index=signer.slot)
        self.assertIsNone(error)

        with self.refused(401, 20013, "invalid auth: invalid signature"):
            await self.accounts.account_limits(authorization=token, account_index=MASTER)
        self.assertIsNone(rotated.check_client())
        self.assertEqual(await self.next_nonce(rotated, signer.slot), before + 1)

        await self.accounts.account_limits(authorization=read_only.api_token, account_index=MASTER)
        listed = await self.accounts.tokens(authorization=self.token(rotated), account_index=MASTER)
        self.assertIn(read_only.token_id, [entry.token_id for entry in listed.api_tokens if not entry.revoked])

    async def test_every_kind_of_order_is_accepted_with_the_hash_that_was_signed(self):
        signer = await self.register()
        signed = [
            self.signed_order(signer, 1),
            signer.sign_modify_order(0, 1, 1000, 2001, nonce=2, api_key_index=signer.slot)[:3],
            signer.sign_cancel_order(0, 1, nonce=3, api_key_index=signer.slot)[:3],
            signer.sign_cancel_all_orders(signer.CANCEL_ALL_TIF_IMMEDIATE, 0, nonce=4, api_key_index=signer.slot)[:3],
        ]
        self.assertEqual([tx_type for tx_type, _, _ in signed], [14, 17, 15, 16])
        for tx_type, tx_info, tx_hash in signed:
            answer = await signer.send_tx(tx_type, tx_info)
            self.assertEqual((answer.code, answer.tx_hash), (200, tx_hash))
        self.assertEqual(await self.next_nonce(signer), 5)

    async def test_orders_are_sent_by_the_methods_of_the_client(self):
        signer = await self.register()
        outcomes = [
            await self.order(signer),
            await signer.modify_order(0, 1, 1000, 2001),
            await signer.cancel_order(0, 1),
            await signer.cancel_all_orders(signer.CANCEL_ALL_TIF_IMMEDIATE, 0),
        ]
        for created, answer, error in outcomes:
            self.assertIsNone(error)
            self.assertIsNotNone(created)
            self.assertEqual(answer.code, 200)

    async def test_batch_is_accepted_as_a_whole(self):
        signer = await self.register()
        signed = [self.signed_order(signer, nonce) for nonce in range(1, 51)]
        types, infos, hashes = (list(column) for column in zip(*signed))
        answer = await signer.send_tx_batch(types, infos)
        self.assertEqual((answer.code, answer.tx_hash), (200, hashes))
        self.assertEqual(await self.next_nonce(signer), 51)

    async def test_slash_too_many_is_forgiven(self):
        status, body = await self.raw("GET", f"//api/v1/nextNonce?account_index={MASTER}&api_key_index=200")
        self.assertEqual((status, body), (200, {"code": 200, "nonce": 0}))

    async def test_body_may_be_multipart(self):
        signer = await self.register()
        tx_type, tx_info, tx_hash = self.signed_order(signer, 1)
        answer = await self.transactions.send_tx(
            tx_type=tx_type, tx_info=tx_info, price_protection=True, _content_type="multipart/form-data"
        )
        self.assertEqual((answer.code, answer.tx_hash), (200, tx_hash))

    async def test_two_accounts_and_many_tasks_share_one_sandbox(self):
        signers = [await self.register(), await self.register(SUB)]
        outcomes = await asyncio.gather(*(self.order(signer) for signer in signers for _ in range(20)))
        self.assertEqual([error for _, _, error in outcomes], [None] * 40)
        for signer in signers:
            self.assertEqual(await self.next_nonce(signer), 21)


if __name__ == "__main__":
    unittest.main(verbosity=2)
