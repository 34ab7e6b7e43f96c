"""Every refusal of lookups, tokens and transactions that the SDK can provoke, by HTTP status, code and text."""

import base64
import json
import time
import unittest

from support import (
    INSURANCE_FUND,
    MASTER,
    NOBODYS_ACCOUNT,
    OTHER_MASTER,
    OTHER_OWNER,
    OWNER,
    STRANGER,
    SUB,
    UNFUNDED,
    Case,
    address,
    change,
    new_key,
)

NO_AUTH = "invalid param : auth query param and Authorization header are empty"
EMPTY_SLOT = 251
# Of the group that keys and signatures are of.
ORDER = 0x7FFFFFFD800000077FFFFFF1000000167FFFFFE6CFB80639E8885C39D724A09CE80FD996948BFFE1


def plus_the_order(signature):
    """The signature with the order added to s, and to e: to whoever reduces them it is the same."""
    s, e = (int.from_bytes(half, "little") for half in (signature[:40], signature[40:]))
    for s, e in ((s + ORDER, e), (s, e + ORDER)):
        yield s.to_bytes(40, "little") + e.to_bytes(40, "little")


class Lookups(Case):
    async def test_unknown_address(self):
        with self.refused(400, 21100, "account not found"):
            await self.accounts.accounts_by_l1_address(l1_address=address(STRANGER))
        with self.refused(400, 21100, "account not found"):
            await self.accounts.account(by="l1_address", value=address(STRANGER))

    async def test_unknown_index(self):
        with self.refused(400, 29404, "not found"):
            await self.accounts.account(by="index", value=str(NOBODYS_ACCOUNT))

    async def test_account_without_keys_and_slot_without_a_key(self):
        for arguments in ({"account_index": NOBODYS_ACCOUNT}, {"account_index": MASTER, "api_key_index": EMPTY_SLOT}):
            with self.refused(400, 21109, "api key not found"):
                await self.accounts.apikeys(**arguments)

    async def test_slots_that_there_are_not(self):
        for slot in (-1, 255, 256):
            with self.subTest(slot), self.refused(400, 21110, "invalid api key index"):
                await self.transactions.next_nonce(account_index=MASTER, api_key_index=slot)
        for slot in (-1, 256):
            with self.subTest(slot), self.refused(400, 21110, "invalid api key index"):
                await self.accounts.apikeys(account_index=MASTER, api_key_index=slot)

    async def test_accounts_that_there_cannot_be(self):
        for account in (-1, 2**48 - 1, 2**63 - 1):
            with self.subTest(account), self.refused(400, 21102, "invalid account index"):
                await self.accounts.apikeys(account_index=account)

    async def test_missing_and_ill_typed_parameters(self):
        for path in (
            "/api/v1/accountsByL1Address",
            "/api/v1/accountsByL1Address?l1_address=0x12",
            "/api/v1/account?by=name&value=1",
            "/api/v1/account?by=index&value=one",
            "/api/v1/apikeys",
            "/api/v1/apikeys?account_index=five",
            "/api/v1/apikeys?account_index=5&api_key_index=4.0",
            "/api/v1/nextNonce?account_index=5",
        ):
            with self.subTest(path):
                status, body = await self.raw("GET", path)
                self.assertEqual((status, body["code"]), (400, 20001), body)
                self.assertTrue(body["message"].startswith("invalid param "), body)

    async def test_unknown_route(self):
        status, body = await self.raw("GET", "/api/v1/nothing")
        self.assertEqual(status, 404)
        self.assertTrue(body["code"] and body["message"], body)


