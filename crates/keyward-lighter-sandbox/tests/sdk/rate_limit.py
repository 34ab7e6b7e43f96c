"""A venue that counts requests, with the limits of a standard account."""

import unittest

from support import MASTER, Case


class RateLimit(Case):
    async def test_sixty_requests_a_minute(self):
        for _ in range(60):
            self.assertEqual((await self.transactions.next_nonce(account_index=MASTER, api_key_index=4)).code, 200)
        with self.refused(429, 23000, "Too Many Requests!"):
            await self.transactions.next_nonce(account_index=MASTER, api_key_index=4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
