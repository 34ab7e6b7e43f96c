"""Keys that may only make: read, set, obeyed, and every refusal."""

import json
import unittest

from support import GOOD_TILL_TIME, MASTER, OTHER_MASTER, OTHER_OWNER, OWNER, STANDARD, Case, new_key


class MakerOnly(Case):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.member = await self.register()

    def get(self, account=MASTER, signer=None):
        return self.accounts.get_maker_only_api_keys(authorization=self.token(signer or self.member), account_index=account)

    async def set(self, slots, account=MASTER, signer=None, **arguments):
        text = slots if isinstance(slots, str) else json.dumps(slots)
        return await self.accounts.set_maker_only_api_keys(
            authorization=self.token(signer or self.member), account_index=account, api_key_indexes=text, **arguments
        )

    async def test_the_list_is_obeyed_and_may_be_changed_once_an_hour(self):
        member, free = self.member, await self.register()
        self.assertEqual((await self.get()).api_key_indexes, [])
        # What is refused does not count as a change.
        for slots in ([3], [255], [-1]):
            with self.subTest(slots), self.refused(400, 21110):
                await self.set(slots)
        for slots in ("", "x", "{}", '["4"]', "4", [4, 4], list(range(4, 205))):
            with self.subTest(slots), self.refused(400, 20001):
                await self.set(slots)
        await self.set([member.slot])
        self.assertEqual((await self.get()).api_key_indexes, [member.slot])
        with self.refused(429, 23000):
            await self.set([])

        # Another key of the account is as free as ever.
        self.assertIsNone((await self.order(free, time_in_force=GOOD_TILL_TIME))[2])
        # This one may make, change and take back what it made.
        self.assertOrderRefused(await member.modify_order(0, 1, 1000, 2001), 21511)
        self.assertIsNone((await self.order(member))[2])
        self.assertIsNone((await member.modify_order(0, 1, 1000, 2001))[2])
        self.assertIsNone((await member.cancel_order(0, 1))[2])
        self.assertOrderRefused(await member.modify_order(0, 1, 1000, 2001), 21511)
        self.assertIsNone((await member.cancel_all_orders(member.CANCEL_ALL_TIF_IMMEDIATE, 0))[2])
        before = await self.next_nonce(member)
        self.assertOrderRefused(await self.order(member, time_in_force=GOOD_TILL_TIME), 21511)
        private_key, public_key = new_key()
        rotated = self.signer(MASTER, {member.slot: private_key})
        with self.refused(400, 21511):
            await rotated.change_api_key(OWNER, public_key, api_key_index=member.slot)
        self.assertEqual(await self.next_nonce(member), before)

    async def test_of_a_standard_account(self):
        signer = await self.register(STANDARD, OTHER_OWNER)
        self.assertEqual((await self.get(STANDARD, signer)).api_key_indexes, [])
        with self.refused(400, 20001):
            await self.set([signer.slot], STANDARD, signer)

    async def test_two_hundred_slots_in_a_multipart_body(self):
        signer = await self.register(OTHER_MASTER, OTHER_OWNER)
        slots = list(range(4, 204))
        await self.set(slots, OTHER_MASTER, signer, _content_type="multipart/form-data")
        self.assertEqual((await self.get(OTHER_MASTER, signer)).api_key_indexes, slots)

    async def test_of_another_account(self):
        with self.refused(401, 20013, "invalid auth: account mismatch"):
            await self.get(OTHER_MASTER)
        with self.refused(401, 20013, "invalid auth: account mismatch"):
            await self.set([4], OTHER_MASTER)


if __name__ == "__main__":
    unittest.main(verbosity=2)
