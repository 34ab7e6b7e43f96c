// The module, with bytes and text in the place of its buffer.

import { readFileSync } from "node:fs";

export class Signer {
  static async load(path) {
    const { instance } = await WebAssembly.instantiate(readFileSync(path), {});
    return new Signer(instance.exports);
  }

  constructor(exports) {
    this.exports = exports;
    this.start = exports.buffer();
  }

  publicKey(privateKey) {
    return this.call("public_key", [privateKey]);
  }

  token(privateKey, randomness, deadline, accountIndex, apiKeyIndex) {
    const text = this.call("token", [privateKey, randomness], BigInt(deadline), BigInt(accountIndex), apiKeyIndex);
    return text?.toString("ascii");
  }

  hashText(text) {
    return this.call("hash_text", [Buffer.from(text)], Buffer.byteLength(text));
  }

  signWithEphemeral(privateKey, message, k) {
    return this.call("sign_with_ephemeral", [privateKey, message, k]);
  }

  verifies(publicKey, message, signature) {
    return this.call("verify", [publicKey, message, signature]) !== undefined;
  }

  // The result of a function for these bytes, one after the other; undefined where it refuses.
  call(name, inputs, ...numbers) {
    const bytes = Buffer.concat(inputs);
    // Asked for each time: memory that has grown is another one.
    new Uint8Array(this.exports.memory.buffer).set(bytes, this.start);
    const length = this.exports[name](...numbers);
    const result = Buffer.from(this.exports.memory.buffer, this.start, Math.max(length, bytes.length));
    const copy = Buffer.from(result.subarray(0, length));
    // No key stays behind.
    result.fill(0);
    return length === 0 ? undefined : copy;
  }
}
