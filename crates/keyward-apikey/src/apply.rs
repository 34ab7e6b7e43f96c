use alloc::boxed::Box;
use alloc::vec::Vec;

use keyward_ledger::MAX_INSTANT;
use keyward_time::UnixMillis;

use crate::bounds::Bounds;
use crate::fingerprint::fingerprint;
use crate::recent::{RecentOperation, RecentOperations};
use crate::{
    ApiKey, AuthLink, CurrentSecret, GracePeriod, KeyAction, KeyDigest, KeyOperation, KeyOutcome, KeyStatus, KeyUpdate,
    LinkDigest, LinkState, NewKey, NewLink, NewSecret, PreviousSecret, Rejection, Revision, Step, Target, Wallet,
    WalletAddress,
};

/// The records that an operation is decided on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loaded<'a> {
    /// The operation's [target](KeyAction::target), if there is such a key; for a new key, that with its id.
    pub key: Option<&'a ApiKey>,
    /// The key above it, if it has one; needed for [`Create`](KeyAction::Create) and [`Update`](KeyAction::Update).
    pub parent: Option<&'a ApiKey>,
}

impl KeyOperation {
    /// What this operation does to a key at the time `now`: the rules, once, for every store.
    ///
    /// A store loads the records, asks, and writes what came out if the key's record is still the one it has loaded. It sees to
    /// two things that one record does not show: that no two keys have a digest or a link in common
    /// ([`SecretTaken`](Rejection::SecretTaken), [`LinkTaken`](Rejection::LinkTaken)), and that a link leads to its key.
    ///
    /// The time may go back from one operation to the next; what happened stays so.
    ///
    /// # Errors
    /// - the operation is not allowed, for the reason given; nothing is to be written
    pub fn apply(&self, loaded: Loaded<'_>, now: UnixMillis) -> Result<Step, Rejection> {
        let fingerprint = fingerprint(&self.action);
        if let Some(done) = loaded.key.and_then(|key| key.recent.find(self.id)) {
            return if done.fingerprint == fingerprint {
                Ok(Step::Replayed(done.outcome))
            } else {
                Err(Rejection::OperationMismatch)
            };
        }
        if now > MAX_INSTANT {
            return Err(Rejection::InstantOutOfRange);
        }
        let (mut key, outcome) = match &self.action {
            KeyAction::Create(new) => create(new, loaded, now)?,
            action => {
                let mut key = target(action.target(), loaded.key)?.clone();
                let outcome = change(&mut key, action, loaded.parent, now)?;
                key.revision = key.revision.next().ok_or(Rejection::RevisionsExhausted)?;
                (key, outcome)
            }
        };
        key.recent.push(RecentOperation { id: self.id, fingerprint, outcome });
        Ok(Step::Done(Box::new(key), outcome))
    }
}

fn target<'a>(target: Target<'_>, key: Option<&'a ApiKey>) -> Result<&'a ApiKey, Rejection> {
    match target {
        Target::Key(id) => key.filter(|key| key.id == id).ok_or(Rejection::UnknownKey),
        Target::Link(_) => key.ok_or(Rejection::UnknownLink),
    }
}

fn create(new: &NewKey, loaded: Loaded<'_>, now: UnixMillis) -> Result<(ApiKey, KeyOutcome), Rejection> {
    if loaded.key.is_some() {
        return Err(Rejection::KeyExists);
    }
    if new.id.tag() != new.account.tag() {
        return Err(Rejection::TagMismatch);
    }
    check_expiry(new.expires_at, now)?;
    let mut key = ApiKey {
        id: new.id,
        account: new.account,
        parent: new.parent,
        depth: 0,
        name: new.name.clone(),
        activation: new.activation,
        scopes: new.scopes.clone(),
        wallets: Vec::new(),
        allowlist: new.allowlist.clone(),
        limits: new.limits,
        metadata: new.metadata.clone(),
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
        secret: current(new.secret, now),
        previous_secret: None,
        rotation: Revision::FIRST,
        link: None,
        revision: Revision::FIRST,
        recent: RecentOperations::default(),
    };
    if let Some(parent) = parent_of(&key, loaded.parent)? {
        key.depth = parent.depth + 1;
        if key.depth > ApiKey::MAX_DEPTH {
            return Err(Rejection::TooDeep);
        }
        if key.id.tag() != parent.id.tag() {
            return Err(Rejection::TagMismatch);
        }
        if parent.status() != KeyStatus::Active || parent.is_expired(now) {
            return Err(Rejection::ParentNotActive);
        }
        Bounds::of(&key).check_within(Bounds::of(parent))?;
    }
    let link_expires_at = new.link.map(|link| create_link(&mut key, link, now));
    Ok((key, KeyOutcome::Created { link_expires_at }))
}

