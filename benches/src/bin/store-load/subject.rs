//! A store with keys, links and accounts in it, and the questions to it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyward_apikey::{
    AccessRequest, Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, LinkDigest, LinkLifetime,
    LinkToken, NewKey, NewLink, NewSecret, Pepper, PepperId, Peppers, PlainDigests, PresentedKey, RawKey, Scope,
    WalletAddress,
};
use keyward_ledger::{AccountId, Applied, Description, Msat, Operation, OperationId};
use keyward_store::{BoxError, Durability, KeyOperations as _, Ledger, Store};
use keyward_time::UnixMillis;

use crate::measure::Plan;
use crate::work::Work;

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

/// More than is ever charged.
const DEPOSIT: u64 = 1_000_000_000_000;

/// A store, and what was put into it.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    store: Arc<dyn Store>,
    peppers: Peppers,
    raw: Vec<RawKey>,
    scope: Scope,
    wallet: WalletAddress,
    /// Not consumed yet.
    links: Mutex<Vec<LinkDigest>>,
    /// One for each task, the first of which everybody uses where it is about that.
    accounts: Vec<Account>,
}

#[derive(Debug)]
struct Account {
    id: AccountId,
    /// How many times 1 msat was charged.
    charged: AtomicU64,
}

impl Subject {
    /// Puts keys and accounts into a store.
    pub(crate) async fn new(name: &str, store: Arc<dyn Store>, plan: Plan) -> Result<Self, BoxError> {
        let pepper = Pepper::new(PepperId::new("bench")?, &[7; 32])?;
        let key = |_| RawKey::generate(KeyProfile::Keyward, &mut SysRng);
        let mut subject = Self {
            name: name.to_owned(),
            store,
            peppers: Peppers::new(pepper, PlainDigests::Refuse),
            raw: (0..plan.keys).map(key).collect::<Result<_, _>>()?,
            scope: Scope::new("read:orders")?,
            wallet: WalletAddress::new("7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV")?,
            links: Mutex::default(),
            accounts: Vec::new(),
        };
        let new = subject.raw.iter().map(|raw| subject.new_key(raw, Activation::AtOnce)).collect::<Result<_, _>>()?;
        subject.make(new).await?;
        if subject.store.capabilities().ledger == Ledger::Kept {
            for _ in 0..Work::MOST_TASKS {
                subject.accounts.push(subject.funded().await?);
            }
        }
        Ok(subject)
    }

    pub(crate) fn does(&self, work: Work) -> bool {
        !work.is_of_ledger() || !self.accounts.is_empty()
    }

    pub(crate) fn is_durable(&self) -> bool {
        self.store.capabilities().durable != Durability::Volatile
    }

    fn new_key(&self, raw: &RawKey, activation: Activation) -> Result<NewKey, BoxError> {
        let account = AccountId::generate(&mut SysRng)?;
        let id = KeyId::generate(&account, &mut SysRng)?;
        let secret = NewSecret::new(raw.as_presented(), self.peppers.digest(raw.as_presented()));
        Ok(NewKey::new(id, account, KeyName::new("bench")?, secret, activation))
    }

    /// Makes these keys, many at a time.
    async fn make(&self, keys: Vec<NewKey>) -> Result<(), BoxError> {
        let queue = Arc::new(Mutex::new(keys));
        let tasks: Vec<_> = (0..Work::MOST_TASKS)
            .map(|_| {
                let (store, queue) = (self.store.clone(), queue.clone());
                tokio::spawn(async move {
                    while let Some(new) = pop(&queue) {
                        let create = operation(KeyAction::Create(Box::new(new)))?;
                        let _ = store.apply_key(&create, NOW).await?.into_result()?;
                    }
                    Ok::<_, BoxError>(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        Ok(())
    }

    async fn funded(&self) -> Result<Account, BoxError> {
        let id = AccountId::generate(&mut SysRng)?;
        let open = Operation::OpenRoot { account: id };
        let credit =
            Operation::Credit { account: id, amount: Msat::new(DEPOSIT)?, description: Description::new("bench")? };
        for operation in [open, credit] {
            let _ = self.store.apply(OperationId::generate(&mut SysRng)?, &operation, NOW).await?.into_result()?;
        }
        Ok(Account { id, charged: AtomicU64::new(0) })
    }

    /// Makes pending keys with a link each.
    pub(crate) async fn make_links(&self, count: usize) -> Result<(), BoxError> {
        let mut keys = Vec::new();
        let mut links = Vec::new();
        for _ in 0..count {
            let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng)?;
            let mut new = self.new_key(&raw, Activation::ByWallet)?;
            let digest = self.peppers.link_digest(&LinkToken::generate(&mut SysRng)?);
            new.link = Some(NewLink { digest, lifetime: LinkLifetime::DEFAULT });
            keys.push(new);
            links.push(digest);
        }
        self.make(keys).await?;
        *self.links.lock().unwrap_or_else(PoisonError::into_inner) = links;
        Ok(())
    }

    /// Does it once, and tells how long that took; `None` if there is nothing left to do.
    pub(crate) async fn act(&self, work: Work, task: usize, number: usize) -> Result<Option<Duration>, BoxError> {
        match work {
            Work::Verify | Work::VerifyByMany => {
                let raw = &self.raw[(task * 31 + number) % self.raw.len()];
                let start = Instant::now();
                let presented = PresentedKey::parse(raw.expose_secret())?;
                let digest = self.peppers.digest(presented);
                let key = self.store.key_by_digest(&digest).await?.ok_or("a key is not found")?;
                let request = AccessRequest { now: NOW, address: None, scope: Some(&self.scope) };
                key.check(&digest, &request)?;
                Ok(Some(start.elapsed()))
            }
            Work::ChargeAlone | Work::ChargeApart | Work::ChargeHot => {
                let account = &self.accounts[if work == Work::ChargeApart { task } else { 0 }];
                let description = Description::new("bench")?;
                let charge = Operation::Charge { account: account.id, amount: Msat::new(1)?, description };
                let id = OperationId::generate(&mut SysRng)?;
                let start = Instant::now();
                match self.store.apply(id, &charge, NOW).await? {
                    Applied::Done(_) => account.charged.fetch_add(1, Ordering::Relaxed),
                    other => return Err(format!("a charge was answered {other:?}").into()),
                };
                Ok(Some(start.elapsed()))
            }
            Work::ConsumeLinks => {
                let Some(link) = pop(&self.links) else { return Ok(None) };
                let bind = operation(KeyAction::Bind { link, wallet: self.wallet.clone() })?;
                let start = Instant::now();
                match self.store.apply_key(&bind, NOW).await? {
                    Applied::Done(_) => Ok(Some(start.elapsed())),
                    other => Err(format!("a link was answered {other:?}").into()),
                }
            }
        }
    }

    /// Whether each balance is what was not charged.
    pub(crate) async fn check_books(&self) -> Result<(), BoxError> {
        for account in &self.accounts {
            let kept = self.store.account(account.id).await?.ok_or("an account is not found")?.into_fields();
            let charged = account.charged.load(Ordering::Relaxed);
            if (kept.spent, kept.balance) != (Msat::new(charged)?, Msat::new(DEPOSIT - charged)?) {
                return Err(
                    format!("{}: {charged} msat were charged, {} are in the books", self.name, kept.spent).into()
                );
            }
        }
        Ok(())
    }
}

fn operation(action: KeyAction) -> Result<KeyOperation, BoxError> {
    Ok(KeyOperation { id: OperationId::generate(&mut SysRng)?, action })
}

fn pop<T>(queue: &Mutex<Vec<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop()
}
