"""Read-only tokens: made, listed, used, revoked, and every refusal."""

import time
import unittest

from support import MASTER, OTHER_MASTER, OTHER_OWNER, SUB, Case

DAY = 86400
TEN_YEARS = 3650 * DAY


class ReadOnlyTokens(Case):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.auth = self.token(await self.register())

    async def create(self, name="reader", account=MASTER, auth=None, seconds=2 * DAY, sub_account_access=False, **arguments):
        """A new token, revoked when the case is over: an account may have ten."""
        auth = auth or self.auth
        made = await self.accounts.tokens_create(
            authorization=auth,
            name=name,
            account_index=account,
            expiry=int(time.time()) + seconds,
            sub_account_access=sub_account_access,
            **arguments,
        )
        self.addAsyncCleanup(self.raw, "POST", "/api/v1/tokens/revoke", {"authorization": auth}, self.named(made.token_id, account))
        return made

    def named(self, token_id, account):
        return [("token_id", str(token_id)), ("account_index", str(account))]

    def read(self, token, account=MASTER):
        return self.accounts.account_limits(authorization=token, account_index=account)

    def revoke(self, token_id, account=MASTER, auth=None):
        return self.accounts.tokens_revoke(authorization=auth or self.auth, token_id=token_id, account_index=account)

    async def test_made_listed_used_and_revoked(self):
        made = await self.create("my reader-1_a.b", scopes="read.*")
        self.assertEqual((made.code, made.name, made.account_index), (200, "my reader-1_a.b", MASTER))
        self.assertEqual((made.sub_account_access, made.revoked, made.scopes), (False, False, "read.*"))
        self.assertRegex(made.api_token, f"^ro:{MASTER}:single:{made.expiry}:[0-9a-f]{{64}}$")

        (listed,) = [it for it in (await self.accounts.tokens(authorization=self.auth, account_index=MASTER)).api_tokens
                     if it.token_id == made.token_id]
        self.assertEqual((listed.name, listed.expiry, listed.revoked), (made.name, made.expiry, False))
        self.assertNotIn(made.api_token.split(":")[-1], listed.api_token)

        self.assertEqual((await self.read(made.api_token)).code, 200)
        orders = await self.orders.account_active_orders(authorization=made.api_token, account_index=MASTER)
        self.assertEqual(orders.code, 200)

        revoked = await self.revoke(made.token_id)
        self.assertEqual((revoked.code, revoked.token_id, revoked.revoked), (200, made.token_id, True))
        with self.refused(401, 20013):
            await self.read(made.api_token)
        (listed,) = [it for it in (await self.accounts.tokens(authorization=self.auth, account_index=MASTER)).api_tokens
                     if it.token_id == made.token_id]
        self.assertTrue(listed.revoked)
        with self.refused(400, 61006, "api token has already been revoked"):
            await self.revoke(made.token_id)

    async def test_reach(self):
        sub_auth = self.token(await self.register(SUB))
        other_auth = self.token(await self.register(OTHER_MASTER, OTHER_OWNER))
        single = await self.create()
        everything = await self.create(sub_account_access=True)
        of_sub = await self.create(account=SUB, auth=sub_auth, sub_account_access=True)
        other = await self.create(account=OTHER_MASTER, auth=other_auth, sub_account_access=True)
        self.assertTrue(everything.api_token.startswith(f"ro:{MASTER}:all:"))
        reaches = {
            single.api_token: {MASTER},
            everything.api_token: {MASTER, SUB},
            of_sub.api_token: {SUB},
            other.api_token: {OTHER_MASTER},
        }
        for token, reach in reaches.items():
            for account in (MASTER, SUB, OTHER_MASTER):
                with self.subTest(token.rsplit(":", 1)[0], account=account):
                    if account in reach:
                        self.assertEqual((await self.read(token, account)).code, 200)
                    else:
                        with self.refused(401, 20013):
                            await self.read(token, account)

    async def test_of_another_secret(self):
        made = await self.create()
        forged = made.api_token[:-1] + ("0" if made.api_token[-1] != "0" else "1")
        with self.refused(401, 20013):
            await self.read(forged)

    async def test_changes_nothing(self):
        made = await self.create()
        token = made.api_token
        with self.refused(401, 20013):
            await self.accounts.tokens_create(
                authorization=token, name="more", account_index=MASTER, expiry=int(time.time()) + 2 * DAY, sub_account_access=False
            )
        with self.refused(401, 20013):
            await self.revoke(made.token_id, auth=token)
        with self.refused(401, 20013):
            await self.accounts.set_maker_only_api_keys(authorization=token, account_index=MASTER, api_key_indexes="[4]")
        with self.refused(401, 20013):
            await self.accounts.change_account_tier(authorization=token, account_index=MASTER, new_tier="standard")
        self.assertEqual((await self.read(token)).code, 200)

    async def test_expiry_out_of_range(self):
        with self.refused(400, 61001, "api token expiry is before minimum allowed expiry of 1 day"):
            await self.create(seconds=DAY - 60)
        with self.refused(400, 61002, "api token expiry is after maximum allowed expiry of 10 years"):
            await self.create(seconds=TEN_YEARS + 60)
        await self.create(seconds=DAY + 60)
        await self.create(seconds=TEN_YEARS - 60)

    async def test_eleventh(self):
        auth = self.token(await self.register(OTHER_MASTER, OTHER_OWNER))
        made = [await self.create(account=OTHER_MASTER, auth=auth) for _ in range(10)]
        with self.refused(400, 61003, "maximum number of 10 api tokens for the account exceeded"):
            await self.create(account=OTHER_MASTER, auth=auth)
        await self.revoke(made[0].token_id, OTHER_MASTER, auth)
        await self.create(account=OTHER_MASTER, auth=auth)

    async def test_scope_other_than_reading(self):
        with self.refused(400, 61004, "custom scopes for api tokens are not supported yet"):
            await self.create(scopes="write.*")

    async def test_revoking_what_is_not_there_or_not_ours(self):
        made = await self.create()
        auth = self.token(await self.register(OTHER_MASTER, OTHER_OWNER))
        message = "api token not found or does not belong to this account"
        with self.refused(400, 61005, message):
            await self.revoke(10**9)
        with self.refused(400, 61005, message):
            await self.revoke(made.token_id, OTHER_MASTER, auth)
        self.assertEqual((await self.read(made.api_token)).code, 200)

    async def test_bad_name(self):
        with self.refused(400, 61007, "api token name cannot be empty"):
            await self.create("")
        with self.refused(400, 61008, "api token name cannot exceed 50 characters"):
            await self.create("a" * 51)
        message = "api token name can only contain letters, numbers, spaces, hyphens, underscores, and periods"
        for name in ("a/b", "ä", "a\n", "<b>"):
            with self.subTest(name), self.refused(400, 61009, message):
                await self.create(name)
        await self.create("a" * 50)

    async def test_without_auth(self):
        with self.refused(401, 20013, "invalid auth"):
            await self.accounts.tokens_create(
                name="nobody", account_index=MASTER, expiry=int(time.time()) + 2 * DAY, sub_account_access=False
            )
        with self.refused(401, 20013, "invalid auth"):
            await self.accounts.tokens_revoke(token_id=1, account_index=MASTER)


if __name__ == "__main__":
    unittest.main(verbosity=2)