fn change(
    key: &mut ApiKey,
    action: &KeyAction,
    parent: Option<&ApiKey>,
    now: UnixMillis,
) -> Result<KeyOutcome, Rejection> {
    if let Some(at) = key.revoked_at {
        return Err(Rejection::Revoked { at });
    }
    match action {
        KeyAction::Create(_) => Err(Rejection::KeyExists),
        KeyAction::CreateLink { key: _, link } => {
            check_unexpired(key, now)?;
            if key.link.is_some_and(|last| last.digest == link.digest) {
                return Err(Rejection::LinkTaken);
            }
            Ok(KeyOutcome::LinkCreated { expires_at: create_link(key, *link, now) })
        }
        KeyAction::Bind { link, wallet } => bind(key, link, wallet, now),
        KeyAction::AddWallet { key: _, link, wallet } => add_wallet(key, link, wallet, now),
        KeyAction::RecordWrongSignature { link } => {
            let link = usable_link(key, link, now)?;
            Ok(record_wrong_signature(link))
        }
        KeyAction::UnbindWallet { key: _, wallet } => unbind(key, wallet),
        KeyAction::Rotate { key: _, secret, expected, grace } => rotate(key, *secret, *expected, *grace, now),
        KeyAction::Rehash { key: _, from, to } => rehash(key, from, to),
        KeyAction::Revoke { key: _ } => {
            key.revoked_at = Some(now);
            if let Some(link) = key.link.as_mut().filter(|link| link.state == LinkState::Pending) {
                link.state = LinkState::Void;
            }
            Ok(KeyOutcome::Revoked)
        }
        KeyAction::Update { key: _, update: changes } => update(key, changes, parent, now),
    }
}

/// Puts a new link in place of the last one, and says when it expires.
fn create_link(key: &mut ApiKey, link: NewLink, now: UnixMillis) -> UnixMillis {
    let expires_at = link.lifetime.end(now).min(MAX_INSTANT);
    key.link = Some(AuthLink {
        digest: link.digest,
        created_at: now,
        expires_at,
        state: LinkState::Pending,
        wrong_signatures: 0,
    });
    expires_at
}

/// The key's link, if it has this digest and can be used.
fn usable_link<'a>(key: &'a mut ApiKey, digest: &LinkDigest, now: UnixMillis) -> Result<&'a mut AuthLink, Rejection> {
    let link = key.link.as_mut().filter(|link| link.digest == *digest).ok_or(Rejection::LinkVoid)?;
    match link.state {
        LinkState::Used => Err(Rejection::LinkUsed),
        LinkState::Void => Err(Rejection::LinkVoid),
        LinkState::Pending if now >= link.expires_at => Err(Rejection::LinkExpired),
        LinkState::Pending => Ok(link),
    }
}

fn bind(key: &mut ApiKey, link: &LinkDigest, wallet: &WalletAddress, now: UnixMillis) -> Result<KeyOutcome, Rejection> {
    usable_link(key, link, now)?;
    check_unexpired(key, now)?;
    if !key.wallets.is_empty() {
        return Err(Rejection::AlreadyBound);
    }
    take_link(key, link, wallet, now)
}

fn add_wallet(
    key: &mut ApiKey,
    link: &LinkDigest,
    wallet: &WalletAddress,
    now: UnixMillis,
) -> Result<KeyOutcome, Rejection> {
    usable_link(key, link, now)?;
    check_unexpired(key, now)?;
    if key.status() != KeyStatus::Active {
        return Err(Rejection::Pending);
    }
    if key.wallets.iter().any(|bound| bound.address == *wallet) {
        return Err(Rejection::WalletAlreadyBound);
    }
    if key.wallets.len() == ApiKey::MAX_WALLETS {
        return Err(Rejection::TooManyWallets);
    }
    take_link(key, link, wallet, now)
}

fn take_link(
    key: &mut ApiKey,
    link: &LinkDigest,
    wallet: &WalletAddress,
    now: UnixMillis,
) -> Result<KeyOutcome, Rejection> {
    usable_link(key, link, now)?.state = LinkState::Used;
    key.wallets.push(Wallet { address: wallet.clone(), bound_at: now });
    Ok(KeyOutcome::WalletBound)
}

