"""A venue that answers "account not found" with HTTP 200, as the live one was seen to do."""

import unittest

from support import MASTER, NOBODYS_ACCOUNT, STRANGER, Case, address


class NotFoundStatus200(Case):
    async def test_code_alone_tells(self):
        found = await self.accounts.accounts_by_l1_address(l1_address=address(STRANGER))
        self.assertEqual((found.code, found.message), (21100, "account not found"))
        self.assertIsNone(found.sub_accounts)
        found = await self.accounts.account(by="l1_address", value=address(STRANGER))
        self.assertEqual((found.code, found.accounts), (21100, None))
        for arguments in ({"account_index": NOBODYS_ACCOUNT}, {"account_index": MASTER, "api_key_index": 251}):
            found = await self.accounts.apikeys(**arguments)
            self.assertEqual((found.code, found.api_keys), (21109, None))


if __name__ == "__main__":
    unittest.main(verbosity=2)
