//! A venue to register keys at: `keyward lighter sandbox` in a process of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::workbench::{BINARY, Run, Workbench};

/// The Ethereum key that owns the accounts, and its address.
pub(crate) const OWNER_KEY: &str = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
pub(crate) const OWNER: &str = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";

/// Another one, without accounts there; the sandbox's own accounts are its.
pub(crate) const STRANGER_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// The owner's main account, and the first of its sub-accounts.
pub(crate) const MAIN: &str = "5";
pub(crate) const SUB: &str = "281474976710654";

/// A running venue; it ends with its value.
pub(crate) struct Venue {
    child: Child,
    pub(crate) url: String,
}

impl Venue {
    /// A premium main account with `subs` sub-accounts, and what else the sandbox is to be told.
    pub(crate) fn start(subs: usize, arguments: &str) -> Self {
        let mut accounts = vec![json!({ "l1_address": OWNER, "index": 5, "tier": "premium" })];
        accounts.extend((0..subs).map(|_| json!({ "l1_address": OWNER })));
        Self::start_with(&json!({ "accounts": accounts }), arguments)
    }

    pub(crate) fn start_with(seed: &Value, arguments: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let seed_file = folder.path().join("seed.json");
        fs::write(&seed_file, seed.to_string()).unwrap();
        Self::spawn(&format!("--seed {} {arguments}", seed_file.display()))
    }

    /// The sandbox on a free port; without `arguments` it has accounts of [`STRANGER_KEY`].
    pub(crate) fn spawn(arguments: &str) -> Self {
        let mut child = Command::new(BINARY)
            .args(["lighter", "sandbox", "--port", "0"])
            .args(arguments.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let mut stderr = child.stderr.take().unwrap();
        // Nobody may wait for a full pipe.
        thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
        thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        let url = line.trim_end().strip_prefix("export LIGHTER_URL=").expect("the venue runs").to_owned();
        Self { child, url }
    }

    /// `keyward lighter COMMAND` at this venue, with the owner's key.
    pub(crate) fn keyward(&self, bench: &Workbench, command: &str) -> Run {
        at(&self.url, bench, command)
    }

    /// What `keyward lighter COMMAND --json` prints, a value for each line.
    #[track_caller]
    pub(crate) fn json(&self, bench: &Workbench, command: &str) -> Vec<Value> {
        let printed = self.keyward(bench, &format!("{command} --json")).prints();
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The key that the venue shows for a slot, and the slot's next nonce.
    #[track_caller]
    pub(crate) fn key(&self, bench: &Workbench, account: &str, slot: u8) -> (Option<String>, u64) {
        // Whatever venue a config in the folder is for.
        let here = format!("--url {}", self.url);
        let keys = self.json(bench, &format!("keys {account} {here}"));
        let key = keys.iter().find(|key| key["api_key_index"] == slot);
        let public_key = key.and_then(|key| key["public_key"].as_str()).map(str::to_owned);
        let nonce = self.keyward(bench, &format!("nonce {account} {slot} {here}")).prints();
        (public_key, nonce.trim_end().parse().unwrap())
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `keyward lighter COMMAND` at the venue `url`, with the owner's key.
pub(crate) fn at(url: &str, bench: &Workbench, command: &str) -> Run {
    bench.keyward(&format!("lighter {command}")).env("LIGHTER_URL", url).env("ETH_PRIVATE_KEY", OWNER_KEY)
}

/// A folder without a config.
pub(crate) fn empty_bench() -> Workbench {
    let bench = Workbench::new();
    fs::remove_file(bench.path("config.json")).unwrap();
    bench
}

/// The accounts, slots and public keys of a config.
pub(crate) fn config_keys(bench: &Workbench) -> Vec<(String, u64, String)> {
    let config: Value = serde_json::from_str(&bench.read("config.json")).unwrap();
    let accounts = config["ACCOUNTS"].as_array().unwrap();
    let key = |account: &Value| {
        let private_key = account["api_key_private_key"].as_str().unwrap();
        let public_key = bench.keyward("lighter public-key").input(private_key).prints();
        let account_index = account["account_index"].as_u64().unwrap().to_string();
        (account_index, account["api_key_index"].as_u64().unwrap(), public_key.trim_end().to_owned())
    };
    accounts.iter().map(key).collect()
}
