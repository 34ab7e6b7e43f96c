"""What the cases share: the sandbox, its accounts, and how the SDK shows a refusal.

The SDK is the official one as it is published. Only what it offers no method for goes through its HTTP client by hand.
"""

import contextlib
import itertools
import json
import os
import unittest

import lighter
from eth_account import Account
from lighter.exceptions import ApiException

URL = os.environ["SANDBOX_URL"]

# As `seed.json` has them. The keys are throw-away: 32 equal bytes.
OWNER = "0x" + "11" * 32  # of MASTER and SUB
OTHER_OWNER = "0x" + "22" * 32  # of the accounts below
STRANGER = "0x" + "33" * 32  # of none
MASTER = 5
SUB = 281474976710654
OTHER_MASTER = 6
UNFUNDED = 281474976710603
STANDARD = 281474976710602
INSURANCE_FUND = 281474976710601
NOBODYS_ACCOUNT = 999

POST_ONLY = lighter.SignerClient.ORDER_TIME_IN_FORCE_POST_ONLY
GOOD_TILL_TIME = lighter.SignerClient.ORDER_TIME_IN_FORCE_GOOD_TILL_TIME


def address(eth_private_key):
    return Account.from_key(eth_private_key).address


def new_key():
    private_key, public_key, error = lighter.create_api_key()
    assert error is None, error
    return private_key, public_key


class Case(unittest.IsolatedAsyncioTestCase):
    """A case with the SDK's API classes at hand, and a slot of its own for each key that it registers."""

    slots = itertools.count(4)

    async def asyncSetUp(self):
        self.api = lighter.ApiClient(lighter.Configuration(host=URL))
        self.addAsyncCleanup(self.api.close)
        self.accounts = lighter.AccountApi(self.api)
        self.orders = lighter.OrderApi(self.api)
        self.transactions = lighter.TransactionApi(self.api)

    def signer(self, account, keys, **settings):
        """A `SignerClient`; `keys` maps slots to private keys."""
        signer = lighter.SignerClient(URL, account, dict(keys), **settings)
        self.addAsyncCleanup(signer.close)
        return signer

    async def register(self, account=MASTER, owner=OWNER, slot=None):
        """A `SignerClient` with a new key that the venue has under an unused slot. As the SDK's example `setup.py` does it."""
        slot = next(self.slots) if slot is None else slot
        private_key, public_key = new_key()
        signer = self.signer(account, {slot: private_key})
        answer, error = await signer.change_api_key(owner, public_key, api_key_index=slot)
        self.assertIsNone(error)
        self.assertEqual(answer.code, 200)
        self.assertIsNone(signer.check_client())
        signer.slot = slot
        return signer

    def token(self, signer, seconds=600, **arguments):
        """An auth token of the signer's key for so many seconds."""
        token, error = signer.create_auth_token_with_expiry(seconds, **arguments)
        self.assertIsNone(error)
        return token

    async def order(self, signer, slot=None, time_in_force=POST_ONLY, **arguments):
        """Sends a limit order; the SDK's nonce manager picks key and nonce if neither is named."""
        if slot is not None:
            arguments["api_key_index"] = slot
        return await signer.create_order(0, 1, 1000, 2000, False, signer.ORDER_TYPE_LIMIT, time_in_force, **arguments)

    def signed_order(self, signer, nonce, slot=None, time_in_force=POST_ONLY, **arguments):
        """A signed limit order: type, text and hash."""
        slot = signer.slot if slot is None else slot
        tx_type, tx_info, tx_hash, error = signer.sign_create_order(
            0, 1, 1000, 2000, False, signer.ORDER_TYPE_LIMIT, time_in_force, nonce=nonce, api_key_index=slot, **arguments
        )
        self.assertIsNone(error)
        return tx_type, tx_info, tx_hash

    async def next_nonce(self, signer, slot=None):
        slot = signer.slot if slot is None else slot
        answer = await self.transactions.next_nonce(account_index=signer.account_index, api_key_index=slot)
        return answer.nonce

    async def raw(self, method, path, headers=None, form=None):
        """Status and JSON of a request that the SDK has no method for."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {}) if form else headers
        response = await self.api.rest_client.request(method, URL + path, headers=headers, post_params=form)
        return response.status, json.loads(await response.read())

    @contextlib.contextmanager
    def refused(self, status, code, message=None):
        """The SDK must raise an exception of this HTTP status, whose body has this code and message."""
        with self.assertRaises(ApiException) as caught:
            yield
        self.assertRefusal(caught.exception, status, code, message)

    def assertRefusal(self, exception, status, code, message):
        # The SDK keeps the text of a body only for the statuses that the API declares.
        text = exception.body
        self.assertEqual(exception.status, status, text)
        body = json.loads(text)
        self.assertEqual(body["code"], code, text)
        if message is not None:
            self.assertEqual(body["message"], message)

    def assertOrderRefused(self, outcome, code, message=None):
        """`SignerClient` shows a refused order not by an exception but by the last line of its text."""
        created, answer, error = outcome
        self.assertIsNone(created)
        self.assertIsNone(answer)
        self.assertIn(f"code={code} ", error)
        if message is not None:
            self.assertIn(f"message='{message}'", error)


def change(tx_info, **members):
    """The transaction with these members changed after it was signed."""
    return json.dumps(json.loads(tx_info) | members)
