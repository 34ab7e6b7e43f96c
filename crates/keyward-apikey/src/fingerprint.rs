use keyward_ledger::Fingerprint;
use keyward_time::UnixMillis;
use sha2::{Digest, Sha256};

use crate::{Activation, Allowlist, KeyAction, KeyUpdate, LimitOverrides, NewKey, NewLink, NewSecret, Scopes};

const LABEL: &[u8] = b"keyward/key-operation/v1\0";

/// What tells an action from any other, and is kept of it: the first 16 bytes of SHA-256 over its fields.
///
/// Records hold it, so it never changes: `keyward/key-operation/v1` and a zero byte; a byte for the kind; the fields in the
/// order of their declaration. A text, in its `Display` form where it is none by itself, has 8 bytes with its length in front; a
/// number has 8 bytes; both big-endian. A field that may be missing has a byte, 0 or 1, in front; a list 8 bytes for its length.
pub(crate) fn fingerprint(action: &KeyAction) -> Fingerprint {
    let mut fields = Fields(Sha256::new_with_prefix(LABEL));
    match action {
        KeyAction::Create(new) => fields.kind(0).new_key(new),
        KeyAction::CreateLink { key, link } => fields.kind(1).shown(key).new_link(link),
        KeyAction::Bind { link, wallet } => fields.kind(2).shown(link).shown(wallet),
        KeyAction::AddWallet { key, link, wallet } => fields.kind(3).shown(key).shown(link).shown(wallet),
        KeyAction::RecordWrongSignature { link } => fields.kind(4).shown(link),
        KeyAction::UnbindWallet { key, wallet } => fields.kind(5).shown(key).shown(wallet),
        KeyAction::Rotate { key, secret, expected, grace } => {
            fields.kind(6).shown(key).new_secret(secret).number(expected.as_u64()).number(grace.as_secs().into())
        }
        KeyAction::Rehash { key, from, to } => fields.kind(7).shown(key).shown(from).shown(to),
        KeyAction::Revoke { key } => fields.kind(8).shown(key),
        KeyAction::Update { key, update } => fields.kind(9).shown(key).update(update),
    };
    let digest = fields.0.finalize();
    Fingerprint::from_bytes(core::array::from_fn(|at| digest[at]))
}

struct Fields(Sha256);

impl Fields {
    fn kind(&mut self, kind: u8) -> &mut Self {
        self.0.update([kind]);
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(number.to_be_bytes());
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64).0.update(text);
        self
    }

    fn shown(&mut self, value: &impl alloc::string::ToString) -> &mut Self {
        self.text(&value.to_string())
    }

    fn optional<T>(&mut self, value: Option<T>, add: impl FnOnce(&mut Self, T) -> &mut Self) -> &mut Self {
        match value {
            None => self.kind(0),
            Some(value) => add(self.kind(1), value),
        }
    }

    fn instant(&mut self, instant: Option<UnixMillis>) -> &mut Self {
        self.optional(instant, |fields, instant| fields.number(instant.as_millis()))
    }

    fn new_key(&mut self, new: &NewKey) -> &mut Self {
        let activation = match new.activation {
            Activation::ByWallet => 0,
            Activation::AtOnce => 1,
        };
        self.shown(&new.id)
            .shown(&new.account)
            .optional(new.parent.as_ref(), Self::shown)
            .text(new.name.as_str())
            .new_secret(&new.secret)
            .kind(activation)
            .scopes(&new.scopes)
            .allowlist(&new.allowlist)
            .limits(&new.limits)
            .optional(new.metadata.as_ref(), |fields, metadata| fields.text(metadata.as_str()))
            .instant(new.expires_at)
            .optional(new.link.as_ref(), Self::new_link)
    }

    fn new_secret(&mut self, secret: &NewSecret) -> &mut Self {
        self.shown(&secret.digest).shown(&secret.hint)
    }

    fn new_link(&mut self, link: &NewLink) -> &mut Self {
        self.shown(&link.digest).number(link.lifetime.as_minutes().into())
    }

    fn scopes(&mut self, scopes: &Scopes) -> &mut Self {
        scopes.iter().fold(self.number(scopes.len() as u64), |fields, scope| fields.text(scope.as_str()))
    }

    fn allowlist(&mut self, allowlist: &Allowlist) -> &mut Self {
        let ranges = allowlist.ranges();
        ranges.iter().fold(self.number(ranges.len() as u64), Self::shown)
    }

    fn limits(&mut self, limits: &LimitOverrides) -> &mut Self {
        [limits.requests_per_minute, limits.tokens_per_hour, limits.concurrent]
            .into_iter()
            .fold(self, |fields, limit| fields.optional(limit, |fields, limit| fields.number(limit.as_u64())))
    }

    fn update(&mut self, update: &KeyUpdate) -> &mut Self {
        self.optional(update.name.as_ref(), |fields, name| fields.text(name.as_str()))
            .optional(update.scopes.as_ref(), Self::scopes)
            .optional(update.allowlist.as_ref(), Self::allowlist)
            .optional(update.limits.as_ref(), Self::limits)
            .optional(update.metadata.as_ref(), |fields, metadata| {
                fields.optional(metadata.as_ref(), |fields, metadata| fields.text(metadata.as_str()))
            })
            .optional(update.expires_at, Self::instant)
    }
}
