// What wallets and their libraries answer. Standard input is a JSON array of questions, standard output one of answers,
// in the same order. Bytes are hexadecimal. The packages are those in the folder KEYWARD_NODE_MODULES.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

const installed = createRequire(path.join(process.env.KEYWARD_NODE_MODULES, 'wallet.cjs'));
const nacl = installed('tweetnacl');
const bs58 = installed('bs58').default;
const signIn = installed('@solana/wallet-standard-util');
const offchain = installed('@solana/offchain-messages');

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (bytes) => Buffer.from(bytes).toString('hex');

const answers = {
  sign({ seed, message }) {
    const pair = nacl.sign.keyPair.fromSeed(bytes(seed));
    return { publicKey: hex(pair.publicKey), signature: hex(nacl.sign.detached(bytes(message), pair.secretKey)) };
  },
  verify({ publicKey, message, signature }) {
    return nacl.sign.detached.verify(bytes(message), bytes(signature), bytes(publicKey));
  },
  toBase58({ data }) {
    return bs58.encode(bytes(data));
  },
  fromBase58({ text }) {
    const decoded = bs58.decodeUnsafe(text);
    return decoded === undefined ? null : hex(decoded);
  },
  createSignIn({ input }) {
    return signIn.createSignInMessageText(input);
  },
  parseSignIn({ text }) {
    return signIn.parseSignInMessageText(text);
  },
  encodeOffchain({ applicationDomain, signers, format, text }) {
    const message = {
      version: 0,
      applicationDomain,
      content: { format, text },
      requiredSignatories: signers.map((address) => ({ address })),
    };
    return hex(offchain.getOffchainMessageV0Encoder().encode(message));
  },
  decodeOffchain({ data }) {
    const message = offchain.getOffchainMessageV0Decoder().decode(bytes(data));
    return {
      applicationDomain: message.applicationDomain,
      signers: message.requiredSignatories.map(({ address }) => address),
      format: message.content.format,
      text: message.content.text,
    };
  },
};

const questions = JSON.parse(fs.readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(questions.map(({ ask, ...rest }) => answers[ask](rest))));
