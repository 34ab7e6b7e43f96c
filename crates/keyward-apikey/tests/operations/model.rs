//! Random histories, beside a model that was written without the rules.

use std::collections::BTreeMap;

use keyward_apikey::{
    Activation, ApiKey, GracePeriod, KeyAction, KeyOperation, KeyOutcome, KeyStatus, KeyUpdate, LinkLifetime, Loaded,
    NewLink, Revision, Step, Target,
};
use proptest::prelude::*;

use crate::fixtures::{at, digest, key_id, link_digest, new_key, new_operation_id, secret, wallet};

const KEYS: u64 = 2;
const LINKS: u64 = 6;
const WALLETS: u64 = 3;
const SECRETS: u64 = 8;

/// Something to do, with everything by number.
#[derive(Clone, Debug)]
enum Act {
    Create { key: u64, by_wallet: bool, secret: u64, expires_in: Option<u64>, link: Option<u64> },
    CreateLink { key: u64, link: u64, minutes: u16 },
    Bind { link: u64, wallet: u64 },
    AddWallet { key: u64, link: u64, wallet: u64 },
    WrongSignature { link: u64, times: u8 },
    Unbind { key: u64, wallet: u64 },
    Rotate { key: u64, secret: u64, behind: u64, grace: u32 },
    Rehash { key: u64, from: u64, to: u64 },
    Revoke { key: u64 },
    SetExpiry { key: u64, expires_in: Option<u64> },
    Wait { millis: u64 },
    TurnBack { millis: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    let (key, link, wallet, secret) = (|| 0..KEYS, || 0..LINKS, || 0..WALLETS, || 0..SECRETS);
    let expiry = || proptest::option::weighted(0.2, 1..2_000_000_u64);
    prop_oneof![
        4 => (key(), any::<bool>(), secret(), expiry(), proptest::option::of(link()))
            .prop_map(|(key, by_wallet, secret, expires_in, link)| Act::Create { key, by_wallet, secret, expires_in, link }),
        6 => (key(), link(), 1..20_u16).prop_map(|(key, link, minutes)| Act::CreateLink { key, link, minutes }),
        8 => (link(), wallet()).prop_map(|(link, wallet)| Act::Bind { link, wallet }),
        6 => (key(), link(), wallet()).prop_map(|(key, link, wallet)| Act::AddWallet { key, link, wallet }),
        3 => (link(), 1..12_u8).prop_map(|(link, times)| Act::WrongSignature { link, times }),
        4 => (key(), wallet()).prop_map(|(key, wallet)| Act::Unbind { key, wallet }),
        5 => (key(), secret(), prop_oneof![4 => Just(0), 1 => Just(1_u64)], prop_oneof![Just(0), 1..2_000_u32])
            .prop_map(|(key, secret, behind, grace)| Act::Rotate { key, secret, behind, grace }),
        2 => (key(), secret(), secret()).prop_map(|(key, from, to)| Act::Rehash { key, from, to }),
        1 => key().prop_map(|key| Act::Revoke { key }),
        2 => (key(), expiry()).prop_map(|(key, expires_in)| Act::SetExpiry { key, expires_in }),
        5 => (0..1_000_000_u64).prop_map(|millis| Act::Wait { millis }),
        2 => (0..1_000_000_u64).prop_map(|millis| Act::TurnBack { millis }),
    ]
}

/// A key as the model sees it.
#[derive(Clone, Debug)]
struct ModelKey {
    by_wallet: bool,
    wallets: Vec<u64>,
    expires_at: Option<u64>,
    revoked: bool,
    secret: u64,
    previous: Option<(u64, u64)>,
    rotations: u64,
}

/// A link as the model sees it: all that were ever made are kept.
#[derive(Clone, Debug)]
struct ModelLink {
    key: u64,
    expires_at: u64,
    open: bool,
    wrong: u8,
    bound: u32,
}

#[derive(Default)]
struct Model {
    keys: BTreeMap<u64, ModelKey>,
    links: BTreeMap<u64, ModelLink>,
}

impl Model {
    fn is_secret_in_use(&self, secret: u64) -> bool {
        self.keys
            .values()
            .any(|key| key.secret == secret || key.previous.is_some_and(|(previous, _)| previous == secret))
    }

