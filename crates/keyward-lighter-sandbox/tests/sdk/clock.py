"""What depends on time, with the sandbox's clock set by hand: bounds to the second, and what comes hours later."""

import unittest

from lighter.exceptions import ApiException
from support import MASTER, OTHER_MASTER, OTHER_OWNER, OWNER, SUB, Case, new_key

HOUR = 3600
DAY = 24 * HOUR
# Any instant will do.
NOW = 1_900_800_000


class Clock(Case):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.addAsyncCleanup(self.set_clock, "system")

    async def set_clock(self, setting):
        status, body = await self.raw("POST", "/__sandbox/clock", form=[("clock", setting)])
        self.assertEqual(status, 200, body)

    def read(self, token, account=MASTER):
        return self.accounts.account_limits(authorization=token, account_index=account)

    async def test_token_is_taken_from_eight_hours_before_its_deadline_until_the_second_before_it(self):
        signer = await self.register()
        token = self.token(signer, 8 * HOUR, timestamp=NOW)
        for clock, message in (
            (NOW - 1, "invalid auth: invalid deadline"),
            (NOW, None),
            (NOW + 8 * HOUR - 1, None),
            (NOW + 8 * HOUR, "invalid auth: expired token"),
        ):
            await self.set_clock(f"fixed:{clock}")
            with self.subTest(clock - NOW):
                if message is None:
                    self.assertEqual((await self.read(token)).code, 200)
                else:
                    with self.refused(401, 20013, message):
                        await self.read(token)

    async def test_token_for_later_becomes_valid_with_time(self):
        signer = await self.register()
        token = self.token(signer, 8 * HOUR, timestamp=NOW + 12 * HOUR)
        await self.set_clock(f"fixed:{NOW}")
        with self.refused(401, 20013, "invalid auth: invalid deadline"):
            await self.read(token)
        await self.set_clock(f"fixed:{NOW + 12 * HOUR}")
        self.assertEqual((await self.read(token)).code, 200)

    async def create(self, auth, seconds, account=MASTER):
        return await self.accounts.tokens_create(
            authorization=auth, name="clock", account_index=account, expiry=NOW + seconds, sub_account_access=False
        )

    async def test_bounds_of_a_read_only_token_to_the_second(self):
        signer = await self.register()
        await self.set_clock(f"fixed:{NOW}")
        auth = self.token(signer, HOUR, timestamp=NOW)
        with self.refused(400, 61001):
            await self.create(auth, DAY - 1)
        with self.refused(400, 61002):
            await self.create(auth, 3650 * DAY + 1)
        longest = await self.create(auth, 3650 * DAY)
        shortest = await self.create(auth, DAY)
        await self.set_clock(f"fixed:{NOW + DAY - 1}")
        self.assertEqual((await self.read(shortest.api_token)).code, 200)
        await self.set_clock(f"fixed:{NOW + DAY}")
        with self.refused(401, 20013, "invalid auth: expired token"):
            await self.read(shortest.api_token)
        self.assertEqual((await self.read(longest.api_token)).code, 200)

    async def test_expired_read_only_tokens_do_not_count_among_the_ten(self):
        signer = await self.register(OTHER_MASTER, OTHER_OWNER)
        await self.set_clock(f"fixed:{NOW}")
        auth = self.token(signer, HOUR, timestamp=NOW)
        for _ in range(10):
            await self.create(auth, DAY, OTHER_MASTER)
        with self.refused(400, 61003):
            await self.create(auth, DAY, OTHER_MASTER)
        await self.set_clock(f"fixed:{NOW + DAY}")
        auth = self.token(signer, HOUR, timestamp=NOW + DAY)
        await self.create(auth, 2 * DAY, OTHER_MASTER)

    async def test_maker_only_list_may_be_changed_after_an_hour(self):
        signer = await self.register()
        await self.set_clock(f"fixed:{NOW}")

        async def change(at, slots):
            return await self.accounts.set_maker_only_api_keys(
                authorization=self.token(signer, HOUR, timestamp=at), account_index=MASTER, api_key_indexes=slots
            )

        await change(NOW, "[201, 200]")
        await self.set_clock(f"fixed:{NOW + HOUR - 1}")
        with self.refused(429, 23000):
            await change(NOW + HOUR - 1, "[]")
        await self.set_clock(f"fixed:{NOW + HOUR}")
        self.assertEqual((await change(NOW + HOUR, "[]")).code, 200)

    async def test_tier_may_be_changed_after_a_day(self):
        signer = await self.register(SUB)

        async def change(at, tier):
            await self.set_clock(f"fixed:{at}")
            return await self.accounts.change_account_tier(
                authorization=self.token(signer, HOUR, timestamp=at), account_index=SUB, new_tier=tier
            )

        await change(NOW, "standard")
        with self.assertRaises(ApiException) as caught:
            await change(NOW + DAY - 1, "premium")
        self.assertEqual(caught.exception.status, 400)
        self.assertIn(caught.exception.data.code, range(62001, 62007))
        await change(NOW + DAY, "premium")

    async def test_expired_transaction_is_refused(self):
        private_key, public_key = new_key()
        signer = self.signer(MASTER, {250: private_key})
        tx_type, tx_info, _, error = signer.sign_change_api_key(OWNER, public_key, nonce=0, api_key_index=250)
        self.assertIsNone(error)
        await self.set_clock("offset:600")
        with self.refused(400, 21501, "invalid tx info"):
            await signer.send_tx(tx_type, tx_info)
        await self.set_clock("offset:-600")
        self.assertEqual((await signer.send_tx(tx_type, tx_info)).code, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
