//! The scripts, and calls of them.

use std::sync::LazyLock;

use redis::{Cmd, ToRedisArgs};

macro_rules! scripts {
    ($($name:ident: $file:literal;)*) => {$(
        pub(crate) static $name: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!(concat!("lua/", $file))));
    )*};
}

scripts! {
    APPLY: "apply.lua";
    CLAIM: "claim.lua";
    DROP: "drop.lua";
    DUE: "due.lua";
    DUE_MOVE: "due_move.lua";
    FENCE: "fence.lua";
    FORGET: "forget.lua";
    HIT: "hit.lua";
    LEASE: "lease.lua";
    PRUNE: "prune.lua";
    PUT_KEY: "put_key.lua";
    RECORD: "record.lua";
    SET_WINDOW: "set_window.lua";
    UNLIST: "unlist.lua";
}

/// A script, which servers know by its digest once they have run it.
pub(crate) struct Script {
    source: &'static str,
    digest: String,
}

impl Script {
    fn new(source: &'static str) -> Self {
        Self { source, digest: redis::Script::new(source).get_hash().to_owned() }
    }

    /// Begins a call with the first of its keys, which says where it goes: all others are in the same slot.
    pub(crate) fn key(&self, name: impl Into<String>) -> Call<'_> {
        Call { script: self, keys: vec![name.into()], args: Vec::new() }
    }
}

/// A call of a script.
pub(crate) struct Call<'a> {
    script: &'a Script,
    keys: Vec<String>,
    args: Vec<Vec<u8>>,
}

impl Call<'_> {
    pub(crate) fn key(&mut self, name: impl Into<String>) -> &mut Self {
        self.keys.push(name.into());
        self
    }

    pub(crate) fn arg(&mut self, arg: impl ToRedisArgs) -> &mut Self {
        arg.write_redis_args(&mut self.args);
        self
    }

    /// The key that says where it goes.
    pub(crate) fn first_key(&self) -> &str {
        &self.keys[0]
    }

    pub(crate) fn by_digest(&self) -> Cmd {
        self.command("EVALSHA", &self.script.digest)
    }

    pub(crate) fn by_source(&self) -> Cmd {
        self.command("EVAL", self.script.source)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(&self.keys).arg(&self.args);
        command
    }
}