    /// A key that lives, if there is one.
    fn living(&self, key: u64) -> Option<&ModelKey> {
        self.keys.get(&key).filter(|key| !key.revoked)
    }

    fn unexpired(&self, key: u64, now: u64) -> Option<&ModelKey> {
        self.living(key).filter(|key| key.expires_at.is_none_or(|end| now < end))
    }

    fn usable(&self, link: u64, now: u64) -> Option<u64> {
        let link = self.links.get(&link).filter(|link| link.open && now < link.expires_at)?;
        self.living(link.key).map(|_| link.key)
    }

    fn open_link(&mut self, number: u64, key: u64, expires_at: u64) {
        self.links.values_mut().filter(|link| link.key == key).for_each(|link| link.open = false);
        self.links.insert(number, ModelLink { key, expires_at, open: true, wrong: 0, bound: 0 });
    }

    fn take_link(&mut self, number: u64, wallet: u64) {
        let link = self.links.get_mut(&number).expect("usable");
        link.open = false;
        link.bound += 1;
        let key = link.key;
        self.keys.get_mut(&key).expect("living").wallets.push(wallet);
    }

    /// Does it, if it can be done.
    fn act(&mut self, act: &Act, now: u64) -> bool {
        match *act {
            Act::Create { key, by_wallet, secret, expires_in, link } => {
                let is_free = !self.keys.contains_key(&key)
                    && !self.is_secret_in_use(secret)
                    && link.is_none_or(|link| !self.links.contains_key(&link));
                if is_free {
                    let expires_at = expires_in.map(|millis| now + millis);
                    let new = ModelKey {
                        by_wallet,
                        wallets: vec![],
                        expires_at,
                        revoked: false,
                        secret,
                        previous: None,
                        rotations: 0,
                    };
                    self.keys.insert(key, new);
                    if let Some(link) = link {
                        self.open_link(link, key, now + 15 * 60_000);
                    }
                }
                is_free
            }
            Act::CreateLink { key, link, minutes } => {
                let can = self.unexpired(key, now).is_some() && !self.links.contains_key(&link);
                if can {
                    self.open_link(link, key, now + u64::from(minutes) * 60_000);
                }
                can
            }
            Act::Bind { link, wallet } => {
                let key = self.usable(link, now).and_then(|key| self.unexpired(key, now));
                let can = key.is_some_and(|key| key.wallets.is_empty());
                if can {
                    self.take_link(link, wallet);
                }
                can
            }
            Act::AddWallet { key, link, wallet } => {
                let is_active = |key: &&ModelKey| !key.by_wallet || !key.wallets.is_empty();
                let is_of_key = self.usable(link, now) == Some(key);
                let key = self.unexpired(key, now).filter(is_active);
                let can = is_of_key && key.is_some_and(|key| !key.wallets.contains(&wallet));
                if can {
                    self.take_link(link, wallet);
                }
                can
            }
            Act::WrongSignature { link, .. } => {
                let can = self.usable(link, now).is_some();
                if can {
                    let link = self.links.get_mut(&link).expect("usable");
                    link.wrong += 1;
                    link.open = link.wrong <= 10;
                }
                can
            }
            Act::Unbind { key, wallet } => {
                let can = self.living(key).is_some_and(|key| key.wallets.contains(&wallet));
                if can {
                    self.keys.get_mut(&key).expect("living").wallets.retain(|bound| *bound != wallet);
                }
                can
            }
            Act::Rotate { key, secret, behind, grace } => {
                let is_new = !self.is_secret_in_use(secret);
                let can = is_new && behind == 0 && self.unexpired(key, now).is_some();
                if can {
                    let key = self.keys.get_mut(&key).expect("living");
                    key.previous = (grace > 0).then_some((key.secret, now + u64::from(grace) * 1000));
                    (key.secret, key.rotations) = (secret, key.rotations + 1);
                }
                can
            }
            Act::Rehash { key, from, to } => {
                let is_new = !self.is_secret_in_use(to);
                let Some(key) = self.keys.get_mut(&key).filter(|key| !key.revoked && is_new) else { return false };
                match &mut key.previous {
                    _ if key.secret == from => key.secret = to,
                    Some((previous, _)) if *previous == from => *previous = to,
                    _ => return false,
                }
                true
            }
            Act::Revoke { key } => {
                let can = self.living(key).is_some();
                if can {
                    self.keys.get_mut(&key).expect("living").revoked = true;
                }
                can
            }
            Act::SetExpiry { key, expires_in } => {
                let can = self.living(key).is_some();
                if can {
                    self.keys.get_mut(&key).expect("living").expires_at = expires_in.map(|millis| now + millis);
                }
                can
            }
            Act::Wait { .. } | Act::TurnBack { .. } => unreachable!("time is not the model's"),
        }
    }
}

/// A store of records, with the two indexes that one needs.
#[derive(Default)]
struct Store {
    keys: BTreeMap<u64, ApiKey>,
    links: BTreeMap<u64, u64>,
}

impl Store {
    fn action(&self, act: &Act, now: u64) -> KeyAction {
        let expiry = |expires_in: Option<u64>| expires_in.map(|millis| at(now + millis));
        match *act {
            Act::Create { key, by_wallet, secret: number, expires_in, link } => {
                let activation = if by_wallet { Activation::ByWallet } else { Activation::AtOnce };
                let mut new = new_key(key, activation);
                (new.secret, new.expires_at) = (secret(number), expiry(expires_in));
                new.link = link.map(crate::fixtures::link);
                KeyAction::Create(Box::new(new))
            }
            Act::CreateLink { key, link, minutes } => {
                let lifetime = LinkLifetime::from_minutes(minutes).unwrap();
                KeyAction::CreateLink { key: key_id(key), link: NewLink { digest: link_digest(link), lifetime } }
            }
            Act::Bind { link, wallet: number } => KeyAction::Bind { link: link_digest(link), wallet: wallet(number) },
            Act::AddWallet { key, link, wallet: number } => {
                KeyAction::AddWallet { key: key_id(key), link: link_digest(link), wallet: wallet(number) }
            }
            Act::WrongSignature { link, .. } => KeyAction::RecordWrongSignature { link: link_digest(link) },
            Act::Unbind { key, wallet: number } => KeyAction::UnbindWallet { key: key_id(key), wallet: wallet(number) },
            Act::Rotate { key, secret: number, behind, grace } => {
                let rotation = self.keys.get(&key).map_or(0, |key| key.rotation().as_u64());
                let expected = Revision::new(rotation + behind).unwrap();
                let grace = GracePeriod::from_secs(grace).unwrap();
                KeyAction::Rotate { key: key_id(key), secret: secret(number), expected, grace }
            }
            Act::Rehash { key, from, to } => KeyAction::Rehash { key: key_id(key), from: digest(from), to: digest(to) },
            Act::Revoke { key } => KeyAction::Revoke { key: key_id(key) },
            Act::SetExpiry { key, expires_in } => {
                let mut update = KeyUpdate::default();
                update.expires_at = Some(expiry(expires_in));
                KeyAction::Update { key: key_id(key), update: Box::new(update) }
            }
            Act::Wait { .. } | Act::TurnBack { .. } => unreachable!("time is not the store's"),
        }
    }

