//! The scripts, each with its digest.

use std::sync::LazyLock;

use redis::Script;

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
