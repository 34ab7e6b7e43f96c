"""The rules of nonces, by the SDK's own nonce managers and by hand."""

import asyncio
import unittest

from lighter.nonce_manager import NonceManagerType
from support import MASTER, NOBODYS_ACCOUNT, OWNER, Case, change, new_key

SKIP = {"skip_nonce": 1}


class Nonces(Case):
    async def test_unused_slot_and_unknown_account_start_at_zero(self):
        for account in (MASTER, NOBODYS_ACCOUNT):
            answer = await self.transactions.next_nonce(account_index=account, api_key_index=252)
            self.assertEqual((answer.code, answer.nonce), (200, 0))

    async def test_only_the_next_nonce_is_taken(self):
        signer = await self.register()
        for nonce in (0, 2, 2**48 - 1):
            self.assertOrderRefused(await self.order(signer, signer.slot, nonce=nonce), 21104, "invalid nonce")
        _, answer, error = await self.order(signer, signer.slot, nonce=1)
        self.assertIsNone(error)
        self.assertEqual(answer.code, 200)
        self.assertOrderRefused(await self.order(signer, signer.slot, nonce=1), 21104, "invalid nonce")

    async def test_refusal_consumes_no_nonce(self):
        signer = await self.register()
        tx_type, tx_info, _ = self.signed_order(signer, 1)
        with self.refused(400, 21120):
            await signer.send_tx(tx_type, tx_info.replace('"Price":2000', '"Price":2001'))
        self.assertEqual(await self.next_nonce(signer), 1)
        self.assertEqual((await signer.send_tx(tx_type, tx_info)).code, 200)

    async def test_nonce_minus_one_is_fetched_by_the_signer(self):
        signer = await self.register()
        for expected in (2, 3):
            _, _, error = await self.order(signer, signer.slot, nonce=-1)
            self.assertIsNone(error)
            self.assertEqual(await self.next_nonce(signer), expected)

    async def test_skip_may_leave_a_gap_but_not_go_back(self):
        signer = await self.register()
        for nonce in (1, 10, 1_795_219_200_000):
            _, _, error = await self.order(signer, signer.slot, nonce=nonce, **SKIP)
            self.assertIsNone(error)
            self.assertEqual(await self.next_nonce(signer), nonce + 1)
        self.assertOrderRefused(await self.order(signer, signer.slot, nonce=11, **SKIP), 21104, "invalid nonce")

    async def test_skip_ends_below_its_bound_and_counting_goes_on_to_the_last_nonce_of_all(self):
        signer = await self.register()
        bound = 2**47 - 1
        self.assertOrderRefused(await self.order(signer, signer.slot, nonce=bound, **SKIP), 21104)
        _, _, error = await self.order(signer, signer.slot, nonce=bound - 1, **SKIP)
        self.assertIsNone(error)
        self.assertOrderRefused(await self.order(signer, signer.slot, nonce=bound, **SKIP), 21104)
        for nonce in (bound, bound + 1):
            _, _, error = await self.order(signer, signer.slot, nonce=nonce)
            self.assertIsNone(error)

    async def test_attribute_of_zero_is_none(self):
        signer = await self.register()
        tx_type, tx_info, _ = self.signed_order(signer, 5)
        with self.refused(400, 21104, "invalid nonce"):
            await signer.send_tx(tx_type, change(tx_info, L2TxAttributes={"4": 0}))
        for attributes in ({"4": 0}, {}):
            tx_type, tx_info, tx_hash = self.signed_order(signer, await self.next_nonce(signer))
            answer = await signer.send_tx(tx_type, change(tx_info, L2TxAttributes=attributes))
            self.assertEqual(answer.tx_hash, tx_hash)

    async def test_rotation_may_skip_too(self):
        signer = await self.register()
        private_key, public_key = new_key()
        rotated = self.signer(MASTER, {signer.slot: private_key})
        _, error = await rotated.change_api_key(OWNER, public_key, skip_nonce=1, nonce=100, api_key_index=signer.slot)
        self.assertIsNone(error)
        self.assertEqual(await self.next_nonce(rotated, signer.slot), 101)

    async def test_managers_keep_count_over_several_keys(self):
        for kind in (NonceManagerType.OPTIMISTIC, NonceManagerType.API):
            single = [await self.register(), await self.register()]
            keys = {signer.slot: signer.api_key_dict[signer.slot] for signer in single}
            both = self.signer(MASTER, keys, nonce_management_type=kind)
            for _ in range(6):
                _, _, error = await self.order(both)
                self.assertIsNone(error)
            self.assertEqual([await self.next_nonce(signer) for signer in single], [4, 4])

    async def test_optimistic_manager_recovers_when_another_client_took_its_nonce(self):
        first = await self.register()
        second = self.signer(MASTER, first.api_key_dict)
        for signer in (first, second):
            signer.slot = first.slot
        self.assertIsNone((await self.order(first))[2])
        self.assertIsNone((await self.order(second))[2])
        self.assertOrderRefused(await self.order(first), 21104, "invalid nonce")
        self.assertIsNone((await self.order(first))[2])

    async def test_two_equal_transactions_are_taken_once(self):
        signer = await self.register()
        tx_type, tx_info, _ = self.signed_order(signer, 1)
        outcomes = await asyncio.gather(*(signer.send_tx(tx_type, tx_info) for _ in range(8)), return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        self.assertEqual(len(refused), 7)
        for outcome in refused:
            self.assertRefusal(outcome, 400, 21104, "invalid nonce")


if __name__ == "__main__":
    unittest.main(verbosity=2)
