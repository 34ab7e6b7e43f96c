// The size of a module and what a token takes, and beside it the official signer's, compiled from its Go code:
// node time.mjs MODULE [FOLDER with lighter-signer.wasm and wasm_exec.js]

import { webcrypto, randomFillSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

import { Signer } from "./module.mjs";

const DEADLINE = 1_795_248_000;
const [ACCOUNT_INDEX, API_KEY_INDEX] = [5, 253];
const SAMPLES = 51;
const SAMPLE_MICROSECONDS = 20_000;

const size = (path) => {
  const module = readFileSync(path);
  const kilobytes = (length) => `${(length / 1000).toFixed(0)} kB`;
  return `${kilobytes(module.length)}, ${kilobytes(gzipSync(module, { level: 9 }).length)} with gzip`;
};

// Microseconds that each of `count` calls takes.
function sample(makeToken, count) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i += 1) {
    makeToken();
  }
  return Number(process.hrtime.bigint() - start) / 1000 / count;
}

// One sample of each in turn, so that what else the machine does falls on both.
function measure(signers) {
  for (const signer of signers) {
    signer.count = Math.ceil(SAMPLE_MICROSECONDS / sample(signer.makeToken, 20));
    signer.times = [];
  }
  for (let i = 0; i < SAMPLES; i += 1) {
    for (const { makeToken, count, times } of signers) {
      times.push(sample(makeToken, count));
    }
  }
  for (const { name, path, times } of signers) {
    times.sort((a, b) => a - b);
    const [least, median] = [times[0], times[(SAMPLES - 1) / 2]].map((time) => `${time.toFixed(1)} µs`);
    console.log(`${name}: ${size(path)}; a token: least ${least}, median ${median}`);
  }
}

async function ours(path) {
  const signer = await Signer.load(path);
  const key = Buffer.alloc(40, 0x5a);
  const randomness = Buffer.alloc(32);
  const makeToken = () => signer.token(key, randomFillSync(randomness), DEADLINE, ACCOUNT_INDEX, API_KEY_INDEX);
  return { name: "keyward", path, makeToken };
}

// The program never ends, and leaves its functions behind as global ones.
async function official(folder) {
  const require = createRequire(import.meta.url);
  Object.assign(globalThis, { require, fs: require("node:fs"), path: require("node:path") });
  globalThis.crypto ??= webcrypto;
  // A path without its beginning would be one of a package.
  require(resolve(folder, "wasm_exec.js"));
  const path = join(folder, "lighter-signer.wasm");
  const go = new globalThis.Go();
  const { instance } = await WebAssembly.instantiate(readFileSync(path), go.importObject);
  go.run(instance);
  const refused = ({ error }) => {
    if (error) {
      throw new Error(`the official signer: ${error}`);
    }
  };
  refused(globalThis.CreateClient(`0x${"5a".repeat(40)}`, ACCOUNT_INDEX, API_KEY_INDEX, 304));
  refused(globalThis.CreateAuthToken(DEADLINE));
  return { name: "official", path, makeToken: () => globalThis.CreateAuthToken(DEADLINE) };
}

const [module, folder] = process.argv.slice(2);
measure([await ours(module), ...(folder === undefined ? [] : [await official(folder)])]);
console.log(`${SAMPLES} samples of ${SAMPLE_MICROSECONDS / 1000} ms or more each; Node ${process.version}`);
process.exit(0);
