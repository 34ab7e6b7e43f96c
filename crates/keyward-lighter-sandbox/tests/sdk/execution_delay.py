"""A venue that, like the live one, accepts a key first and puts it into force later."""

import asyncio
import unittest

from support import MASTER, OWNER, Case, new_key


class ExecutionDelay(Case):
    async def change(self, slot):
        private_key, public_key = new_key()
        signer = self.signer(MASTER, {slot: private_key})
        answer, error = await signer.change_api_key(OWNER, public_key, api_key_index=slot)
        self.assertIsNone(error)
        self.assertGreater(answer.predicted_execution_time_ms, 0)
        return signer

    async def until_in_force(self, signer):
        """The script `setup.py` sleeps for five seconds; asking until it is so needs no guess."""
        async with asyncio.timeout(60):
            while signer.check_client() is not None:
                await asyncio.sleep(0.05)

    async def test_nonce_counts_at_once_and_the_key_later(self):
        signer = await self.change(4)
        self.assertEqual(await self.next_nonce(signer, 4), 1)
        self.assertIsNotNone(signer.check_client())
        await self.until_in_force(signer)

    async def test_old_key_is_good_until_then(self):
        old = await self.change(5)
        await self.until_in_force(old)
        token = self.token(old)
        new = await self.change(5)
        self.assertEqual((await self.accounts.account_limits(authorization=token, account_index=MASTER)).code, 200)
        await self.until_in_force(new)
        with self.refused(401, 20013, "invalid auth: invalid signature"):
            await self.accounts.account_limits(authorization=token, account_index=MASTER)


if __name__ == "__main__":
    unittest.main(verbosity=2)
