use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest, WalletAddress};
use keyward_ledger::AccountId;

use crate::{BadCursor, Cursor, KeyFilter, KeyPut, Page, PageRequest};

/// The records, and what leads to them.
#[derive(Debug, Default)]
pub(super) struct Keys {
    records: BTreeMap<KeyId, ApiKey>,
    by_digest: HashMap<KeyDigest, KeyId>,
    by_link: HashMap<LinkDigest, KeyId>,
    by_account: BTreeMap<AccountId, BTreeSet<KeyId>>,
    by_wallet: BTreeMap<WalletAddress, BTreeSet<KeyId>>,
}

impl Keys {
    pub(super) fn get(&self, id: KeyId) -> Option<&ApiKey> {
        self.records.get(&id)
    }

    pub(super) fn by_digest(&self, digest: &KeyDigest) -> Option<&ApiKey> {
        self.by_digest.get(digest).and_then(|id| self.records.get(id))
    }

    pub(super) fn by_link(&self, digest: &LinkDigest) -> Option<&ApiKey> {
        self.by_link.get(digest).and_then(|id| self.records.get(id))
    }

    pub(super) fn put(&mut self, before: Option<&ApiKey>, after: &ApiKey) -> KeyPut {
        let id = after.id();
        let in_place = self.records.get(&id);
        if in_place.map(ApiKey::revision) != before.map(ApiKey::revision) {
            return KeyPut::Conflict;
        }
        let is_others = |holder: Option<&KeyId>| holder.is_some_and(|holder| *holder != id);
        if after.digests().any(|digest| is_others(self.by_digest.get(digest))) {
            return KeyPut::SecretTaken;
        }
        if after.link().is_some_and(|link| is_others(self.by_link.get(link.digest()))) {
            return KeyPut::LinkTaken;
        }
        if let Some(replaced) = self.records.insert(id, after.clone()) {
            self.unlink(&replaced);
        }
        self.link(after);
        KeyPut::Written
    }

    fn unlink(&mut self, key: &ApiKey) {
        for digest in key.digests() {
            self.by_digest.remove(digest);
        }
        if let Some(link) = key.link() {
            self.by_link.remove(link.digest());
        }
        take_from(&mut self.by_account, &key.account(), key.id());
        for wallet in key.wallets() {
            take_from(&mut self.by_wallet, &wallet.address, key.id());
        }
    }

    fn link(&mut self, key: &ApiKey) {
        self.by_digest.extend(key.digests().map(|digest| (*digest, key.id())));
        self.by_link.extend(key.link().map(|link| (*link.digest(), key.id())));
        self.by_account.entry(key.account()).or_default().insert(key.id());
        for wallet in key.wallets() {
            self.by_wallet.entry(wallet.address.clone()).or_default().insert(key.id());
        }
    }

    pub(super) fn page(&self, filter: &KeyFilter, request: &PageRequest) -> Result<Page<ApiKey>, BadCursor> {
        let after = match &request.after {
            Some(cursor) => Bound::Excluded(cursor.as_str().parse::<KeyId>().map_err(|_| BadCursor)?),
            None => Bound::Unbounded,
        };
        let range = (after, Bound::Unbounded);
        let ids: Box<dyn Iterator<Item = &KeyId>> = match filter {
            KeyFilter::Account(account) => {
                Box::new(self.by_account.get(account).into_iter().flat_map(|set| set.range(range)))
            }
            KeyFilter::Wallet(wallet) => {
                Box::new(self.by_wallet.get(wallet).into_iter().flat_map(|set| set.range(range)))
            }
            KeyFilter::All | KeyFilter::Status(_) => Box::new(self.records.range(range).map(|(id, _)| id)),
        };
        let mut found = ids.filter_map(|id| self.records.get(id)).filter(|key| filter.admits(key));
        let items: Vec<ApiKey> = found.by_ref().take(request.limit.get()).cloned().collect();
        let next = match (found.next(), items.last()) {
            (Some(_), Some(last)) => Some(Cursor::new(last.id().to_string())?),
            _ => None,
        };
        Ok(Page { items, next })
    }
}

fn take_from<K: Ord>(index: &mut BTreeMap<K, BTreeSet<KeyId>>, at: &K, id: KeyId) {
    if let Some(ids) = index.get_mut(at) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(at);
        }
    }
}
