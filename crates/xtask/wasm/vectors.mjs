// The vectors of the Rust tests against a module with the feature `vectors`: node vectors.mjs MODULE

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { Signer } from "./module.mjs";

const signer = await Signer.load(process.argv[2]);

const fromHex = (text) => Buffer.from(text.replace(/^0x/, ""), "hex");

// As many as there are in the file, which is not to shrink unnoticed.
function cases(file, name, count) {
  const vectors = JSON.parse(readFileSync(new URL(`../../keyward-schnorr/tests/vectors/${file}.json`, import.meta.url)));
  assert.equal(vectors[name].length, count, `${file}.json: ${name}`);
  return vectors[name];
}

let checks = 0;
const equal = (actual, expected, what) => {
  assert.deepEqual(actual, expected, what);
  checks += 1;
};

for (const { private_key, public_key } of cases("keys", "keys", 132)) {
  equal(signer.publicKey(fromHex(private_key)), fromHex(public_key), private_key);
}

for (const { name, sk, k, message_hash, public_key, signature } of cases("schnorr", "signatures", 140)) {
  const [key, message] = [fromHex(sk), fromHex(message_hash)];
  if (name === "sk zero") {
    equal(signer.publicKey(key), undefined, name);
    equal(signer.signWithEphemeral(key, message, fromHex(k)), undefined, name);
    continue;
  }
  equal(signer.publicKey(key), fromHex(public_key), name);
  equal(signer.signWithEphemeral(key, message, fromHex(k)), fromHex(signature), name);
  equal(signer.verifies(fromHex(public_key), message, fromHex(signature)), true, name);
}

// What a verifier must refuse, whatever the official one does.
for (const { name, public_key, message_hash, signature } of cases("schnorr", "verify", 44)) {
  const [key, message, bytes] = [public_key, message_hash, signature].map(fromHex);
  if (key.length === 40 && message.length === 40 && bytes.length === 80) {
    equal(signer.verifies(key, message, bytes), false, name);
  }
}

// The official signer's tokens, and ours for the same.
for (const vector of cases("tokens", "tokens", 324)) {
  const { private_key, public_key, token, message_hash } = vector;
  const verifies = (token) => {
    const [, text, signature] = /^(.*):([0-9a-f]{160})$/.exec(token);
    const hash = signer.hashText(text);
    equal(hash, fromHex(message_hash), text);
    return signer.verifies(fromHex(public_key), hash, fromHex(signature));
  };
  equal(verifies(token), true, token);
  const randomness = Buffer.alloc(32, checks);
  // From the text, since a number of JSON has 53 bits here.
  const [deadline, accountIndex, apiKeyIndex] = token.split(":").slice(0, 3).map(BigInt);
  const ours = signer.token(fromHex(private_key), randomness, deadline, accountIndex, Number(apiKeyIndex));
  // The official signer goes below 0.
  if (deadline < 0 || accountIndex < 0) {
    equal(ours, undefined, token);
  } else {
    equal(ours?.length, token.length, token);
    equal(verifies(ours), true, ours);
  }
}

console.log(`${checks} checks passed`);
