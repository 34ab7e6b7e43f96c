//! [`Registration`] against the sandbox: cut at every point where it waits, with keepers that fail and
//! with others who are faster.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, Clock, EthereumKey, Nonce, SigningKey, SystemClock, TokenSigner, UnixMillis,
    VerifyingKey, change_pub_key_calldata, parse_private_key,
};
use keyward_lighter_client::{
    Attempt, Client, OnChain, PendingKey, PendingKeys, RegisterError, Registered, Registration,
};
use keyward_lighter_sandbox::{Sandbox, SandboxClock, Seed, SeedAccount, Storage, Venue, VenueSettings};
use tokio::runtime::Runtime;

const SLOT: ApiKeyIndex = ApiKeyIndex::READ_ONLY_AUTH;
const MAIN: u64 = 3;

/// A sandbox in this process with a main account and `subs` sub-accounts.
struct Town {
    runtime: Runtime,
    client: Client,
    owner: EthereumKey,
}

impl Town {
    fn new(subs: usize, settings: VenueSettings) -> Self {
        let owner = EthereumKey::parse(Seed::EXAMPLE_L1_KEY).unwrap();
        let account = SeedAccount::new(owner.address());
        let seed = Seed::new(std::iter::repeat_n(account, subs + 1)).unwrap();
        let clock = Arc::new(SandboxClock::default());
        let venue = Venue::open(settings, seed, Storage::Memory, clock).unwrap();
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::builder(Arc::new(venue)).bind()).unwrap();
        let client = Client::new(&sandbox.base_url()).unwrap();
        runtime.spawn(sandbox.run_until(std::future::pending()));
        Self { runtime, client, owner }
    }

    fn registration<K: PendingKeys>(&self, keys: K) -> Registration<'_, K> {
        Registration::new(&self.client, keys).patience(Duration::from_secs(5))
    }

    fn register<K: PendingKeys>(&self, account: AccountIndex, keys: K) -> Result<Registered, RegisterError<K::Error>> {
        self.runtime.block_on(self.registration(keys).register(account, SLOT, &self.owner))
    }

    /// The venue's key, and how many transactions there have been.
    fn state(&self, account: AccountIndex) -> (Option<VerifyingKey>, u64) {
        self.runtime.block_on(async {
            let key = self.client.public_key(account, SLOT).await.unwrap();
            (key, self.client.next_nonce(account, SLOT).await.unwrap().as_u64())
        })
    }
}

fn account(index: u64) -> AccountIndex {
    AccountIndex::new(index).unwrap()
}

/// The sub-account numbered `number`, from 0 on.
fn sub(number: u64) -> AccountIndex {
    account(AccountIndex::MAX.as_u64() - number)
}

/// Keys in memory, which outlive the registrations that they are lent to.
#[derive(Default)]
struct Keeper {
    pending: HashMap<AccountIndex, PendingKey>,
    finished: HashMap<AccountIndex, VerifyingKey>,
    /// All keys that were ever pending.
    seen: Vec<VerifyingKey>,
    fails: Option<Step>,
    /// Runs once, after the next key was stored.
    after_store: Option<Box<dyn FnOnce() + Send>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Store,
    Finish,
}

#[derive(Debug, PartialEq)]
struct Full;

fn copy(key: &PendingKey) -> PendingKey {
    let PendingKey { signer, attempt, replaces_key } = key;
    let signing_key = SigningKey::from_bytes(&signer.signing_key().expose_secret()).unwrap();
    let signer = TokenSigner::new(signing_key, signer.account_index(), signer.api_key_index());
    PendingKey { signer, attempt: *attempt, replaces_key: *replaces_key }
}

impl PendingKeys for &mut Keeper {
    type Error = Full;

    fn load(&mut self, account: AccountIndex, _: ApiKeyIndex) -> Result<Option<PendingKey>, Full> {
        Ok(self.pending.get(&account).map(copy))
    }

    fn store(&mut self, key: &PendingKey) -> Result<(), Full> {
        if self.fails == Some(Step::Store) {
            return Err(Full);
        }
        self.seen.push(*key.signer.verifying_key());
        self.pending.insert(key.signer.account_index(), copy(key));
        if let Some(action) = self.after_store.take() {
            action();
        }
        Ok(())
    }

    fn finish(&mut self, key: PendingKey) -> Result<(), Full> {
        if self.fails == Some(Step::Finish) {
            return Err(Full);
        }
        let account = key.signer.account_index();
        self.finished.insert(account, *key.signer.verifying_key());
        self.pending.remove(&account);
        Ok(())
    }
}

