//! The way to the servers of a cluster. Every request of this store is for one slot, so all there is to do is to find the
//! server that has it, and to find it again when it has gone elsewhere.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use redis::Value;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::fault::Fault;
use crate::server::{Entry, Failure, Greeting, Request, Server};
use crate::slots::{Endpoint, Range, SLOTS, parse_slots};

/// How long a request looks for the server that takes it: redirections and fail-overs included, its answer not.
const PATIENCE: Duration = Duration::from_secs(8);
/// The pauses in between, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));
/// How many redirections are followed without a pause.
const PROMPT: u32 = 4;
/// How long others may take to say who has what once one has.
const GRACE: Duration = Duration::from_secs(1);

pub(crate) struct Cluster {
    greeting: Arc<Greeting>,
    /// The servers that the URL names.
    named: Vec<Arc<Server>>,
    map: RwLock<Map>,
    /// When the servers were last asked who has what.
    looked: Mutex<Option<Instant>>,
}

/// Who has which slot.
struct Map {
    servers: Vec<Arc<Server>>,
    /// For each slot an index of `servers`.
    owners: Vec<Option<usize>>,
}

impl Cluster {
    pub(crate) async fn open(
        endpoints: impl Iterator<Item = Endpoint>,
        greeting: Arc<Greeting>,
    ) -> Result<Self, Fault> {
        let named = endpoints.map(|endpoint| Arc::new(Server::new(endpoint, greeting.clone()))).collect();
        let map = RwLock::new(Map { servers: Vec::new(), owners: vec![None; SLOTS.into()] });
        let cluster = Self { greeting, named, map, looked: Mutex::default() };
        cluster.look(Instant::now()).await?;
        Ok(cluster)
    }

    /// Sends a request to the server that has the slot. It is sent to another one, or again, only if one has said that it did
    /// nothing.
    pub(crate) async fn answer(&self, request: Request<'_>, slot: u16) -> Result<Value, Fault> {
        let deadline = Instant::now() + PATIENCE;
        let mut redirected = None;
        let mut redirections = 0;
        let mut pause = PAUSES.0;
        let mut fault = Fault::Busy("no server has the slot".to_owned());
        loop {
            let since = Instant::now();
            if since >= deadline {
                return Err(fault);
            }
            if let Some((server, entry)) = redirected.take().or_else(|| Some((self.owner(slot)?, Entry::Owner))) {
                fault = match server.answer(request, entry, deadline - since).await {
                    Ok(answer) => return Ok(answer),
                    Err(Failure::Elsewhere(endpoint, entry)) => {
                        redirected = Some((self.learn(slot, endpoint, entry), entry));
                        redirections += 1;
                        Fault::Busy("MOVED".to_owned())
                    }
                    Err(Failure::Fault(fault @ (Fault::Busy(_) | Fault::NotConnected(_)))) => fault,
                    Err(Failure::Fault(fault)) => return Err(fault),
                };
            }
            if redirected.is_some() && redirections <= PROMPT {
                continue;
            }
            if redirected.is_none() {
                // If nobody can tell, what was known is as good as anything.
                let _ = timeout_at(deadline, self.look(since)).await;
            }
            sleep_until(deadline.min(Instant::now() + pause)).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// The servers that have slots, as they say now.
    pub(crate) async fn masters(&self) -> Result<Vec<Arc<Server>>, Fault> {
        self.look(Instant::now()).await?;
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let mut owners: Vec<usize> = map.owners.iter().copied().flatten().collect();
        owners.sort_unstable();
        owners.dedup();
        Ok(owners.into_iter().map(|index| map.servers[index].clone()).collect())
    }

    fn owner(&self, slot: u16) -> Option<Arc<Server>> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        map.owners[usize::from(slot)].map(|index| map.servers[index].clone())
    }

    /// Keeps what a redirection says, and brings the server that it leads to.
    fn learn(&self, slot: u16, endpoint: Endpoint, entry: Entry) -> Arc<Server> {
        let server = self.server_at(endpoint);
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let index = map.index_of(&server);
        if entry == Entry::Owner {
            map.owners[usize::from(slot)] = Some(index);
        }
        map.servers[index].clone()
    }

    /// The connection to a server, the one that there is if there is one.
    fn server_at(&self, endpoint: Endpoint) -> Arc<Server> {
        let found = self.known().into_iter().find(|server| server.endpoint == endpoint);
        found.unwrap_or_else(|| Arc::new(Server::new(endpoint, self.greeting.clone())))
    }

    /// All servers that there are or were, each once.
    fn known(&self) -> Vec<Arc<Server>> {
        let mut known = self.map.read().unwrap_or_else(PoisonError::into_inner).servers.clone();
        for server in &self.named {
            if known.iter().all(|other| other.endpoint != server.endpoint) {
                known.push(server.clone());
            }
        }
        known
    }

    /// Asks the servers who has what, unless somebody has done so since.
    async fn look(&self, since: Instant) -> Result<(), Fault> {
        let mut looked = self.looked.lock().await;
        if looked.is_some_and(|at| at > since) {
            return Ok(());
        }
        let view = self.view().await;
        *looked = Some(Instant::now());
        let mut map = Map { servers: Vec::new(), owners: vec![None; SLOTS.into()] };
        for Range { first, last, master } in view? {
            let index = map.index_of(&self.server_at(master));
            map.owners[usize::from(first)..=usize::from(last)].fill(Some(index));
        }
        *self.map.write().unwrap_or_else(PoisonError::into_inner) = map;
        Ok(())
    }

    /// Who has what as most servers see it: one that is cut off from the others may not know that it has lost its slots.
    async fn view(&self) -> Result<Vec<Range>, Fault> {
        let known = self.known();
        let majority = known.len() / 2 + 1;
        let mut asked: FuturesUnordered<_> = known.iter().map(|server| view_of(server)).collect();
        let mut views: Vec<(usize, Vec<Range>)> = Vec::new();
        let mut failed = None;
        let mut end = Instant::now() + PATIENCE;
        while let Ok(Some(answer)) = timeout_at(end, asked.next()).await {
            match answer {
                Err(fault) => failed = failed.or(Some(fault)),
                Ok(view) => {
                    end = end.min(Instant::now() + GRACE);
                    let at = views.iter().position(|(_, other)| *other == view).unwrap_or_else(|| {
                        views.push((0, view));
                        views.len() - 1
                    });
                    views[at].0 += 1;
                    if views[at].0 >= majority {
                        break;
                    }
                }
            }
        }
        match views.into_iter().max_by_key(|(votes, _)| *votes) {
            Some((_, view)) => Ok(view),
            None => Err(failed.unwrap_or_else(|| Fault::NotConnected("no server answers in time".to_owned()))),
        }
    }
}

impl Map {
    fn index_of(&mut self, server: &Arc<Server>) -> usize {
        self.servers.iter().position(|other| other.endpoint == server.endpoint).unwrap_or_else(|| {
            self.servers.push(server.clone());
            self.servers.len() - 1
        })
    }
}

async fn view_of(server: &Server) -> Result<Vec<Range>, Fault> {
    let mut slots = redis::cmd("CLUSTER");
    slots.arg("SLOTS");
    let answer: Value = server.query(&slots).await?;
    parse_slots(&answer, &server.endpoint).ok_or_else(|| Fault::Lost("its map of the slots is unreadable".to_owned()))
}