    /// Whether the indexes stand against it.
    fn is_taken(&self, act: &Act) -> bool {
        let has_secret = |number| self.keys.values().any(|key| key.digests().any(|it| *it == digest(number)));
        match *act {
            Act::Create { secret, link, .. } => {
                has_secret(secret) || link.is_some_and(|link| self.links.contains_key(&link))
            }
            Act::CreateLink { link, .. } => self.links.contains_key(&link),
            Act::Rotate { secret, .. } => has_secret(secret),
            Act::Rehash { to, .. } => has_secret(to),
            _ => false,
        }
    }

    fn loaded(&self, action: &KeyAction) -> Option<&ApiKey> {
        let number = match action.target() {
            Target::Key(id) => (0..KEYS).find(|number| key_id(*number) == id),
            Target::Link(digest) => {
                let link = (0..LINKS).find(|number| link_digest(*number) == *digest)?;
                self.links.get(&link).copied()
            }
        };
        self.keys.get(&number?)
    }

    /// Does it, if it can be done, and tries it once more.
    fn act(&mut self, act: &Act, now: u64) -> Option<KeyOutcome> {
        if self.is_taken(act) {
            return None;
        }
        let operation = KeyOperation { id: new_operation_id(), action: self.action(act, now) };
        let before = self.loaded(&operation.action).cloned();
        let (key, outcome) = match operation.apply(Loaded { key: before.as_ref(), parent: None }, at(now)) {
            Ok(Step::Done(key, outcome)) => (*key, outcome),
            Ok(Step::Replayed(_)) => panic!("the id is new"),
            Err(_) => return None,
        };
        let expected = before.map_or(Revision::FIRST, |before| before.revision().next().unwrap());
        assert_eq!(key.revision(), expected);
        let again = operation.apply(Loaded { key: Some(&key), parent: None }, at(now));
        assert_eq!(again, Ok(Step::Replayed(outcome)));
        let number = (0..KEYS).find(|number| key_id(*number) == key.id()).unwrap();
        if let Some(link) = key.link() {
            let link = (0..LINKS).find(|number| link_digest(*number) == *link.digest()).unwrap();
            assert_eq!(*self.links.entry(link).or_insert(number), number, "a link leads to one key");
        }
        self.keys.insert(number, key);
        Some(outcome)
    }
}

/// What shows of a key is what the model says.
fn assert_agree(store: &Store, model: &Model, now: u64) {
    assert!(store.keys.keys().eq(model.keys.keys()));
    for (number, key) in &store.keys {
        let expected = &model.keys[number];
        let status = match (expected.revoked, expected.by_wallet && expected.wallets.is_empty()) {
            (true, _) => KeyStatus::Revoked,
            (false, true) => KeyStatus::Pending,
            (false, false) => KeyStatus::Active,
        };
        assert_eq!(key.status(), status);
        let addresses: Vec<_> = key.wallets().iter().map(|wallet| wallet.address.clone()).collect();
        assert_eq!(addresses, expected.wallets.iter().map(|number| wallet(*number)).collect::<Vec<_>>());
        assert_eq!(key.expires_at(), expected.expires_at.map(at));
        assert_eq!(key.rotation().as_u64(), expected.rotations);
        let works = |secret: &u64| key.identify(&digest(*secret), at(now)).is_ok();
        let working: Vec<u64> = (0..SECRETS).filter(works).collect();
        let previous = expected.previous.filter(|(_, end)| now < *end).map(|(secret, _)| secret);
        let mut expected_working: Vec<u64> = previous.into_iter().chain([expected.secret]).collect();
        expected_working.sort_unstable();
        assert_eq!(working, expected_working);
        assert!(working.len() <= 2);
    }
    for link in model.links.values() {
        assert!(link.bound <= 1, "a link binds once");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn records_go_the_way_of_the_model(history in proptest::collection::vec(act(), 1..80)) {
        let (mut store, mut model) = (Store::default(), Model::default());
        let mut now = 10_000_000_u64;
        for act in &history {
            let times = match *act {
                Act::Wait { millis } => { now += millis; 0 }
                Act::TurnBack { millis } => { now = now.saturating_sub(millis); 0 }
                Act::WrongSignature { times, .. } => times,
                _ => 1,
            };
            for _ in 0..times {
                let revoked: Vec<ApiKey> =
                    store.keys.values().filter(|key| key.revoked_at().is_some()).cloned().collect();
                let (done, expected) = (store.act(act, now), model.act(act, now));
                prop_assert_eq!(done.is_some(), expected, "{:?} at {}", act, now);
                for key in revoked {
                    prop_assert!(store.keys.values().any(|it| *it == key), "a revoked key has changed");
                }
            }
            assert_agree(&store, &model, now);
        }
        #[cfg(feature = "serde")]
        for key in store.keys.values() {
            let text = serde_json::to_string(key).unwrap();
            let again: ApiKey = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&again, key);
        }
    }
}