/// Polls `future` at most `polls` times, and drops it then.
async fn cut_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[test]
fn registration_dropped_wherever_it_waits_is_taken_up_again() {
    for settings in [VenueSettings::default(), VenueSettings { execution_delay_ms: 150, ..VenueSettings::default() }] {
        const RUNS: u64 = 25;
        let town = Town::new(RUNS as usize, settings);
        let mut keeper = Keeper::default();
        let mut cuts = 0;
        for polls in 0..RUNS {
            let account = sub(polls);
            let outcome = town.runtime.block_on(async {
                let mut registration = town.registration(&mut keeper);
                cut_after(polls as usize, registration.register(account, SLOT, &town.owner)).await
            });
            if outcome.is_none() {
                cuts += 1;
                town.register(account, &mut keeper).unwrap();
            }
            assert_eq!(town.state(account), (Some(keeper.finished[&account]), 1), "after {polls} polls");
            assert!(keeper.seen.iter().all(|key| *key == keeper.finished[&account]), "after {polls} polls");
            assert!(keeper.pending.is_empty());
            keeper.seen.clear();
        }
        // How often it waits depends on how quick the answers are.
        assert!((2..RUNS).contains(&cuts), "cut {cuts} times");
    }
}

#[test]
fn nothing_is_sent_if_the_key_cannot_be_kept() {
    let town = Town::new(0, VenueSettings::default());
    let mut keeper = Keeper { fails: Some(Step::Store), ..Keeper::default() };
    let error = town.register(account(MAIN), &mut keeper).unwrap_err();
    assert!(matches!(error, RegisterError::Keys(Full)));
    assert_eq!(town.state(account(MAIN)), (None, 0));
}

#[test]
fn key_that_could_not_be_finished_is_finished_later() {
    let town = Town::new(0, VenueSettings::default());
    let mut keeper = Keeper { fails: Some(Step::Finish), ..Keeper::default() };
    assert!(matches!(town.register(account(MAIN), &mut keeper), Err(RegisterError::Keys(Full))));
    let live = town.state(account(MAIN));
    assert_eq!(live, (Some(keeper.seen[0]), 1));
    keeper.fails = None;
    let registered = town.register(account(MAIN), &mut keeper).unwrap();
    assert_eq!(registered, Registered { public_key: keeper.seen[0], replaces_key: false });
    assert_eq!(town.state(account(MAIN)), live);
    assert_eq!(keeper.finished[&account(MAIN)], keeper.seen[0]);
}

/// Between the question for the nonce and the transaction, another key is put into the slot.
#[test]
fn nonce_that_another_takes_first_is_replaced_by_the_next() {
    let town = Arc::new(Town::new(0, VenueSettings::default()));
    let other = Arc::new(Mutex::new(Keeper::default()));
    let (rival_town, rival) = (Arc::clone(&town), Arc::clone(&other));
    let faster = move || {
        let registering = move || rival_town.register(account(MAIN), &mut *rival.lock().unwrap()).unwrap();
        thread::spawn(registering).join().unwrap();
    };
    let mut keeper = Keeper { after_store: Some(Box::new(faster)), ..Keeper::default() };
    let registered = town.register(account(MAIN), &mut keeper).unwrap();
    assert!(registered.replaces_key);
    assert_ne!(registered.public_key, other.lock().unwrap().finished[&account(MAIN)]);
    assert_eq!(town.state(account(MAIN)), (Some(registered.public_key), 2));
    assert!(keeper.seen.iter().all(|key| *key == registered.public_key));
}

fn pending(account: AccountIndex, attempt: Option<Attempt>) -> (Keeper, VerifyingKey) {
    let key = parse_private_key(&format!("{}01", "07".repeat(39))).unwrap();
    let public_key = *key.verifying_key();
    let signer = TokenSigner::new(key, account, SLOT);
    let mut keeper = Keeper::default();
    keeper.pending.insert(account, PendingKey { signer, attempt, replaces_key: false });
    (keeper, public_key)
}

/// The nonce of a pending key is used, and the key not to be seen: it may still come, until its
/// transaction has expired.
#[test]
fn used_nonce_is_waited_for_until_the_transaction_has_expired() {
    let town = Town::new(0, VenueSettings::default());
    let first = town.register(account(MAIN), &mut Keeper::default()).unwrap();
    let attempt = |expires_at: UnixMillis| Some(Attempt { nonce: Nonce::ZERO, expires_at });
    let now = SystemClock.now_millis();

    let (mut keeper, _) = pending(account(MAIN), attempt(now.saturating_add_millis(60_000)));
    let mut registration = town.registration(&mut keeper).patience(Duration::ZERO);
    let waiting = town.runtime.block_on(registration.register(account(MAIN), SLOT, &town.owner));
    assert!(matches!(waiting, Err(RegisterError::Unsettled(None))), "{waiting:?}");
    assert_eq!(town.state(account(MAIN)), (Some(first.public_key), 1));

    let (mut keeper, public_key) = pending(account(MAIN), attempt(now.saturating_sub_millis(1)));
    let registered = town.register(account(MAIN), &mut keeper).unwrap();
    assert_eq!(registered, Registered { public_key, replaces_key: true });
    assert_eq!(town.state(account(MAIN)), (Some(public_key), 2));
}

