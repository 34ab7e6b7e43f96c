//! The allocator beside a venue, in histories of any kind.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use keyward_nonce::{AllocateError, Lease, Nonce, NonceAllocator, NonceMode, NonceState, Resync};
use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;
use proptest::prelude::*;
use proptest::sample::Index;

const SLOTS: u8 = 3;

fn api_key(index: u8) -> ApiKeyIndex {
    ApiKeyIndex::new(index).expect("a key slot")
}

fn api_keys() -> impl Iterator<Item = ApiKeyIndex> {
    (0..SLOTS).map(api_key)
}

/// One thing that happens. An `Index` picks from what there is.
#[derive(Debug, Clone)]
enum Event {
    Allocate,
    AllocateFor(u8),
    AllocateRun(NonZero<usize>),
    /// The venue's verdict on a transaction comes in.
    Answer(Index),
    /// The venue refuses a transaction for another reason than its nonce.
    Refuse(Index),
    /// The venue judges, its answer takes long.
    Judge(Index),
    /// The transaction never reaches the venue, and nobody knows.
    LoseBefore(Index),
    /// The venue judges, its answer is lost.
    LoseAfter(Index),
    /// The client gives up on a transaction that is still on its way.
    GiveUp(Index),
    /// A transaction that was given up reaches the venue.
    Arrive(Index),
    /// The venue is asked, and answers at once.
    Ask(u8),
    /// Its answer comes in.
    Hear(Index),
    /// Another client uses a slot.
    Foreign(u8),
    /// The venue drops the last transaction that it took, and its nonce is due again.
    Retract(u8),
    /// The clock moves, or is set back.
    Step(i64),
    /// The client starts anew.
    Restart,
}

fn any_event() -> impl Strategy<Value = Event> {
    let index = any::<Index>;
    prop_oneof![
        10 => Just(Event::Allocate),
        2 => (0..SLOTS).prop_map(Event::AllocateFor),
        2 => (1..6_usize).prop_map(|count| Event::AllocateRun(NonZero::new(count).expect("not 0"))),
        8 => index().prop_map(Event::Answer),
        3 => index().prop_map(Event::Refuse),
        3 => index().prop_map(Event::Judge),
        1 => index().prop_map(Event::LoseBefore),
        1 => index().prop_map(Event::LoseAfter),
        1 => index().prop_map(Event::GiveUp),
        2 => index().prop_map(Event::Arrive),
        4 => (0..SLOTS).prop_map(Event::Ask),
        4 => index().prop_map(Event::Hear),
        1 => (0..SLOTS).prop_map(Event::Foreign),
        1 => (0..SLOTS).prop_map(Event::Retract),
        2 => (-2000..2000_i64).prop_map(Event::Step),
        1 => Just(Event::Restart),
    ]
}

fn any_mode() -> impl Strategy<Value = NonceMode> {
    prop::sample::select(vec![NonceMode::Sequential, NonceMode::Skip])
}

/// The exchange: what it has taken, by its own rules.
struct Venue {
    mode: NonceMode,
    slots: BTreeMap<ApiKeyIndex, NonceState>,
    taken: BTreeSet<(ApiKeyIndex, Nonce)>,
}

impl Venue {
    fn judge(&mut self, api_key: ApiKeyIndex, nonce: Nonce) -> bool {
        let Ok(state) = self.slots[&api_key].accept(nonce, self.mode) else { return false };
        self.slots.insert(api_key, state);
        assert!(self.taken.insert((api_key, nonce)), "{api_key}: {nonce} was taken twice");
        true
    }

    fn retract(&mut self, api_key: ApiKeyIndex) -> Option<(ApiKeyIndex, Nonce)> {
        let nonce = Nonce::new(self.slots[&api_key].as_u64().checked_sub(1)?).expect("a nonce");
        let is_taken = self.taken.remove(&(api_key, nonce));
        is_taken.then(|| {
            self.slots.insert(api_key, NonceState::from_next(nonce));
            (api_key, nonce)
        })
    }
}

/// A transaction that the client waits for, and the venue's verdict if there is one.
struct Waiting {
    lease: Lease,
    verdict: Option<bool>,
}

/// A client, a venue, and what is between them.
struct World {
    venue: Venue,
    allocator: NonceAllocator,
    now: UnixMillis,
    waiting: Vec<Waiting>,
    given_up: Vec<(ApiKeyIndex, Nonce)>,
    questions: Vec<(Resync, NonceState)>,
    /// Acceptances that the client has heard of, ever.
    known: BTreeSet<(ApiKeyIndex, Nonce)>,
    /// The highest nonce of each slot that this allocator has handed out.
    highest: BTreeMap<ApiKeyIndex, Nonce>,
}