class Tokens(Case):
    def read(self, token, account=MASTER):
        return self.accounts.account_limits(authorization=token, account_index=account)

    async def test_no_token(self):
        for read in (self.read(""), self.accounts.tokens(account_index=MASTER)):
            with self.refused(400, 20001, NO_AUTH):
                await read
        with self.refused(401, 20013, "invalid auth"):
            await self.accounts.change_account_tier(account_index=MASTER, new_tier="premium")

    async def test_expired(self):
        signer = await self.register()
        with self.refused(401, 20013, "invalid auth: expired token"):
            await self.read(self.token(signer, 1, timestamp=int(time.time()) - 60))

    async def test_negative_deadline(self):
        signer = await self.register()
        with self.refused(401, 20013):
            await self.read(self.token(signer, -100, timestamp=10))

    async def test_valid_for_too_long(self):
        signer = await self.register()
        with self.refused(401, 20013, "invalid auth: invalid deadline"):
            await self.read(self.token(signer, 8 * 3600 + 60))

    async def test_malformed(self):
        signer = await self.register()
        deadline, account, slot, signature = self.token(signer).split(":")
        for token in (
            "nonsense",
            f"Bearer {deadline}:{account}:{slot}:{signature}",
            f"{deadline}:{account}:{slot}",
            f"{deadline}:{account}:{slot}:{signature}:",
            f"+{deadline}:{account}:{slot}:{signature}",
            f"0{deadline}:{account}:{slot}:{signature}",
            f"{deadline}:{account}:255:{signature}",
            f"{deadline}:{account}:{slot}:{signature[:-2]}",
            f"{deadline}:{account}:{slot}:{signature.upper()}",
            f"{deadline}:{account}:{slot}:{'g' * 160}",
            "ro:nonsense",
        ):
            with self.subTest(token.replace(signature, "SIGNATURE")), self.refused(401, 20013, "invalid auth: invalid auth string"):
                await self.read(token)

    async def test_changed_after_signing(self):
        signer = await self.register()
        deadline, account, slot, signature = self.token(signer).split(":")
        flipped = ("0" if signature[0] != "0" else "1") + signature[1:]
        for token in (f"{int(deadline) + 1}:{account}:{slot}:{signature}", f"{deadline}:{account}:{slot}:{flipped}"):
            with self.refused(401, 20013, "invalid auth: invalid signature"):
                await self.read(token)

    async def test_signature_written_otherwise(self):
        signer = await self.register()
        message, signature = self.token(signer).rsplit(":", 1)
        for other in plus_the_order(bytes.fromhex(signature)):
            with self.refused(401, 20013, "invalid auth: invalid signature"):
                await self.read(f"{message}:{other.hex()}")
        await self.read(f"{message}:{signature}")

    async def test_of_a_slot_without_a_key(self):
        signer = self.signer(MASTER, {EMPTY_SLOT: new_key()[0]})
        with self.refused(401, 20013, "invalid auth: api key not found"):
            await self.read(self.token(signer))

    async def test_of_another_account(self):
        signer = await self.register()
        for account in (SUB, OTHER_MASTER):
            with self.refused(401, 20013, "invalid auth: account mismatch"):
                await self.read(self.token(signer), account)


