use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture as Boxed, join_all};
use keyward_apikey::{ApiKey, KeyDigest, KeyId, LinkDigest};
use keyward_store::{
    BadCursor, BoxFuture, Capabilities, Cursor, Durability, KeyFilter, KeyPut, KeyStore, Ledger, Page, PageRequest,
    Sharing, StoreError,
};
use tokio::join;
use tokio_postgres::Row;

use crate::attempts::Attempts;
use crate::failure::{Failed, PgFailure};
use crate::rows::{Fields, column};
use crate::session::Session;
use crate::{PostgresStore, statements as sql};

impl KeyStore for PostgresStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(Durability::Durable, Sharing::Shared, Ledger::Kept)
    }

    fn key(&self, id: KeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        Box::pin(async move {
            let row = self.read_opt(sql::KEY, &[&&id.as_bytes()[..]]).await?;
            row.as_ref().map(key_of).transpose()
        })
    }

    fn key_by_digest<'a>(&'a self, digest: &'a KeyDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(async move {
            let row = self.read_opt(sql::KEY_BY_SECRET, &[&digest.to_string()]).await?;
            row.as_ref().map(key_of).transpose()
        })
    }

    fn key_by_link<'a>(&'a self, digest: &'a LinkDigest) -> BoxFuture<'a, Result<Option<ApiKey>, StoreError>> {
        Box::pin(async move {
            let row = self.read_opt(sql::KEY_BY_LINK, &[&digest.to_string()]).await?;
            row.as_ref().map(key_of).transpose()
        })
    }

    fn keys<'a>(&'a self, filter: &'a KeyFilter, page: PageRequest) -> BoxFuture<'a, Result<Page<ApiKey>, StoreError>> {
        Box::pin(async move {
            let after = match &page.after {
                Some(cursor) => Some(cursor.as_str().parse::<KeyId>().map_err(|_| BadCursor)?),
                None => None,
            };
            // No id is before the empty bytes.
            let after = after.as_ref().map_or(&[][..], |id| &id.as_bytes()[..]);
            // One more says whether there are more.
            let limit = column(page.limit.get() as u64 + 1);
            let rows = match filter {
                KeyFilter::All => self.read(sql::KEYS, &[&after, &limit]).await,
                KeyFilter::Account(account) => {
                    self.read(sql::KEYS_OF_ACCOUNT, &[&after, &limit, &&account.as_bytes()[..]]).await
                }
                KeyFilter::Wallet(wallet) => self.read(sql::KEYS_OF_WALLET, &[&after, &limit, &wallet.as_str()]).await,
                KeyFilter::Status(status) => self.read(sql::KEYS_OF_STATUS, &[&after, &limit, &status.as_str()]).await,
                _ => Err(StoreError::Unsupported("listing of this kind")),
            }?;
            let items = rows.iter().take(page.limit.get()).map(key_of).collect::<Result<Vec<_>, _>>()?;
            let next = match items.last() {
                Some(last) if rows.len() > items.len() => Some(Cursor::new(last.id().to_string())?),
                _ => None,
            };
            Ok(Page { items, next })
        })
    }

    fn put_key<'a>(
        &'a self,
        before: Option<&'a ApiKey>,
        after: &'a ApiKey,
    ) -> BoxFuture<'a, Result<KeyPut, StoreError>> {
        Box::pin(async move {
            let record = serde_json::to_string(after).map_err(|error| StoreError::Backend(error.into()))?;
            let mut attempts = Attempts::new();
            loop {
                match self.put_once(before, after, &record, &attempts).await {
                    Ok(put) => return Ok(put),
                    Err(failed) => attempts.next(failed).await?,
                }
            }
        })
    }
}

impl PostgresStore {
    async fn put_once(
        &self,
        before: Option<&ApiKey>,
        after: &ApiKey,
        record: &str,
        attempts: &Attempts,
    ) -> Result<KeyPut, Failed> {
        let pointers = Pointers::new(before, after);
        let session = self.session(attempts.deadline()).await?;
        if pointers.are_the_same() {
            // One statement is a transaction by itself.
            return match session.within(write_key(&session, before, after, record)).await.and_then(|result| result) {
                Ok(written) => {
                    session.give_back();
                    Ok(if written == 1 { KeyPut::Written } else { KeyPut::Conflict })
                }
                Err(failure) => Err(session.fail_commit(failure)),
            };
        }
        let writes = async {
            join!(
                biased;
                session.begin(),
                write_key(&session, before, after, record),
                join_all(pointers.removals(&session)),
                join_all(pointers.additions(&session)),
            )
        };
        let put = match session.within(writes).await {
            Ok((begun, key, removed, added)) => {
                begun.and(key).and_then(|written| pointers.judge(written, removed, added))
            }
            Err(failure) => Err(failure),
        };
        match put {
            Ok(KeyPut::Written) => match session.within(session.commit()).await.and_then(|result| result) {
                Ok(()) => {
                    session.give_back();
                    Ok(KeyPut::Written)
                }
                Err(failure) => Err(session.fail_commit(failure)),
            },
            Ok(refused) => {
                session.roll_back();
                Ok(refused)
            }
            Err(failure) => Err(session.fail_in_transaction(failure)),
        }
    }
}

