//! The keys of Redis. What stands in braces decides about the slot of a cluster that a key is in: all that belongs to one root
//! account has its tag there, and is in one slot.

use std::fmt::Write as _;

use keyward_apikey::{KeyDigest, KeyId, KeyStatus, LinkDigest, WalletAddress};
use keyward_ledger::{AccountId, OperationId};
use keyward_store::CounterId;

/// In how many parts those listings are kept that do not belong to one root account: one for each first digit of an id, so
/// that the parts one after the other have the order of the ids.
pub(crate) const SHARDS: u8 = 16;

/// Makes the names, all with the store's prefix.
#[derive(Debug)]
pub(crate) struct Names {
    prefix: String,
}

/// The first eight bytes of an id.
pub(crate) type Tag = [u8; 8];

impl Names {
    pub(crate) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn schema(&self) -> String {
        format!("{}:schema", self.prefix)
    }

    fn tagged(&self, tag: Tag, rest: std::fmt::Arguments<'_>) -> String {
        let mut name = String::with_capacity(96);
        name.push_str(&self.prefix);
        name.push_str(":{");
        for byte in tag {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        let _ = write!(name, "}}:{rest}");
        name
    }

    /// A key's record: a hash.
    pub(crate) fn key(&self, id: KeyId) -> String {
        self.tagged(id.tag(), format_args!("key:{id}"))
    }

    /// The keys of an account: a sorted set of ids.
    pub(crate) fn account_keys(&self, account: AccountId) -> String {
        self.tagged(account.tag(), format_args!("keys:{account}"))
    }

    /// What attempts that were given up are kept out with: a number.
    pub(crate) fn fence(&self, tag: Tag) -> String {
        self.tagged(tag, format_args!("fence"))
    }

    /// An account's record: a hash.
    pub(crate) fn account(&self, id: AccountId) -> String {
        self.tagged(id.tag(), format_args!("acct:{id}"))
    }

    /// An account's journal: a hash from numbers to entries, or below a root account to their numbers in the root's.
    pub(crate) fn journal(&self, account: AccountId) -> String {
        self.tagged(account.tag(), format_args!("jrn:{account}"))
    }

    /// What is remembered of an operation: a text.
    pub(crate) fn operation(&self, tag: Tag, id: OperationId) -> String {
        self.tagged(tag, format_args!("op:{id}"))
    }

    /// A reservation: a text.
    pub(crate) fn reservation(&self, tag: Tag, id: OperationId) -> String {
        self.tagged(tag, format_args!("rsv:{id}"))
    }

    /// A refund: a text.
    pub(crate) fn refund(&self, tag: Tag, id: OperationId) -> String {
        self.tagged(tag, format_args!("rfd:{id}"))
    }

    /// The open reservations of a tag, by deadline: a sorted set.
    pub(crate) fn open_reservations(&self, tag: Tag) -> String {
        self.tagged(tag, format_args!("due"))
    }

    /// Where a tag is registered as having open reservations: a hash.
    pub(crate) fn registration(&self, tag: Tag) -> String {
        self.tagged(tag, format_args!("duereg"))
    }

    /// A counter: a hash.
    pub(crate) fn counter(&self, id: &CounterId) -> String {
        self.tagged(id.key.tag(), format_args!("cnt:{}:{}", id.key, id.name))
    }

    /// A counter's leases: a hash.
    pub(crate) fn leases(&self, id: &CounterId) -> String {
        self.tagged(id.key.tag(), format_args!("lease:{}:{}", id.key, id.name))
    }

    /// The order of a key's activities: a sorted set.
    pub(crate) fn activity_order(&self, key: KeyId) -> String {
        self.tagged(key.tag(), format_args!("actord:{key}"))
    }

    /// A key's activities: a hash.
    pub(crate) fn activities(&self, key: KeyId) -> String {
        self.tagged(key.tag(), format_args!("act:{key}"))
    }

    /// The pointer from a secret's digest: a text.
    pub(crate) fn digest(&self, digest: &KeyDigest) -> String {
        format!("{}:digest:{digest}", self.prefix)
    }

    /// The pointer from a link's digest: a text.
    pub(crate) fn link(&self, digest: &LinkDigest) -> String {
        format!("{}:link:{digest}", self.prefix)
    }

    /// The keys that are bound to a wallet: a sorted set.
    pub(crate) fn wallet(&self, wallet: &WalletAddress) -> String {
        format!("{}:wallet:{wallet}", self.prefix)
    }

    /// All keys of a shard: a sorted set.
    pub(crate) fn all(&self, shard: u8) -> String {
        format!("{}:{{s{shard:x}}}:all", self.prefix)
    }

    /// The keys of a shard with a status: a sorted set.
    pub(crate) fn status(&self, shard: u8, status: KeyStatus) -> String {
        format!("{}:{{s{shard:x}}}:{status}", self.prefix)
    }

    /// The tags of a shard that have open reservations, by the earliest deadline: a sorted set.
    pub(crate) fn due(&self, shard: u8) -> String {
        format!("{}:{{s{shard:x}}}:due", self.prefix)
    }

    /// The days of a shard's keys that have activities: a sorted set.
    pub(crate) fn days(&self, shard: u8) -> String {
        format!("{}:{{s{shard:x}}}:days", self.prefix)
    }
}

/// The shard of an id, by its first digit.
pub(crate) const fn shard(tag: Tag) -> u8 {
    tag[0] >> 4
}

/// A tag as 16 digits.
pub(crate) fn print_tag(tag: Tag) -> String {
    tag.iter().fold(String::with_capacity(16), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The tag of 16 digits.
pub(crate) fn parse_tag(text: &str) -> Option<Tag> {
    let mut tag = Tag::default();
    let bytes = base16ct::lower::decode(text, &mut tag).ok()?;
    (bytes.len() == 8).then_some(tag)
}
