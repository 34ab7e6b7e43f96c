use keyward_ledger::OperationId;
use keyward_store::{
    BoxFuture, CounterId, CounterStore, Hit, HitMode, LeaseAnswer, StoreError, Window, WindowLimit, count_hit,
};
use keyward_time::UnixMillis;
use tokio::join;

use crate::attempts::Attempts;
use crate::failure::Failed;
use crate::rows::{Fields, instant_column};
use crate::session::Session;
use crate::{PostgresStore, statements as sql};

const RECORD: &str = "counter";

impl CounterStore for PostgresStore {
    fn hit<'a>(
        &'a self,
        counter: &'a CounterId,
        limit: WindowLimit,
        cost: u64,
        mode: HitMode,
        now: UnixMillis,
    ) -> BoxFuture<'a, Result<Hit, StoreError>> {
        Box::pin(self.change(counter, move |counter: &mut Counter| {
            let (window, hit) = count_hit(counter.window, limit, cost, mode, now);
            counter.window = Some(window);
            hit
        }))
    }

    fn acquire_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> BoxFuture<'a, Result<LeaseAnswer, StoreError>> {
        Box::pin(self.change(counter, move |counter: &mut Counter| {
            let leases = &mut counter.leases;
            leases.retain(|held| now < held.expires_at);
            if let Some(held) = leases.iter_mut().find(|held| held.id == lease) {
                held.expires_at = expires_at;
            } else if (leases.len() as u64) < limit {
                leases.push(Lease { id: lease, expires_at });
            } else {
                let next_expiry = leases.iter().map(|held| held.expires_at).min().unwrap_or(now);
                return LeaseAnswer::Full { next_expiry };
            }
            LeaseAnswer::Held { held: leases.len() as u64 }
        }))
    }

    fn release_lease<'a>(
        &'a self,
        counter: &'a CounterId,
        lease: OperationId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.change(counter, move |counter: &mut Counter| counter.leases.retain(|held| held.id != lease)))
    }
}

impl PostgresStore {
    /// Changes a counter under its lock.
    async fn change<T>(&self, id: &CounterId, change: impl Fn(&mut Counter) -> T) -> Result<T, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            match self.change_once(id, &change, &attempts).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => attempts.next(failed).await?,
            }
        }
    }

    async fn change_once<T>(
        &self,
        id: &CounterId,
        change: impl Fn(&mut Counter) -> T,
        attempts: &Attempts,
    ) -> Result<T, Failed> {
        let session = self.session(attempts.deadline()).await?;
        let (key, name) = (&id.key.as_bytes()[..], id.name.as_str());
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&key, &name];
        let read = async { join!(biased; session.begin(), session.query_opt(sql::LOCK_COUNTER, &values)) };
        let found = match session.within(read).await.and_then(|(begun, found)| begun.and(found)) {
            Ok(found) => found,
            Err(failure) => return Err(session.fail_in_transaction(failure)),
        };
        let before = match found.as_ref().map(|row| Counter::read(&Fields::new(RECORD, row))).transpose() {
            Ok(before) => before,
            Err(error) => {
                session.roll_back();
                return Err(error.into());
            }
        };
        let mut after = before.clone().unwrap_or_default();
        let answer = change(&mut after);
        if after == before.clone().unwrap_or_default() {
            session.roll_back();
            return Ok(answer);
        }
        // Two that make the same counter: the second one fails, and finds it when it tries again.
        let statement = if before.is_none() { sql::INSERT_COUNTER } else { sql::UPDATE_COUNTER };
        let writes = async { join!(biased; after.write(&session, statement, id), session.commit()) };
        match session.within(writes).await {
            Ok((written, commit)) => session.close([written], commit).map(|()| answer),
            Err(failure) => Err(session.fail_commit(failure)),
        }
    }
}

/// What a table has of a counter.
#[derive(Clone, Default, PartialEq, Eq)]
struct Counter {
    window: Option<Window>,
    leases: Vec<Lease>,
}

#[derive(Clone, PartialEq, Eq)]
struct Lease {
    id: OperationId,
    expires_at: UnixMillis,
}

/// Bytes of the id of a lease and of its expiry, in milliseconds, big-endian.
const LEASE_PARTS: (usize, usize) = (16, 8);

impl Counter {
    fn read(fields: &Fields<'_>) -> Result<Self, StoreError> {
        // Any 64 bits; the column has them with a sign.
        let used = fields.signed("used")?.cast_unsigned();
        let window = fields.optional_instant("window_start")?.map(|start| Window { start, used });
        let bytes = fields.all_bytes("leases")?;
        let leases = bytes.chunks(LEASE_PARTS.0 + LEASE_PARTS.1).map(Lease::read);
        let leases = leases.collect::<Option<_>>().ok_or_else(|| fields.corrupt("leases"))?;
        Ok(Self { window, leases })
    }

    async fn write(
        &self,
        session: &Session,
        statement: &'static str,
        id: &CounterId,
    ) -> Result<u64, crate::failure::PgFailure> {
        let start = self.window.map(|window| instant_column(window.start));
        let used = self.window.map_or(0, |window| window.used).cast_signed();
        let leases: Vec<u8> = self.leases.iter().flat_map(Lease::to_bytes).collect();
        let (key, name) = (&id.key.as_bytes()[..], id.name.as_str());
        session.execute(statement, &[&key, &name, &start, &used, &leases]).await
    }
}

impl Lease {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (id, expires_at) = bytes.split_at_checked(LEASE_PARTS.0)?;
        let expires_at = UnixMillis::new(u64::from_be_bytes(expires_at.try_into().ok()?)).ok()?;
        Some(Self { id: OperationId::from_bytes(id.try_into().ok()?), expires_at })
    }

    fn to_bytes(&self) -> impl Iterator<Item = u8> {
        self.id.as_bytes().iter().copied().chain(self.expires_at.as_millis().to_be_bytes())
    }
}