impl World {
    fn new(mode: NonceMode, start: u64) -> Self {
        let slots: BTreeMap<_, _> =
            api_keys().map(|api_key| (api_key, NonceState::new(start).expect("a state"))).collect();
        Self {
            allocator: NonceAllocator::new(slots.clone(), mode).expect("slots"),
            venue: Venue { mode, slots, taken: BTreeSet::new() },
            now: UnixMillis::new(start + 100).expect("an instant"),
            waiting: Vec::new(),
            given_up: Vec::new(),
            questions: Vec::new(),
            known: BTreeSet::new(),
            highest: BTreeMap::new(),
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Allocate => self.allocated(self.allocator.allocate(self.now)),
            Event::AllocateFor(slot) => self.allocated(self.allocator.allocate_for(api_key(slot), self.now)),
            Event::AllocateRun(count) => match self.allocator.allocate_run(count, self.now) {
                Err(error) => self.allocated(Err(error)),
                Ok(run) => {
                    assert!((1..=count.get()).contains(&run.len()));
                    let follows = |pair: &[Lease]| {
                        pair[0].api_key() == pair[1].api_key() && pair[0].nonce().next() == Some(pair[1].nonce())
                    };
                    assert!(run.windows(2).all(follows), "{run:?} has a gap");
                    run.into_iter().for_each(|lease| self.allocated(Ok(lease)));
                }
            },
            Event::Answer(index) => {
                if let Some(waiting) = pick(&mut self.waiting, index) {
                    self.answer(waiting);
                }
            }
            Event::Refuse(index) => {
                if let Some(waiting) = pick(&mut self.waiting, index) {
                    match waiting.verdict {
                        None => waiting.lease.refused(),
                        Some(_) => self.answer(waiting),
                    }
                }
            }
            Event::Judge(index) => {
                if let Some(mut waiting) = pick(&mut self.waiting, index) {
                    self.judge(&mut waiting);
                    self.waiting.push(waiting);
                }
            }
            Event::LoseBefore(index) => {
                if let Some(waiting) = pick(&mut self.waiting, index) {
                    waiting.lease.unknown();
                }
            }
            Event::LoseAfter(index) => {
                if let Some(mut waiting) = pick(&mut self.waiting, index) {
                    self.judge(&mut waiting);
                    waiting.lease.unknown();
                }
            }
            Event::GiveUp(index) => {
                if let Some(Waiting { lease, verdict }) = pick(&mut self.waiting, index)
                    && verdict.is_none()
                {
                    self.given_up.push((lease.api_key(), lease.nonce()));
                }
            }
            Event::Arrive(index) => {
                if let Some((api_key, nonce)) = pick(&mut self.given_up, index) {
                    self.venue.judge(api_key, nonce);
                }
            }
            Event::Ask(slot) => self.ask(api_key(slot)),
            Event::Hear(index) => {
                if let Some((question, answer)) = pick(&mut self.questions, index) {
                    question.finish(answer);
                }
            }
            Event::Foreign(slot) => {
                if let Some(nonce) = self.venue.slots[&api_key(slot)].next() {
                    self.venue.judge(api_key(slot), nonce);
                }
            }
            Event::Retract(slot) => {
                if let Some(retracted) = self.venue.retract(api_key(slot)) {
                    self.known.remove(&retracted);
                }
            }
            Event::Step(millis) => {
                let now = self.now.as_millis().saturating_add_signed(millis);
                self.now = UnixMillis::new(now).expect("an instant");
            }
            Event::Restart => {
                self.waiting.clear();
                self.questions.clear();
                self.highest.clear();
                self.allocator = NonceAllocator::new(self.venue.slots.clone(), self.venue.mode).expect("slots");
            }
        }
    }

    /// What must hold of every nonce that is handed out.
    fn allocated(&mut self, allocated: Result<Lease, AllocateError>) {
        let lease = match allocated {
            Ok(lease) => lease,
            Err(AllocateError::Stale) => return assert!(!self.allocator.stale_slots().is_empty()),
            Err(error) => panic!("{error}"),
        };
        let (api_key, nonce) = (lease.api_key(), lease.nonce());
        assert!(!self.allocator.stale_slots().contains(&api_key));
        assert!(self.live(api_key).all(|it| it != nonce), "{api_key}: {nonce} is held twice");
        assert!(!self.known.contains(&(api_key, nonce)), "{api_key}: {nonce} was accepted before");
        let highest = self.highest.insert(api_key, nonce);
        if self.venue.mode == NonceMode::Skip {
            assert!(highest < Some(nonce), "{api_key}: {nonce} does not rise");
            assert!(nonce.as_u64() >= self.now.as_millis());
        }
        self.waiting.push(Waiting { lease, verdict: None });
    }

    fn live(&self, api_key: ApiKeyIndex) -> impl Iterator<Item = Nonce> {
        let leases = self.waiting.iter().map(|waiting| &waiting.lease);
        leases.filter(move |lease| lease.api_key() == api_key).map(Lease::nonce)
    }