/// The venue does not know of what a pending key's transaction was to follow: it was set up anew.
#[test]
fn nonce_that_the_venue_has_not_come_to_is_given_up_when_the_transaction_has_expired() {
    let town = Town::new(0, VenueSettings::default());
    let nonce = Nonce::new(7).unwrap();
    let now = SystemClock.now_millis();

    let attempt = Some(Attempt { nonce, expires_at: now.saturating_add_millis(60_000) });
    let (mut keeper, _) = pending(account(MAIN), attempt);
    let mut registration = town.registration(&mut keeper).patience(Duration::ZERO);
    let waiting = town.runtime.block_on(registration.register(account(MAIN), SLOT, &town.owner));
    assert!(matches!(waiting, Err(RegisterError::Unsettled(None))), "{waiting:?}");

    let attempt = Some(Attempt { nonce, expires_at: now.saturating_sub_millis(1) });
    let (mut keeper, public_key) = pending(account(MAIN), attempt);
    let registered = town.register(account(MAIN), &mut keeper).unwrap();
    assert_eq!(registered, Registered { public_key, replaces_key: false });
    assert_eq!(town.state(account(MAIN)), (Some(public_key), 1));
}

#[test]
fn patience_may_be_without_end() {
    let town = Town::new(0, VenueSettings::default());
    let mut keeper = Keeper::default();
    let mut registration = town.registration(&mut keeper).patience(Duration::MAX);
    town.runtime.block_on(registration.register(account(MAIN), SLOT, &town.owner)).unwrap();
}

#[test]
fn pending_key_is_settled_only_once_the_venue_has_it() {
    let town = Town::new(0, VenueSettings::default());
    let main = account(MAIN);
    let mut keeper = Keeper::default();
    let settle = |keeper: &mut Keeper| town.runtime.block_on(town.registration(keeper).settle(main, SLOT)).unwrap();
    let prepare =
        |keeper: &mut Keeper| town.runtime.block_on(town.registration(keeper).prepare_on_chain(main, SLOT)).unwrap();
    assert_eq!(settle(&mut keeper), None);
    let OnChain::Pending { public_key, calldata } = prepare(&mut keeper) else { panic!("nothing was sent") };
    assert_eq!(calldata, change_pub_key_calldata(main, SLOT, &public_key));
    assert_eq!(prepare(&mut keeper), OnChain::Pending { public_key, calldata });
    assert_eq!(settle(&mut keeper), None);
    // In place of the contract: another holder of the same key sends it.
    let held = copy(&keeper.pending[&main]);
    let mut contract = Keeper { pending: HashMap::from([(main, held)]), ..Keeper::default() };
    town.register(main, &mut contract).unwrap();
    let registered = Registered { public_key, replaces_key: false };
    assert_eq!(settle(&mut keeper), Some(registered));
    assert_eq!(keeper.finished[&main], public_key);
    assert_eq!(settle(&mut keeper), None);
}

#[test]
fn refusal_leaves_the_key_pending() {
    let town = Town::new(0, VenueSettings::default());
    let stranger = EthereumKey::parse(&"01".repeat(32)).unwrap();
    let mut keeper = Keeper::default();
    let refused = town.runtime.block_on(town.registration(&mut keeper).register(account(MAIN), SLOT, &stranger));
    let Err(RegisterError::Refused(error)) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("code 21504"), "{error}");
    assert_eq!(keeper.pending[&account(MAIN)].signer.verifying_key(), &keeper.seen[0]);
    assert_eq!(town.state(account(MAIN)), (None, 0));
}

#[test]
fn debug_of_a_pending_key_shows_the_public_half_only() {
    let (keeper, public_key) =
        pending(account(MAIN), Some(Attempt { nonce: Nonce::ZERO, expires_at: UnixMillis::MAX }));
    let text = format!("{:?}", keeper.pending[&account(MAIN)]);
    let expected = format!(
        "PendingKey {{ signer: TokenSigner {{ public_key: \"{}\", account_index: AccountIndex(3), api_key_index: \
         ApiKeyIndex(253), .. }}, attempt: Some(Attempt {{ nonce: Nonce(0), expires_at: UnixMillis({}) }}), \
         replaces_key: false }}",
        keyward_lighter::public_key_text(&public_key),
        i64::MAX
    );
    assert_eq!(text, expected);
}