/// Writes the record under the condition; how many rows it has written says whether that was met.
async fn write_key(session: &Session, before: Option<&ApiKey>, after: &ApiKey, record: &str) -> Result<u64, PgFailure> {
    let (id, account, status) = (after.id(), after.account(), after.status().as_str());
    let [id, account] = [&id.as_bytes()[..], &account.as_bytes()[..]];
    let revision = column(after.revision().as_u64());
    match before.map(|before| column(before.revision().as_u64())) {
        None => session.execute(sql::INSERT_KEY, &[&id, &account, &status, &revision, &record]).await,
        Some(before) => session.execute(sql::UPDATE_KEY, &[&id, &account, &status, &revision, &record, &before]).await,
    }
}

/// What leads to a key, before a write and after it. The store has those of the record before if it has its revision.
struct Pointers<'a> {
    id: KeyId,
    secrets: [BTreeSet<String>; 2],
    links: [BTreeSet<String>; 2],
    wallets: [BTreeSet<&'a str>; 2],
}

impl<'a> Pointers<'a> {
    fn new(before: Option<&'a ApiKey>, after: &'a ApiKey) -> Self {
        // In their order, so that two who want the same ones do not wait for each other in a circle.
        let both = [before, Some(after)];
        Self {
            id: after.id(),
            secrets: both.map(|key| key.into_iter().flat_map(ApiKey::digests).map(KeyDigest::to_string).collect()),
            links: both
                .map(|key| key.and_then(ApiKey::link).map(|link| link.digest().to_string()).into_iter().collect()),
            wallets: both.map(|key| key.into_iter().flat_map(ApiKey::wallets).map(|it| it.address.as_str()).collect()),
        }
    }

    fn are_the_same(&self) -> bool {
        let Self { id: _, secrets, links, wallets } = self;
        secrets[0] == secrets[1] && links[0] == links[1] && wallets[0] == wallets[1]
    }

    fn removals<'s>(&'s self, session: &'s Session) -> Vec<Boxed<'s, Result<u64, PgFailure>>> {
        let Self { id: _, secrets, links, wallets } = self;
        let secrets = secrets[0].difference(&secrets[1]).map(|it| (sql::REMOVE_SECRET, it.as_str()));
        let links = links[0].difference(&links[1]).map(|it| (sql::REMOVE_LINK, it.as_str()));
        let wallets = wallets[0].difference(&wallets[1]).map(|it| (sql::REMOVE_WALLET, *it));
        self.statements(session, secrets.chain(links).chain(wallets))
    }

    /// Secrets, then links, then wallets.
    fn additions<'s>(&'s self, session: &'s Session) -> Vec<Boxed<'s, Result<u64, PgFailure>>> {
        let secrets = self.new_secrets().map(|it| (sql::ADD_SECRET, it.as_str()));
        let links = self.new_links().map(|it| (sql::ADD_LINK, it.as_str()));
        let wallets = self.wallets[1].difference(&self.wallets[0]).map(|it| (sql::ADD_WALLET, *it));
        self.statements(session, secrets.chain(links).chain(wallets))
    }

    fn new_secrets(&self) -> impl Iterator<Item = &String> {
        self.secrets[1].difference(&self.secrets[0])
    }

    fn new_links(&self) -> impl Iterator<Item = &String> {
        self.links[1].difference(&self.links[0])
    }

    fn statements<'s>(
        &'s self,
        session: &'s Session,
        pointers: impl Iterator<Item = (&'static str, &'s str)>,
    ) -> Vec<Boxed<'s, Result<u64, PgFailure>>> {
        let statement =
            |(sql, pointer)| async move { session.execute(sql, &[&pointer, &&self.id.as_bytes()[..]]).await }.boxed();
        pointers.map(statement).collect()
    }

    /// What became of a write, from how many rows each of its statements has changed.
    fn judge(
        &self,
        written: u64,
        removed: Vec<Result<u64, PgFailure>>,
        added: Vec<Result<u64, PgFailure>>,
    ) -> Result<KeyPut, PgFailure> {
        removed.into_iter().collect::<Result<Vec<_>, _>>()?;
        let added = added.into_iter().collect::<Result<Vec<_>, _>>()?;
        if written != 1 {
            return Ok(KeyPut::Conflict);
        }
        let (secrets, links) = (self.new_secrets().count(), self.new_links().count());
        let is_taken = |added: &&u64| **added != 1;
        if added.iter().take(secrets).any(|it| is_taken(&it)) {
            Ok(KeyPut::SecretTaken)
        } else if added.iter().skip(secrets).take(links).any(|it| is_taken(&it)) {
            Ok(KeyPut::LinkTaken)
        } else {
            Ok(KeyPut::Written)
        }
    }
}

fn key_of(row: &Row) -> Result<ApiKey, StoreError> {
    Fields::new("key", row).json("record")
}