    fn judge(&mut self, waiting: &mut Waiting) -> bool {
        let Waiting { lease, verdict } = waiting;
        *verdict.get_or_insert_with(|| self.venue.judge(lease.api_key(), lease.nonce()))
    }

    fn answer(&mut self, mut waiting: Waiting) {
        if self.judge(&mut waiting) {
            let accepted = (waiting.lease.api_key(), waiting.lease.nonce());
            // It may have been retracted while its answer was on the way.
            self.known.extend(self.venue.taken.get(&accepted));
            waiting.lease.accepted();
        } else {
            waiting.lease.refused_invalid_nonce();
        }
    }

    fn ask(&mut self, api_key: ApiKeyIndex) {
        let question = self.allocator.begin_resync(api_key).expect("a slot");
        self.questions.push((question, self.venue.slots[&api_key]));
    }

    /// When all is quiet and the venue was asked, it takes one transaction after the other, of every slot.
    fn must_recover(mut self) {
        self.waiting.clear();
        for (api_key, nonce) in std::mem::take(&mut self.given_up) {
            self.venue.judge(api_key, nonce);
        }
        for (question, answer) in std::mem::take(&mut self.questions) {
            question.finish(answer);
        }
        for api_key in api_keys() {
            self.ask(api_key);
            let (question, answer) = self.questions.pop().expect("one question");
            question.finish(answer);
        }
        assert!(self.allocator.stale_slots().is_empty());
        for _ in 0..5 {
            for api_key in api_keys() {
                self.allocated(self.allocator.allocate_for(api_key, self.now));
                let mut waiting = self.waiting.pop().expect("one lease");
                assert!(self.judge(&mut waiting), "{api_key}: {} was refused", waiting.lease.nonce());
                self.answer(waiting);
            }
        }
    }
}

fn pick<T>(from: &mut Vec<T>, index: Index) -> Option<T> {
    if from.is_empty() { None } else { Some(from.remove(index.index(from.len()))) }
}

proptest! {
    #[test]
    fn whatever_happens_no_nonce_is_held_twice_and_the_client_recovers(
        mode in any_mode(),
        start in prop_oneof![Just(0), Just(1_787_850_000_000_u64)],
        events in prop::collection::vec(any_event(), 1..200),
    ) {
        let mut world = World::new(mode, start);
        for event in events {
            world.happen(event);
        }
        world.must_recover();
    }
}

/// One thing that happens where answers come in order and none is lost.
#[derive(Debug, Clone)]
enum OrderlyEvent {
    Allocate,
    AcceptLowest,
    Refuse(Index),
}

fn any_orderly_event() -> impl Strategy<Value = OrderlyEvent> {
    prop_oneof![
        3 => Just(OrderlyEvent::Allocate),
        2 => Just(OrderlyEvent::AcceptLowest),
        1 => any::<Index>().prop_map(OrderlyEvent::Refuse),
    ]
}

proptest! {
    #[test]
    fn in_order_the_lowest_free_nonce_goes_first_and_no_question_arises(
        start in prop_oneof![Just(0), 0..=Nonce::MAX.as_u64(), Nonce::MAX.as_u64() - 9..=Nonce::MAX.as_u64() + 1],
        events in prop::collection::vec(any_orderly_event(), 1..100),
    ) {
        let mut venue = NonceState::new(start).expect("a state");
        let allocator = NonceAllocator::new([(api_key(0), venue)], NonceMode::Sequential).expect("one slot");
        let mut leases: BTreeMap<u64, Lease> = BTreeMap::new();
        for event in events {
            match event {
                OrderlyEvent::Allocate => {
                    let free = (venue.as_u64()..).find(|nonce| !leases.contains_key(nonce)).expect("one is free");
                    match allocator.allocate(UnixMillis::EPOCH) {
                        Ok(lease) => {
                            prop_assert_eq!(lease.nonce().as_u64(), free);
                            leases.insert(free, lease);
                        }
                        Err(error) => {
                            prop_assert_eq!(error, AllocateError::Exhausted);
                            prop_assert!(free > Nonce::MAX.as_u64());
                        }
                    }
                }
                OrderlyEvent::AcceptLowest => {
                    // Above a nonce that was refused and is not out again, the venue would refuse.
                    if let Some(lease) = leases.remove(&venue.as_u64()) {
                        venue = venue.accept(lease.nonce(), lease.mode()).expect("the nonce that is due");
                        lease.accepted();
                    }
                }
                OrderlyEvent::Refuse(index) if !leases.is_empty() => {
                    let nonce = *leases.keys().nth(index.index(leases.len())).expect("a lease");
                    leases.remove(&nonce).expect("a lease").refused();
                }
                OrderlyEvent::Refuse(_) => {}
            }
            prop_assert!(allocator.stale_slots().is_empty());
        }
    }
}