class KeyChanges(Case):
    """ChangePubKey, whose answer the SDK raises as it is."""

    def send(self, tx_type, tx_info):
        return self.transactions.send_tx(tx_type=tx_type, tx_info=tx_info)

    async def own(self):
        """Signed as it should be: the new key in the transaction is the one that signs."""
        private_key, public_key = new_key()
        signer = self.signer(MASTER, {EMPTY_SLOT: private_key})
        tx_type, tx_info, _, error = signer.sign_change_api_key(OWNER, public_key, nonce=0, api_key_index=EMPTY_SLOT)
        self.assertIsNone(error)
        return tx_type, tx_info

    async def test_no_transaction_text(self):
        for text in ("{", "[]", "{}", '{"AccountIndex":"5"}'):
            with self.subTest(text), self.refused(400, 21501, "invalid tx info"):
                await self.send(8, text)

    async def test_unknown_account(self):
        tx_type, tx_info = await self.own()
        with self.refused(400, 21100, "account not found"):
            await self.send(tx_type, change(tx_info, AccountIndex=NOBODYS_ACCOUNT))

    async def test_slot_255(self):
        tx_type, tx_info = await self.own()
        with self.refused(400, 21110, "invalid api key index"):
            await self.send(tx_type, change(tx_info, ApiKeyIndex=255))

    async def test_bad_public_key(self):
        tx_type, tx_info = await self.own()
        zeros, ones = "A" * 54 + "==", "/" * 53 + "w=="
        for public_key in ("", "AAAA", zeros, ones):
            with self.subTest(public_key), self.refused(400, 21108):
                await self.send(tx_type, change(tx_info, PubKey=public_key))

    async def test_expired(self):
        tx_type, tx_info = await self.own()
        for expired_at in (0, int(time.time() * 1000) - 1000, 2**48):
            with self.refused(400, 21501, "invalid tx info"):
                await self.send(tx_type, change(tx_info, ExpiredAt=expired_at))

    async def test_bad_attributes(self):
        tx_type, tx_info = await self.own()
        for attributes in ({"4": 2}, {"99": 1}, {"x": 1}, {"1": 9, "2": 1, "3": 1, "4": 1, "8": 1}):
            with self.subTest(attributes), self.refused(400, 21501, "invalid tx info"):
                await self.send(tx_type, change(tx_info, L2TxAttributes=attributes))

    async def test_wrong_nonce(self):
        tx_type, tx_info = await self.own()
        with self.refused(400, 21104, "invalid nonce"):
            await self.send(tx_type, change(tx_info, Nonce=1))

    async def test_number_that_is_no_nonce(self):
        tx_type, tx_info = await self.own()
        for nonce in (-1, 2**48, 2**63 - 1):
            with self.subTest(nonce), self.refused(400, 21104, "invalid nonce"):
                await self.send(tx_type, change(tx_info, Nonce=nonce))
            with self.subTest(nonce), self.refused(400, 21501, "invalid tx info"):
                await self.send(tx_type, change(tx_info, Nonce=nonce, ExpiredAt=int(time.time() * 1000) - 1000))

    async def test_signature_written_otherwise(self):
        tx_type, tx_info = await self.own()
        for other in plus_the_order(base64.b64decode(json.loads(tx_info)["Sig"])):
            with self.refused(400, 21120, "invalid signature"):
                await self.send(tx_type, change(tx_info, Sig=base64.b64encode(other).decode()))

    async def test_signed_by_another_key_than_the_new_one(self):
        signer = self.signer(MASTER, {EMPTY_SLOT: new_key()[0]})
        tx_type, tx_info, _, error = signer.sign_change_api_key(OWNER, new_key()[1], nonce=0, api_key_index=EMPTY_SLOT)
        self.assertIsNone(error)
        with self.refused(400, 21120, "invalid signature"):
            await self.send(tx_type, tx_info)

    async def test_signed_for_another_chain(self):
        private_key, public_key = new_key()
        signer = self.signer(MASTER, {EMPTY_SLOT: private_key}, chain_id=300)
        tx_type, tx_info, _, error = signer.sign_change_api_key(OWNER, public_key, nonce=0, api_key_index=EMPTY_SLOT)
        self.assertIsNone(error)
        with self.refused(400, 21120, "invalid signature"):
            await self.send(tx_type, tx_info)

    async def test_not_signed_by_the_owner(self):
        private_key, public_key = new_key()
        signer = self.signer(MASTER, {EMPTY_SLOT: private_key})
        with self.refused(400, 21504, "fail to l1 signature"):
            await signer.change_api_key(OTHER_OWNER, public_key, api_key_index=EMPTY_SLOT)
        tx_type, tx_info = await self.own()
        for signature in ("", "0x", "0x" + "00" * 65):
            with self.subTest(signature), self.refused(400, 21504, "fail to l1 signature"):
                await self.send(tx_type, change(tx_info, L1Sig=signature))

    async def test_account_without_collateral(self):
        private_key, public_key = new_key()
        signer = self.signer(UNFUNDED, {EMPTY_SLOT: private_key})
        with self.refused(400, 21126, "Account with zero collateral can't change PublicKey"):
            await signer.change_api_key(OTHER_OWNER, public_key, api_key_index=EMPTY_SLOT)

    async def test_account_that_sends_nothing(self):
        private_key, public_key = new_key()
        signer = self.signer(INSURANCE_FUND, {EMPTY_SLOT: private_key})
        with self.refused(400, 21511, "invalid tx type for account"):
            await signer.change_api_key(OTHER_OWNER, public_key, api_key_index=EMPTY_SLOT)

    async def test_nothing_of_all_this_left_a_trace(self):
        self.assertEqual((await self.transactions.next_nonce(account_index=MASTER, api_key_index=EMPTY_SLOT)).nonce, 0)