fn record_wrong_signature(link: &mut AuthLink) -> KeyOutcome {
    if link.wrong_signatures >= AuthLink::MAX_WRONG_SIGNATURES {
        link.state = LinkState::Void;
        KeyOutcome::LinkBurned
    } else {
        link.wrong_signatures += 1;
        KeyOutcome::WrongSignatureRecorded { left: AuthLink::MAX_WRONG_SIGNATURES - link.wrong_signatures }
    }
}

fn unbind(key: &mut ApiKey, wallet: &WalletAddress) -> Result<KeyOutcome, Rejection> {
    let at = key.wallets.iter().position(|bound| bound.address == *wallet).ok_or(Rejection::WalletNotBound)?;
    key.wallets.remove(at);
    // At most MAX_WALLETS.
    Ok(KeyOutcome::WalletUnbound { left: key.wallets.len() as u8 })
}

fn rotate(
    key: &mut ApiKey,
    secret: NewSecret,
    expected: Revision,
    grace: GracePeriod,
    now: UnixMillis,
) -> Result<KeyOutcome, Rejection> {
    check_unexpired(key, now)?;
    if key.rotation != expected {
        return Err(Rejection::RotationConflict { rotation: key.rotation });
    }
    if key.digests().any(|digest| *digest == secret.digest) {
        return Err(Rejection::SecretTaken);
    }
    let rotation = key.rotation.next().ok_or(Rejection::RevisionsExhausted)?;
    let works_until = grace.end(now).min(MAX_INSTANT);
    let previous = PreviousSecret { digest: key.secret.digest, works_until };
    key.previous_secret = (grace != GracePeriod::NONE).then_some(previous);
    key.secret = current(secret, now);
    key.rotation = rotation;
    Ok(KeyOutcome::Rotated { rotation, previous_works_until: key.previous_secret.map(|secret| secret.works_until) })
}

fn rehash(key: &mut ApiKey, from: &KeyDigest, to: &KeyDigest) -> Result<KeyOutcome, Rejection> {
    if key.digests().any(|digest| digest == to) {
        return Err(Rejection::SecretTaken);
    }
    let previous = key.previous_secret.as_mut().map(|secret| &mut secret.digest);
    let digest = [Some(&mut key.secret.digest), previous].into_iter().flatten().find(|digest| *digest == from);
    *digest.ok_or(Rejection::UnknownSecret)? = *to;
    Ok(KeyOutcome::Rehashed)
}

fn update(
    key: &mut ApiKey,
    update: &KeyUpdate,
    parent: Option<&ApiKey>,
    now: UnixMillis,
) -> Result<KeyOutcome, Rejection> {
    let KeyUpdate { name, scopes, allowlist, limits, metadata, expires_at } = update.clone();
    let moves_bounds = scopes.is_some() || allowlist.is_some() || limits.is_some() || expires_at.is_some();
    if let Some(expires_at) = expires_at {
        check_expiry(expires_at, now)?;
        key.expires_at = expires_at;
    }
    set(&mut key.name, name);
    set(&mut key.scopes, scopes);
    set(&mut key.allowlist, allowlist);
    set(&mut key.limits, limits);
    set(&mut key.metadata, metadata);
    if moves_bounds && let Some(parent) = parent_of(key, parent)? {
        Bounds::of(key).check_within(Bounds::of(parent))?;
    }
    Ok(KeyOutcome::Updated)
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn current(secret: NewSecret, now: UnixMillis) -> CurrentSecret {
    CurrentSecret { digest: secret.digest, hint: secret.hint, created_at: now }
}

/// The key above, which must have been loaded if there is one.
fn parent_of<'a>(key: &ApiKey, loaded: Option<&'a ApiKey>) -> Result<Option<&'a ApiKey>, Rejection> {
    match key.parent {
        None => Ok(None),
        Some(id) => loaded.filter(|parent| parent.id == id).map(Some).ok_or(Rejection::UnknownParent),
    }
}

fn check_unexpired(key: &ApiKey, now: UnixMillis) -> Result<(), Rejection> {
    match key.expires_at {
        Some(at) if now >= at => Err(Rejection::Expired { at }),
        _ => Ok(()),
    }
}

/// An expiry to be set.
fn check_expiry(expires_at: Option<UnixMillis>, now: UnixMillis) -> Result<(), Rejection> {
    match expires_at {
        Some(at) if at <= now => Err(Rejection::ExpiryPassed),
        Some(at) if at > MAX_INSTANT => Err(Rejection::InstantOutOfRange),
        _ => Ok(()),
    }
}
