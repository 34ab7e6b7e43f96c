"""A venue that, like the live one, accepts a key first and puts it into force later."""

import unittest

from support import MASTER, OWNER, Case, new_key

# As the test that starts the sandbox has set it: longer than any case takes.
DELAY_MS = 120_000


class ExecutionDelay(Case):
    async def change(self, slot):
        private_key, public_key = new_key()
        signer = self.signer(MASTER, {slot: private_key})
        answer, error = await signer.change_api_key(OWNER, public_key, api_key_index=slot)
        self.assertIsNone(error)
        self.assertGreater(answer.predicted_execution_time_ms, 0)
        return signer

    async def pass_time(self, milliseconds):
        status, body = await self.raw("POST", "/__sandbox/clock", form=[("advance_ms", str(milliseconds))])
        self.assertEqual(status, 200, body)

    async def test_nonce_counts_at_once_and_the_key_later(self):
        signer = await self.change(4)
        self.assertEqual(await self.next_nonce(signer, 4), 1)
        self.assertIsNotNone(signer.check_client())
        await self.pass_time(DELAY_MS)
        self.assertIsNone(signer.check_client())

    async def test_old_key_is_good_until_then(self):
        old = await self.change(5)
        await self.pass_time(DELAY_MS)
        token = self.token(old)
        new = await self.change(5)
        self.assertEqual((await self.accounts.account_limits(authorization=token, account_index=MASTER)).code, 200)
        self.assertIsNotNone(new.check_client())
        await self.pass_time(DELAY_MS)
        self.assertIsNone(new.check_client())
        with self.refused(401, 20013, "invalid auth: invalid signature"):
            await self.accounts.account_limits(authorization=token, account_index=MASTER)


if __name__ == "__main__":
    unittest.main(verbosity=2)