class Orders(Case):
    async def test_slot_without_a_key(self):
        signer = self.signer(MASTER, {EMPTY_SLOT: new_key()[0]})
        self.assertOrderRefused(await self.order(signer), 21108, "invalid PublicKey,please run changePubKey")

    async def test_signature_of_another_key(self):
        signer = await self.register()
        impostor = self.signer(MASTER, {signer.slot: new_key()[0]})
        self.assertOrderRefused(await self.order(impostor), 21120, "invalid signature")

    async def test_changed_after_signing(self):
        signer = await self.register()
        tx_type, tx_info, _ = self.signed_order(signer, 1)
        for members in ({"Price": 2001}, {"BaseAmount": 1}, {"IsAsk": 1}, {"MarketIndex": 1}, {"L2TxAttributes": {"4": 1}}):
            with self.subTest(members), self.refused(400, 21120, "invalid signature"):
                await signer.send_tx(tx_type, change(tx_info, **members))

    async def test_types_that_the_sandbox_does_not_have(self):
        signer = await self.register()
        for tx_type, tx_info, _, error in (
            signer.sign_create_sub_account(nonce=1, api_key_index=signer.slot),
            signer.sign_withdraw(signer.ASSET_ID_USDC, signer.ROUTE_PERP, 1000, nonce=1, api_key_index=signer.slot),
        ):
            self.assertIsNone(error)
            with self.subTest(tx_type), self.refused(400, 21505, "unsupported tx type"):
                await signer.send_tx(tx_type, tx_info)

    async def test_expired(self):
        signer = await self.register()
        tx_type, tx_info, _ = self.signed_order(signer, 1)
        with self.refused(400, 21501, "invalid tx info"):
            await signer.send_tx(tx_type, change(tx_info, ExpiredAt=int(time.time() * 1000) - 1000))


class Batches(Case):
    def send(self, types, infos):
        return self.transactions.send_tx_batch(tx_types=json.dumps(types), tx_infos=json.dumps(infos))

    async def test_nonces_with_a_gap_or_out_of_order(self):
        signer = await self.register()
        for nonces in ((1, 3), (2, 1), (1, 1)):
            signed = [self.signed_order(signer, nonce) for nonce in nonces]
            with self.subTest(nonces), self.refused(400, 21105, "batch transaction nonce is not increasing"):
                await self.send([14, 14], [tx_info for _, tx_info, _ in signed])
        self.assertEqual(await self.next_nonce(signer), 1)

    async def test_two_slots(self):
        signers = [await self.register(), await self.register()]
        signed = [self.signed_order(signer, 1) for signer in signers]
        message = "all transactions in the batch must have use same account and apikey"
        with self.refused(400, 21121, message):
            await self.send([14, 14], [tx_info for _, tx_info, _ in signed])

    async def test_lengths_that_differ(self):
        signer = await self.register()
        _, tx_info, _ = self.signed_order(signer, 1)
        with self.refused(400, 21513, "TxInfos and TxTypes should have the same length"):
            await self.send([14, 14], [tx_info])

    async def test_more_than_fifty(self):
        signer = await self.register()
        signed = [self.signed_order(signer, nonce)[1] for nonce in range(1, 52)]
        with self.refused(400, 21514, "maximum 50 transactions allowed per batch"):
            await self.send([14] * 51, signed)
        self.assertEqual(await self.next_nonce(signer), 1)

    async def test_one_bad_transaction_refuses_all(self):
        signer = await self.register()
        first, second, third = (self.signed_order(signer, nonce)[1] for nonce in (1, 2, 3))
        with self.refused(400, 21120, "invalid signature"):
            await self.send([14] * 3, [first, change(second, Price=1), third])
        self.assertEqual(await self.next_nonce(signer), 1)
        self.assertEqual((await self.send([14] * 3, [first, second, third])).code, 200)

    async def test_no_json(self):
        for types, infos in (("14", "[]"), ("[14]", "x"), ("[]", "[]"), ("[14]", "[{}]")):
            status, body = await self.raw("POST", "/api/v1/sendTxBatch", form=[("tx_types", types), ("tx_infos", infos)])
            with self.subTest((types, infos)):
                self.assertEqual(status, 400, body)
                self.assertIn(body["code"], (20001, 21501), body)


if __name__ == "__main__":
    unittest.main(verbosity=2)
