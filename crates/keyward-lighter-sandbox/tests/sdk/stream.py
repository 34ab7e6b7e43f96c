"""WebSocket: the SDK's client for what is public, its WebSocket library for what takes a token."""

import asyncio
import json
import unittest

import websockets
from lighter import WsClient
from support import MASTER, OTHER_MASTER, OWNER, SUB, URL, Case, new_key

STREAM = URL.replace("http://", "ws://") + "/stream"


class Stream(Case):
    async def connect(self, path=""):
        socket = await websockets.connect(STREAM + path)
        self.addAsyncCleanup(socket.close)
        opening = json.loads(await socket.recv())
        self.assertEqual(opening["type"], "connected")
        self.assertRegex(opening["session_id"], "^[0-9a-f-]{36}$")
        return socket

    async def ask(self, socket, message):
        await socket.send(message if isinstance(message, str) else json.dumps(message))
        return json.loads(await asyncio.wait_for(socket.recv(), 30))

    def subscribe(self, socket, channel, **members):
        return self.ask(socket, {"type": "subscribe", "channel": channel} | members)

    def assertError(self, answer, code, message):
        self.assertEqual(answer["error"], {"code": code, "message": message})

    async def test_client_of_the_sdk_sees_its_account(self):
        seen = asyncio.get_running_loop().create_future()
        client = WsClient(
            ws_url=STREAM, account_ids=[MASTER], on_account_update=lambda account, state: seen.set_result((account, state))
        )
        running = asyncio.create_task(client.run_async())
        account, state = await asyncio.wait_for(seen, 30)
        running.cancel()
        await client.ws.close()
        self.assertEqual((account, state["channel"]), (str(MASTER), f"account_all:{MASTER}"))

    async def test_client_of_the_sdk_that_waits_in_a_thread_sees_order_books_too(self):
        seen = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def note(what, state):
            loop.call_soon_threadsafe(seen.put_nowait, (what, state))

        client = WsClient(
            ws_url=STREAM,
            order_book_ids=[0, 1],
            account_ids=[MASTER],
            on_order_book_update=note,
            on_account_update=note,
        )
        running = asyncio.create_task(asyncio.to_thread(client.run))
        updates = [await asyncio.wait_for(seen.get(), 30) for _ in range(3)]
        client.ws.close()
        await running
        self.assertEqual([what for what, _ in updates], ["0", "1", str(MASTER)])
        for _, book in updates[:2]:
            self.assertEqual((book["asks"], book["bids"]), ([], []))

    async def test_ping_is_answered(self):
        for path in ("", "?readonly=true"):
            socket = await self.connect(path)
            self.assertEqual(await self.ask(socket, {"type": "ping"}), {"type": "pong"})

    async def test_gated_channel_opens_with_a_token(self):
        signer = await self.register()
        socket = await self.connect()
        answer = await self.subscribe(socket, f"account_all_orders/{MASTER}", auth=self.token(signer))
        self.assertEqual((answer["type"], answer["channel"]), ("subscribed/account_all_orders", f"account_all_orders:{MASTER}"))

    async def test_refused_subscription_leaves_the_socket_open(self):
        signer = await self.register()
        channel, named = f"account_all_orders/{MASTER}", f"account_all_orders:{MASTER}"
        socket = await self.connect()
        self.assertError(
            await self.subscribe(socket, channel), 20001, f"invalid param : auth field is required: {named}"
        )
        expired = self.token(signer, 1, timestamp=1_700_000_000)
        self.assertError(
            await self.subscribe(socket, channel, auth=expired), 20013, f"invalid auth: expired token: {named}"
        )
        too_long = self.token(signer, 9 * 3600)
        self.assertError(
            await self.subscribe(socket, channel, auth=too_long), 20013, f"invalid auth: invalid deadline: {named}"
        )
        self.assertError(
            await self.subscribe(socket, channel, auth="x"), 20013, f"invalid auth: invalid auth string: {named}"
        )
        for account in (SUB, OTHER_MASTER):
            answer = await self.subscribe(socket, f"account_all_orders/{account}", auth=self.token(signer))
            self.assertEqual(answer["error"]["code"], 20013)
        answer = await self.subscribe(socket, channel, auth=self.token(signer))
        self.assertEqual(answer["type"], "subscribed/account_all_orders")

    async def test_malformed_messages_have_codes(self):
        socket = await self.connect()
        for message, code in (
            ("{", 30000),
            ({"type": "nonsense"}, 30001),
            ({"type": "unsubscribe", "channel": "height"}, 30002),
            ({"type": "subscribe", "channel": "nonsense"}, 30005),
        ):
            with self.subTest(message):
                self.assertEqual((await self.ask(socket, message))["error"]["code"], code)
        self.assertEqual((await self.subscribe(socket, "height"))["type"], "subscribed/height")
        self.assertError(await self.subscribe(socket, "height"), 30003, "Already Subscribed to : height")

    async def test_rotation_ends_the_old_token_for_new_subscriptions(self):
        signer = await self.register()
        token = self.token(signer)
        before = await self.connect()
        channel = f"account_all_orders/{MASTER}"
        self.assertEqual((await self.subscribe(before, channel, auth=token))["type"], "subscribed/account_all_orders")
        private_key, public_key = new_key()
        _, error = await self.signer(MASTER, {signer.slot: private_key}).change_api_key(
            OWNER, public_key, api_key_index=signer.slot
        )
        self.assertIsNone(error)
        after = await self.connect()
        self.assertEqual((await self.subscribe(after, channel, auth=token))["error"]["code"], 20013)
        # The token is read when one subscribes, and only then.
        self.assertEqual(await self.ask(before, {"type": "ping"}), {"type": "pong"})

    async def test_transactions_are_taken_over_the_socket(self):
        signer = await self.register()
        socket = await self.connect()
        tx_type, tx_info, tx_hash = self.signed_order(signer, 1)
        message = {"type": "jsonapi/sendtx", "data": {"id": "first", "tx_type": tx_type, "tx_info": json.loads(tx_info)}}
        answer = await self.ask(socket, message)
        self.assertIn(tx_hash, json.dumps(answer))
        self.assertEqual(await self.next_nonce(signer), 2)
        self.assertIn("21104", json.dumps(await self.ask(socket, message)))

        batch = [self.signed_order(signer, nonce) for nonce in (2, 3)]
        data = {"tx_types": json.dumps([it[0] for it in batch]), "tx_infos": json.dumps([it[1] for it in batch])}
        answer = await self.ask(socket, {"type": "jsonapi/sendtxbatch", "data": data})
        for _, _, tx_hash in batch:
            self.assertIn(tx_hash, json.dumps(answer))
        self.assertEqual(await self.next_nonce(signer), 4)

        batch = [self.signed_order(signer, nonce) for nonce in range(4, 55)]
        data = {"tx_types": json.dumps([14] * 51), "tx_infos": json.dumps([it[1] for it in batch])}
        self.assertIn("21514", json.dumps(await self.ask(socket, {"type": "jsonapi/sendtxbatch", "data": data})))
        data = {"tx_types": json.dumps([14] * 50), "tx_infos": json.dumps([it[1] for it in batch[:50]])}
        await self.ask(socket, {"type": "jsonapi/sendtxbatch", "data": data})
        self.assertEqual(await self.next_nonce(signer), 54)


if __name__ == "__main__":
    unittest.main(verbosity=2)
